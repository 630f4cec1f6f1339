-- title: Accounts active in the same hours as one
-- question: Which accounts were active in the same hours as one account, more often than the habits of both by hour of the week explain?
-- why: Accounts fed from one queue are busy and idle together; this shows it also where each of them asks seldom.
-- innocent: Members of one organisation who meet, a class in its lessons, a release or an outage that everybody reacts to.
-- innocent: Jobs that run by the clock keep the same hours every week: their habits explain that, so they are not listed for it.
-- needs: account, ts
-- chart: scatter x=expected_hours y=common_hours
-- entity: account account
SET VARIABLE account = (SELECT account FROM event WHERE account IS NOT NULL GROUP BY account ORDER BY count(*) DESC, account LIMIT 1);  -- text: the account that the others are compared with; empty for the one that asks most
SET VARIABLE min_common = 3;  -- integer: fewer common hours show nothing
SET VARIABLE min_steps = 2;  -- number: how many standard deviations (of a count that comes by chance) above the expected
SET VARIABLE top = 100;  -- integer: how many to list, the farthest above the expected first

-- Expected are the common hours of two accounts that keep their habits by hour of the week independently of each other.
WITH active AS (
    SELECT account, epoch(ts)::BIGINT // 3600 AS hour, count(*) AS requests FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account, hour
), life AS (
    SELECT account, min(hour) AS first_hour, max(hour) AS last_hour, count(*) AS active_hours, sum(requests)::BIGINT AS requests FROM active GROUP BY account
), mine AS (
    SELECT hour, first_hour, last_hour FROM active JOIN life USING (account) WHERE account = getvariable('account')
), common AS (
    SELECT account, count(*) AS common_hours FROM active JOIN mine USING (hour) WHERE account <> getvariable('account') GROUP BY account
), habit AS (
    SELECT account, hour % 168 AS slot, count(*) AS n FROM active WHERE account IN (SELECT account FROM common) OR account = getvariable('account') GROUP BY account, slot
), shared_habit AS (
    SELECT h.account, sum(h.n * m.n) AS product FROM habit AS h JOIN habit AS m USING (slot) WHERE m.account = getvariable('account') GROUP BY h.account
), compared AS (
    SELECT account, common_hours, active_hours, requests,
        product * greatest(1, (least(last_hour, my_last) - greatest(first_hour, my_first)) / 168)
            / greatest(1, (last_hour - first_hour) / 168) / greatest(1, (my_last - my_first) / 168) AS expected
    FROM common JOIN shared_habit USING (account) JOIN life USING (account), (SELECT min(first_hour) AS my_first, max(last_hour) AS my_last FROM mine)
)
SELECT account, common_hours, round(expected, 1) AS expected_hours, round(common_hours / greatest(expected, 1), 1) AS times,
    round((common_hours - expected) / sqrt(expected + 1), 1) AS steps, active_hours, requests
FROM compared
WHERE common_hours >= getvariable('min_common') AND (common_hours - expected) / sqrt(expected + 1) >= getvariable('min_steps')
ORDER BY steps DESC, account
LIMIT getvariable('top');
