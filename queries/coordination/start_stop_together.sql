-- title: Accounts that start and stop together
-- question: Which accounts have their first request within the same short time as others, and their last as well?
-- why: Accounts that one operator set up come to life together and fall silent together.
-- innocent: A class, a launch or a team that is enrolled on one day: they start together but fade one by one.
-- innocent: The edges of the log: whoever was active before or after it seems to start or stop with it, so accounts at
--   either edge are left out.
-- needs: account
-- chart: scatter x=first_seen y=last_seen
-- entity: account account
SET VARIABLE window_hours = 12;  -- integer: how near the first (and the last) requests must be
SET VARIABLE min_accounts = 5;  -- integer: how many accounts make a cohort
SET VARIABLE edge_hours = 24;  -- integer: how near to the log's edges nothing is concluded
SET VARIABLE min_requests = 5;  -- integer: accounts with fewer requests show no life

WITH life AS (
    SELECT account, first AS first_seen, last AS last_seen, requests, organization FROM account
    WHERE requests >= getvariable('min_requests')
), edge AS (
    SELECT min(ts) + to_hours(getvariable('edge_hours')) AS opening, max(ts) - to_hours(getvariable('edge_hours')) AS closing
    FROM event WHERE account IS NOT NULL
), cell AS (  -- a grid of half a window: neighbours on it are within one window
    SELECT account, first_seen, last_seen, requests, organization,
        (epoch(first_seen) // (1800 * getvariable('window_hours')))::BIGINT AS starts,
        (epoch(last_seen) // (1800 * getvariable('window_hours')))::BIGINT AS stops
    FROM life, edge WHERE first_seen > opening AND last_seen < closing
), full_cell AS (
    SELECT starts, stops, count(*) AS n FROM cell GROUP BY starts, stops
), near AS (
    SELECT a.starts, a.stops, sum(b.n)::BIGINT AS accounts
    FROM full_cell AS a, (SELECT unnest([-1, 0, 1]) AS i), (SELECT unnest([-1, 0, 1]) AS j), full_cell AS b
    WHERE b.starts = a.starts + i AND b.stops = a.stops + j
    GROUP BY a.starts, a.stops
)
SELECT account, accounts AS with_it, requests, first_seen, last_seen, organization
FROM cell JOIN near USING (starts, stops)
WHERE accounts >= getvariable('min_accounts')
ORDER BY accounts DESC, first_seen, account;
