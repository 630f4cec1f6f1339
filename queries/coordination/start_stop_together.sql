-- title: Accounts that start and stop together
-- question: Which accounts have their first request within the same short time as others, and their last as well?
-- why: Accounts that one operator set up come to life together and fall silent together.
-- innocent: A class, a launch or a team that is enrolled on one day: they start together but fade one by one.
-- innocent: The edges of the log: whoever was active before or after it seems to start or stop with it, so accounts at
--   either edge are left out.
-- needs: account
-- chart: bar x=cohort y=accounts
-- entity: account account
SET VARIABLE window_hours = 6;  -- integer: how near the first (and the last) requests must be
SET VARIABLE min_accounts = 5;  -- integer: how many accounts make a cohort
SET VARIABLE edge_hours = 24;  -- integer: how near to the log's edges nothing is concluded

WITH life AS (
    SELECT account, min(ts) AS first_seen, max(ts) AS last_seen, count(*) AS requests
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account HAVING count(*) >= 5
), edge AS (
    SELECT min(ts) + to_hours(getvariable('edge_hours')) AS opening, max(ts) - to_hours(getvariable('edge_hours')) AS closing FROM event
), inner_life AS (
    SELECT life.* FROM life, edge WHERE first_seen > opening AND last_seen < closing
), near AS (
    SELECT a.account, any_value(a.first_seen) AS first_seen, any_value(a.last_seen) AS last_seen,
        any_value(a.requests) AS requests, count(*) AS accounts
    FROM inner_life AS a JOIN inner_life AS b
        ON b.first_seen BETWEEN a.first_seen - to_hours(getvariable('window_hours')) AND a.first_seen + to_hours(getvariable('window_hours'))
        AND b.last_seen BETWEEN a.last_seen - to_hours(getvariable('window_hours')) AND a.last_seen + to_hours(getvariable('window_hours'))
    GROUP BY a.account
)
SELECT account, strftime(first_seen, '%m-%d') || ' to ' || strftime(last_seen, '%m-%d') AS cohort, accounts,
    requests, first_seen, last_seen
FROM near WHERE accounts >= getvariable('min_accounts')
ORDER BY accounts DESC, first_seen, account;
