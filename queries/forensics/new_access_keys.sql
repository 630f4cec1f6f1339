-- title: New access keys, users and rights
-- question: Who made access keys, users, login profiles or policies, for whom, from where, and was it allowed?
-- why: A thief makes a key or a user of his own to stay; an event of this kind should have a ticket.
-- innocent: An administrator at work, a deployment that makes its own roles: known identity, known address, by day.
-- needs: operation
-- chart: bar x=operation y=nth
-- entity: event event_id
SET VARIABLE pattern = '^(CreateAccessKey|CreateUser|CreateLoginProfile|UpdateLoginProfile|CreateRole|AttachUserPolicy|AttachRolePolicy|PutUserPolicy|PutRolePolicy|AddUserToGroup|UpdateAssumeRolePolicy|CreateServiceSpecificCredential|CreateVirtualMFADevice|DeactivateMFADevice|DeleteTrail|StopLogging|UpdateTrail|PutEventSelectors|DeleteFlowLogs|GetFederationToken|CreateApiKey|CreateServiceAccountKey)$';  -- text: what counts (a regular expression)

WITH counts AS (
    SELECT operation FROM event WHERE operation IS NOT NULL GROUP BY operation
    HAVING regexp_matches(operation, getvariable('pattern'))
)
SELECT event_id, ts, operation, account, coalesce(error, 'allowed') AS result, client_ip,
    coalesce(extra ->> '$.requestParameters.userName', extra ->> '$.requestParameters.roleName', extra ->> '$.requestParameters.name') AS object,
    row_number() OVER (PARTITION BY operation ORDER BY ts, event_id) AS nth, user_agent
FROM event
WHERE operation IN (SELECT operation FROM counts)
ORDER BY ts, event_id
LIMIT 10000;
