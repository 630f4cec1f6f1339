-- title: Hours by weekday
-- question: At which hours of which weekdays is there traffic, overall or of one entity?
-- why: The week of people has nights and weekends; the week of a harvesting machine has none, or starts on command.
-- innocent: Users all over the world fill the night too.
-- needs: ts
-- chart: heatmap x=hour y=weekday value=requests
SET VARIABLE entity = '';  -- text: one account, key or client; empty for all

SELECT ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][isodow(ts)] AS weekday, hour(ts) AS hour, count(*) AS requests
FROM event
WHERE ts IS NOT NULL AND (getvariable('entity') = '' OR entity = getvariable('entity'))
GROUP BY isodow(ts), hour(ts)
ORDER BY isodow(ts), hour;
