-- title: Ids made at another time than the record says
-- question: Where does the time that is inside an id (UUID of version 1 or 7, ULID, X-Ray trace id) differ from the time of its record?
-- why: Such ids are made from the clock: a record whose times were rewritten, or that was made up later, still has the old time in its ids.
-- innocent: A client that makes the ids with a clock of its own: the difference is then the same for all of its requests.
-- innocent: A time zone taken wrong at loading: the difference is a whole number of hours for the whole source.
-- innocent: A trace id is that of the first call of a chain; records of its later calls come after it.
-- needs: ts, request_id | trace_id
-- chart: scatter x=record_time y=minutes_off
-- entity: event event_id
SET VARIABLE min_minutes = 10;  -- number: how far the two times must be apart
SET VARIABLE top = 500;  -- integer: how many to list, the farthest apart first

WITH id AS (
    SELECT event_id, source, line, ts, lower(coalesce(request_id, '')) AS one, lower(coalesce(trace_id, '')) AS two FROM event
    WHERE ts IS NOT NULL AND (request_id IS NOT NULL OR trace_id IS NOT NULL)
), each_id AS (
    SELECT event_id, source, line, ts, one AS id FROM id WHERE one <> '' UNION ALL
    SELECT event_id, source, line, ts, two FROM id WHERE two <> '' AND two <> one
), kept AS (
    SELECT *, CASE
        WHEN length(id) BETWEEN 32 AND 50 AND regexp_matches(id, '^(?:[a-z]+[-_])?[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$') THEN 'UUID version 7'
        WHEN length(id) BETWEEN 36 AND 50 AND regexp_matches(id, '^(?:[a-z]+[-_])?[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') THEN 'UUID version 1'
        WHEN regexp_matches(id, '^(?:[a-z]+[-_])?0[0-7][0-9a-hjkmnp-tv-z]{24}$') THEN 'ULID'
        WHEN regexp_matches(id, '^(?:root=)?1-[0-9a-f]{8}-[0-9a-f]{24}') THEN 'X-Ray trace id' END AS kind
    FROM each_id
), bare AS (
    SELECT *, CASE kind WHEN 'ULID' THEN right(id, 26) WHEN 'X-Ray trace id' THEN regexp_extract(id, '1-([0-9a-f]{8})', 1)
        ELSE replace(regexp_extract(id, '[0-9a-f]{8}-?[0-9a-f]{4}-?[17][0-9a-f]{3}.*$'), '-', '') END AS body
    FROM kept WHERE kind IS NOT NULL
), told AS (
    SELECT *, CASE kind
        WHEN 'UUID version 7' THEN ('0x' || substring(body, 1, 12))::BIGINT
        WHEN 'UUID version 1' THEN (('0x' || substring(body, 14, 3) || substring(body, 9, 4) || substring(body, 1, 8))::BIGINT - 122192928000000000) // 10000
        WHEN 'X-Ray trace id' THEN ('0x' || body)::BIGINT * 1000
        ELSE list_sum(list_transform(range(10), lambda i: (strpos('0123456789abcdefghjkmnpqrstvwxyz', substring(body, i + 1, 1)) - 1) * (32 ** (9 - i))))::BIGINT END AS ms
    FROM bare
), apart AS (
    SELECT *, make_timestamp(ms * 1000) AS id_time, round((epoch(ts) - ms / 1000) / 60, 1) AS minutes_off FROM told WHERE ms BETWEEN 0 AND 4102444800000
), usual AS (
    SELECT source, kind, count(*) AS ids, round(median(minutes_off), 1) AS usual_minutes_off,
        round(100.0 * count(*) FILTER (abs(minutes_off) < getvariable('min_minutes')) / count(*), 2) AS agree_percent
    FROM apart GROUP BY source, kind
)
SELECT event_id, ts AS record_time, id_time, minutes_off, kind, id, agree_percent, usual_minutes_off, ids, line, source, regexp_extract(path, '[^/]+$') AS file
FROM apart JOIN usual USING (source, kind) JOIN source USING (source)
WHERE abs(minutes_off) >= getvariable('min_minutes')
ORDER BY abs(minutes_off) DESC, source, line
LIMIT getvariable('top');
