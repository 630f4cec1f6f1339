-- title: Error bursts
-- question: In which minutes was the share of errors far above what is usual here?
-- why: A burst of errors is an outage, an attack or somebody running into a limit, and dates other findings.
-- innocent: A deployment or an outage of the service itself hits many clients at once.
-- needs: ts, status | outcome
-- chart: line x=minute y=errors
SET VARIABLE min_errors = 10;  -- integer: errors in a minute at least
SET VARIABLE times_usual = 5;  -- number: how many times the usual number of errors

WITH minute AS (
    SELECT date_trunc('minute', ts) AS minute, count(*) AS requests, count(DISTINCT client_ip) AS addresses,
        count(*) FILTER (coalesce(status >= 400, outcome IN ('failure', 'refused', 'limited'), false)) AS errors
    FROM event WHERE ts IS NOT NULL GROUP BY 1
)
SELECT minute, errors, requests, round(100.0 * errors / requests, 1) AS error_percent, addresses,
    round(errors / greatest(avg(errors) OVER (), 0.01), 1) AS times_usual
FROM minute
QUALIFY errors >= getvariable('min_errors') AND errors / greatest(avg(errors) OVER (), 0.01) >= getvariable('times_usual')
ORDER BY minute;
