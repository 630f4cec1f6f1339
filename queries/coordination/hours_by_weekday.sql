-- title: Hours by weekday
-- question: At which hours of which weekdays is there traffic, overall or of one entity?
-- why: The week of people has nights and weekends; the week of a harvesting machine has none, or starts on command.
-- innocent: Users all over the world fill the night too.
-- needs: ts
-- chart: heatmap x=hour y=weekday value=requests
SET VARIABLE entity = '';  -- text: one account, key or client; empty for all

WITH counted AS (
    SELECT isodow(ts) AS day, hour(ts) AS hour, count(*) AS requests FROM event
    WHERE ts IS NOT NULL AND (getvariable('entity') = '' OR entity = getvariable('entity'))
    GROUP BY isodow(ts), hour(ts)
), week AS (
    SELECT days.i AS day, hours.i AS hour FROM range(1, 8) AS days(i), range(24) AS hours(i)
)
SELECT ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][day] AS weekday, hour, coalesce(requests, 0) AS requests
FROM week LEFT JOIN counted USING (day, hour)
ORDER BY day, hour;
