-- title: Reconnaissance in the cloud
-- question: Which identities list and describe many different things in a short time, and how often were they denied?
-- why: Whoever holds a stolen key first looks around: many different read calls within minutes, many of them denied.
-- innocent: An inventory, audit or cost tool does the same on a schedule, with one known client; the console asks much at sign-in.
-- needs: account, operation, ts
-- chart: scatter x=different_calls y=denied
-- entity: account account
SET VARIABLE minutes = 60;  -- integer: length of a stretch
SET VARIABLE min_calls = 10;  -- integer: different reading calls within one stretch
SET VARIABLE pattern = '^(Describe|List|Get|Lookup|Search|Head|Simulate|BatchGet)';  -- text: what counts as reading (a regular expression)

WITH call AS (
    SELECT account, time_bucket(to_minutes(getvariable('minutes')), ts) AS slot, operation, host, count(*) AS n,
        count(*) FILTER (regexp_matches(error, 'Denied|Unauthorized|Forbidden')) AS denied, any_value(client_ip) AS client_ip,
        any_value(user_agent) AS user_agent
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL AND regexp_matches(operation, getvariable('pattern')) GROUP BY ALL
), stretch AS (
    SELECT account, slot, count(*) AS different, sum(n)::BIGINT AS calls, sum(denied)::BIGINT AS denied, count(DISTINCT host) AS services,
        any_value(client_ip) AS client_ip, any_value(user_agent) AS user_agent
    FROM call GROUP BY account, slot HAVING count(*) >= getvariable('min_calls')
)
SELECT account, max(different) AS different_calls, sum(denied)::BIGINT AS denied, max(services) AS services, sum(calls)::BIGINT AS calls,
    count(*) AS stretches, min(slot) AS first_seen, max(slot) AS last_seen, any_value(client_ip) AS client_ip, any_value(user_agent) AS user_agent
FROM stretch
GROUP BY account
ORDER BY different_calls DESC, denied DESC, account;
