-- title: Stretches of another make
-- question: Which stretches of a source have other fields, lengths of ids or precision of times than the lines before and after them?
-- why: Lines that were written by another hand, or changed by a script, seldom have the make of those around them.
-- innocent: A new version of the software changes the make from one line on, for good: such a change is not listed here.
-- innocent: One client's requests have other fields than others', and it was busy in that stretch: see the entities.
-- chart: bar x=first_line y=deviation
SET VARIABLE stretch = 200;  -- integer: how many records of one source, in the order of the file, are looked at together
SET VARIABLE min_deviation = 0.5;  -- number: by how much a share (or a mean length, in parts of the usual) must differ from the source's
SET VARIABLE max_share = 0.2;  -- number: more than this share of all stretches differing in one thing is the source's own variety
SET VARIABLE top = 200;  -- integer: how many to list, the farthest from the usual first

WITH made AS (
    SELECT source, row_number() OVER () // getvariable('stretch') AS nth, line, ts, coalesce(account, client_ip, process) AS who,
        [(account IS NOT NULL)::INTEGER, (api_key IS NOT NULL)::INTEGER, (request_id IS NOT NULL)::INTEGER, (client_ip IS NOT NULL)::INTEGER, (user_agent IS NOT NULL)::INTEGER,
         (duration_ms IS NOT NULL)::INTEGER, (bytes_out IS NOT NULL)::INTEGER, (output_tokens IS NOT NULL)::INTEGER, (referer IS NOT NULL)::INTEGER, (prompt IS NOT NULL)::INTEGER,
         (response IS NOT NULL)::INTEGER, (extra IS NOT NULL)::INTEGER, (microsecond(ts) % 1000000 <> 0)::INTEGER, (microsecond(ts) % 1000 <> 0)::INTEGER] AS shares,
        coalesce(length(request_id), 0) AS id_length, coalesce(length(regexp_replace(extra, '"(?:[^"\\]|\\.)*"\s*([,}\]])', '""\1', 'g')), 0) AS extra_length
    FROM event
), piece AS (
    SELECT source, nth, count(*) AS records, min(line) AS first_line, max(line) AS last_line, min(ts) AS first_event, max(ts) AS last_event,
        approx_count_distinct(who) AS entities, avg(id_length) AS id_length, avg(extra_length) AS extra_length,
        [avg(shares[1]), avg(shares[2]), avg(shares[3]), avg(shares[4]), avg(shares[5]), avg(shares[6]), avg(shares[7]), avg(shares[8]), avg(shares[9]), avg(shares[10]), avg(shares[11]), avg(shares[12]), avg(shares[13]), avg(shares[14])] AS share
    FROM made GROUP BY source, nth HAVING count(*) >= getvariable('stretch') // 2
), long AS (
    SELECT source, nth, unnest(share) AS value, unnest(['account', 'api_key', 'request_id', 'client_ip', 'user_agent', 'duration_ms', 'bytes_out', 'output_tokens', 'referer', 'prompt', 'response', 'extra', 'fractions of a second', 'microseconds']) AS what, false AS length FROM piece
    UNION ALL SELECT source, nth, id_length, 'length of ids', true FROM piece
    UNION ALL SELECT source, nth, extra_length, 'length of other fields', true FROM piece
), usual AS (
    SELECT source, what, median(value) AS usual, count(*) AS stretches FROM long GROUP BY source, what HAVING count(*) >= 5
), apart AS (
    SELECT source, nth, what, value, usual, abs(value - usual) / CASE WHEN length THEN greatest(usual, 1) ELSE 1 END AS deviation, stretches FROM long JOIN usual USING (source, what)
), seen AS (
    SELECT *, count(*) OVER (PARTITION BY source, what) AS differing,
        max(nth) OVER (PARTITION BY source, what) AS last_differing, min(nth) OVER (PARTITION BY source, what) AS first_differing
    FROM apart WHERE deviation >= getvariable('min_deviation')
), edge AS (
    SELECT source, min(nth) AS first_nth, max(nth) AS last_nth FROM piece GROUP BY source
)
SELECT first_line, last_line, what, round(deviation, 3) AS deviation, round(value, 3) AS here, round(usual, 3) AS usual, records, entities, first_event, last_event,
    source, regexp_extract(path, '[^/]+$') AS file
FROM seen JOIN edge USING (source) JOIN piece USING (source, nth) JOIN source USING (source)
WHERE differing <= greatest(1, getvariable('max_share') * stretches)
    AND NOT (last_differing = last_nth AND differing = last_differing - first_differing + 1 AND differing > 1)
    AND NOT (first_differing = first_nth AND differing = last_differing - first_differing + 1 AND differing > 1)
ORDER BY deviation DESC, source, first_line, what
LIMIT getvariable('top');
