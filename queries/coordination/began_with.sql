-- title: Accounts that began or ended with one
-- question: Which accounts sent their first, or their last, request within hours of one account's?
-- why: Accounts that one operator set up come to life together, and fall silent together when they are found out.
-- innocent: A class, a launch or a team enrolled on one day begins together; a deadline ends many at once.
-- innocent: Near the edges of the log everybody seems to begin or end together: such starts and ends are left empty.
-- needs: account
-- chart: scatter x=begins_apart_hours y=ends_apart_hours
-- entity: account account
SET VARIABLE account = (SELECT account FROM event WHERE account IS NOT NULL GROUP BY account ORDER BY count(*) DESC, account LIMIT 1);  -- text: the account that the others are compared with; empty for the one that asks most
SET VARIABLE window_hours = 8;  -- number: how near the first, or the last, requests must be
SET VARIABLE edge_hours = 24;  -- number: how near to the log's edges nothing is concluded
SET VARIABLE top = 500;  -- integer: how many to list, those that share both ends first

WITH edge AS (
    SELECT min(ts) + to_seconds((3600 * getvariable('edge_hours'))::BIGINT) AS opening, max(ts) - to_seconds((3600 * getvariable('edge_hours'))::BIGINT) AS closing
    FROM event WHERE account IS NOT NULL
), life AS (
    SELECT account, requests, organization, first AS first_seen, last AS last_seen, CASE WHEN first > opening THEN first END AS began, CASE WHEN last < closing THEN last END AS ended
    FROM account, edge
), mine AS (
    SELECT began AS my_began, ended AS my_ended FROM life WHERE account = getvariable('account')
), apart AS (
    SELECT account, requests, organization, first_seen, last_seen, round(epoch(began - my_began) / 3600, 1) AS begins_apart_hours, round(epoch(ended - my_ended) / 3600, 1) AS ends_apart_hours
    FROM life, mine WHERE account <> getvariable('account')
)
SELECT account, begins_apart_hours, ends_apart_hours, requests, first_seen, last_seen, organization
FROM apart
WHERE abs(begins_apart_hours) < getvariable('window_hours') OR abs(ends_apart_hours) < getvariable('window_hours')
ORDER BY (abs(begins_apart_hours) < getvariable('window_hours')) AND (abs(ends_apart_hours) < getvariable('window_hours')) DESC NULLS LAST,
    least(abs(begins_apart_hours), abs(ends_apart_hours)), account
LIMIT getvariable('top');
