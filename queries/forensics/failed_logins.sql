-- title: Failed logins by address
-- question: Which addresses fail to sign in most often, how fast, and did any of them succeed afterwards?
-- why: A burst of failures is guessing; a success after it is a break-in until shown otherwise.
-- innocent: A script with an old password fails steadily, for one user; a person mistypes a few times and then succeeds.
-- needs: client_ip, outcome | status
-- chart: bar x=client_ip y=failures
-- entity: address client_ip
SET VARIABLE min_failures = 10;  -- integer: from how many failures on

-- sshd writes up to four lines about one attempt; the kind of line that an address has most of is what is counted.
WITH attempt AS (
    SELECT client_ip, ts, host, coalesce(regexp_extract(message, '^\w+ \w+'), 'http') AS line_kind,
        status = 401 OR (status IS NULL AND outcome = 'failure') AS failed, (status IS NULL AND outcome = 'success') AS succeeded,
        coalesce(account, regexp_extract(message, '(?:user|for)(?: invalid user)? (\S+)(?: from|$)', 1)) AS name
    FROM event
    WHERE client_ip IS NOT NULL AND (status = 401 OR (process LIKE 'sshd%' AND outcome IN ('failure', 'success')))
)
SELECT client_ip, max(of_kind) AS failures,
    coalesce(max(ts) FILTER (succeeded) > min(ts) FILTER (failed), false) AS succeeded_afterwards,
    count(*) FILTER (succeeded) AS successes, count(DISTINCT name) FILTER (failed AND name <> '') AS names_tried,
    round(max(of_kind) / greatest(epoch(max(ts) FILTER (failed) - min(ts) FILTER (failed)) / 60, 1), 1) AS per_minute,
    min(ts) FILTER (failed) AS first_failure, max(ts) FILTER (failed) AS last_failure, any_value(host) AS host
FROM (SELECT *, count(*) FILTER (failed) OVER (PARTITION BY client_ip, line_kind) AS of_kind FROM attempt)
GROUP BY client_ip
HAVING max(of_kind) >= getvariable('min_failures')
ORDER BY succeeded_afterwards DESC, failures DESC, client_ip;
