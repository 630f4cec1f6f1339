-- title: Failed logins by address
-- question: Which addresses fail to sign in most often, how fast, and did any of them succeed afterwards?
-- why: A burst of failures is guessing; a success after it is a break-in until shown otherwise.
-- innocent: A script with an old password fails steadily for one user; a person mistypes a few times and then succeeds.
-- needs: client_ip, outcome | status
-- chart: bar x=client_ip y=failures
-- entity: address client_ip
SET VARIABLE min_failures = 10;  -- integer: from how many failures on

SELECT client_ip, count(*) FILTER (failed) AS failures, count(*) FILTER (succeeded) AS successes,
    min(ts) FILTER (failed) AS first_failure, max(ts) FILTER (failed) AS last_failure,
    round(count(*) FILTER (failed) / greatest(epoch(max(ts) FILTER (failed) - min(ts) FILTER (failed)) / 60, 1), 1) AS per_minute,
    min(ts) FILTER (succeeded) > min(ts) FILTER (failed) AS succeeded_afterwards,
    any_value(host) AS host
FROM (
    SELECT *, (status IS NULL AND outcome = 'failure') OR status = 401 AS failed,
        (status IS NULL AND outcome = 'success') AS succeeded
    FROM event WHERE client_ip IS NOT NULL AND (status = 401 OR (process LIKE 'sshd%' AND outcome IS NOT NULL))
)
GROUP BY client_ip
HAVING count(*) FILTER (failed) >= getvariable('min_failures')
ORDER BY failures DESC, client_ip;
