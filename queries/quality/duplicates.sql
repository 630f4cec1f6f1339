-- title: Duplicate records
-- question: Which records occur more than once, in one source or in two?
-- why: A log that was loaded twice, or shipped twice, doubles every figure.
-- innocent: Access logs have one-second times: equal requests within a second are different requests.
-- innocent: A retry bears the same request id as the first try.
-- needs: ts
-- chart: bar x=first_file y=repeated
SET VARIABLE every = (SELECT greatest(1, count(*) // 4000000) FROM event);  -- integer: look at one record in so many (and all of its copies); 1 for all; empty for about four million

WITH looked AS (
    SELECT hash(coalesce(request_id, ''), ts, coalesce(entity, ''), coalesce(client_ip, ''), coalesce(path, ''), coalesce(operation, ''),
        coalesce(message, ''), coalesce(status, 0), coalesce(output_tokens, 0), coalesce(bytes_out, 0)) AS record, source, line, request_id IS NOT NULL AS named
    FROM event WHERE ts IS NOT NULL AND hash(ts, coalesce(request_id, '')) % getvariable('every')::UBIGINT = 0
), repeated AS (
    SELECT record, count(*) AS copies, min(source) AS one, max(source) AS other, min(line) AS line, bool_and(named) AS named
    FROM looked GROUP BY record HAVING count(*) > 1
), total AS (
    SELECT count(*) AS looked FROM looked
)
SELECT regexp_extract(a.path, '[^/]+$') AS first_file, CASE WHEN other = one THEN 'itself' ELSE regexp_extract(b.path, '[^/]+$') END AS also_in,
    sum(copies - 1)::BIGINT AS repeated, round(100.0 * sum(copies - 1) / any_value(looked), 3) AS percent_of_looked_at,
    any_value(looked) AS looked_at, count(*) FILTER (named) AS with_request_id, one AS source, other AS other_source, min(line) AS first_line
FROM repeated JOIN source AS a ON a.source = one JOIN source AS b ON b.source = other, total
GROUP BY first_file, also_in, one, other
ORDER BY repeated DESC, source, other_source;
