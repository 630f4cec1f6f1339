-- title: Exfiltration by volume
-- question: Which clients or accounts took away far more bytes on a day than they usually do, or than others do?
-- why: Data that leaves shows as volume, whatever the way.
-- innocent: A backup, a mirror, a search engine, a customer who downloads a release: steady, or known.
-- needs: bytes_out, ts
-- chart: bar x=entity y=megabytes
SET VARIABLE min_megabytes = 10;  -- number: bytes of a day, in millions
SET VARIABLE times_usual = 10;  -- number: how many times its own other days, or, where it has none, what nine of ten users took in all
SET VARIABLE top = 100;  -- integer: how many to list

WITH total AS (
    SELECT entity, entity_kind, sum(bytes_out) / 1e6 AS mb FROM event
    WHERE entity IS NOT NULL AND ts IS NOT NULL AND bytes_out > 0 GROUP BY entity, entity_kind
), usual AS (
    SELECT quantile_cont(mb, 0.9) AS all_users FROM total
), heavy AS (  -- whoever took less in all cannot have taken so much on a day
    SELECT entity, entity_kind FROM total WHERE mb >= getvariable('min_megabytes')
), daily AS (
    SELECT entity, entity_kind, ts::DATE AS day, sum(bytes_out) / 1e6 AS mb, count(*) AS requests, max(bytes_out) / 1e6 AS largest,
        arg_max(path, bytes_out) AS largest_path
    FROM event SEMI JOIN heavy USING (entity, entity_kind) WHERE ts IS NOT NULL AND bytes_out > 0 GROUP BY entity, entity_kind, day
), told AS (
    SELECT *, (sum(mb) OVER own - mb) / nullif(count(*) OVER own - 1, 0) AS own_usual, count(*) OVER own AS days
    FROM daily, usual WINDOW own AS (PARTITION BY entity, entity_kind)
)
SELECT entity, day, round(mb, 2) AS megabytes, round(mb / greatest(coalesce(own_usual, all_users), 0.001), 1) AS times_usual,
    round(own_usual, 3) AS own_usual_megabytes, requests, round(largest, 2) AS largest_megabytes, largest_path, days AS active_days,
    entity_kind
FROM told
WHERE mb >= getvariable('min_megabytes') AND mb >= getvariable('times_usual') * coalesce(own_usual, all_users)
ORDER BY megabytes DESC, entity, day
LIMIT getvariable('top');
