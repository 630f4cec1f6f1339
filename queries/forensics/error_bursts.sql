-- title: Error bursts
-- question: In which minutes were there far more errors than usual, and do they come from one client or from many?
-- why: A burst of errors is an outage, an attack or somebody running into a limit, and dates other findings.
-- innocent: A deployment or an outage of the service itself hits many clients at once.
-- needs: ts, status | outcome | error
-- chart: line x=minute y=errors
SET VARIABLE min_errors = 10;  -- integer: errors in a minute at least
SET VARIABLE times_usual = 5;  -- number: how many times the mean over all minutes of the log

WITH minute AS (
    SELECT date_trunc('minute', ts) AS minute, count(*) AS requests, count(*) FILTER (failed) AS errors,
        approx_count_distinct(client_ip) FILTER (failed) AS clients, mode(coalesce(status::VARCHAR, outcome, error)) FILTER (failed) AS commonest
    FROM (SELECT ts, client_ip, status, outcome, error,
            coalesce(status >= 400, false) OR error IS NOT NULL OR coalesce(outcome IN ('failure', 'refused', 'limited'), false) AS failed
        FROM event WHERE ts IS NOT NULL)
    GROUP BY 1
), usual AS (
    SELECT sum(errors) / greatest(1, 1 + epoch(max(minute) - min(minute)) / 60) AS usual FROM minute
)
SELECT minute, errors, round(100.0 * errors / requests, 1) AS error_percent, clients AS clients_about, commonest, requests,
    round(errors / greatest(usual, 0.01), 1) AS times_usual
FROM minute, usual
WHERE errors >= getvariable('min_errors') AND errors >= getvariable('times_usual') * usual
ORDER BY minute;
