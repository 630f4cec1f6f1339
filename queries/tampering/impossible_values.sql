-- title: Values that no service writes
-- question: Which records say what cannot be: more output than was allowed, answers faster than any model, sizes that do not fit the text?
-- why: A service writes what happened; a person or a script that makes records up seldom keeps all of their figures consistent.
-- innocent: Cached answers are fast; reasoning tokens count as output and are not in the text; a limit may be the service's own.
-- innocent: A unit taken wrong (seconds for milliseconds) makes a whole source look impossible: see the percentage.
-- chart: bar x=what y=records
SET VARIABLE max_tokens_a_second = 2000;  -- number: more output tokens a second than this are written by no model
SET VARIABLE max_characters_a_token = 30;  -- number: text that has more characters for each of its tokens than this does not fit the count

WITH said AS (
    SELECT source, line, ts, unnest([
        CASE WHEN output_tokens > max_tokens AND max_tokens > 0 THEN 'more output tokens than the limit asked for' END,
        CASE WHEN input_tokens < 0 OR output_tokens < 0 THEN 'a negative number of tokens' END,
        CASE WHEN output_tokens > 100 AND duration_ms IS NOT NULL AND 1000.0 * output_tokens > getvariable('max_tokens_a_second') * duration_ms THEN 'output faster than any model' END,
        CASE WHEN output_tokens = 0 AND length(response) > 20 THEN 'an answer without output tokens' END,
        CASE WHEN output_tokens > 0 AND length(response) > getvariable('max_characters_a_token') * output_tokens THEN 'an answer too long for its tokens' END,
        CASE WHEN input_tokens > 0 AND system_prompt IS NULL AND length(prompt) > getvariable('max_characters_a_token') * input_tokens THEN 'a prompt too long for its tokens' END,
        CASE WHEN bytes_out > 0 AND response IS NOT NULL AND bytes_out < length(response) // 20 THEN 'fewer bytes than the answer has characters, even compressed' END,
        CASE WHEN status IS NOT NULL AND status NOT BETWEEN 100 AND 599 AND status <> 0 THEN 'an HTTP status that does not exist' END,
        CASE WHEN status IN (204, 304) AND bytes_out > 4096 THEN 'a body where the status allows none' END,
        CASE WHEN method IS NOT NULL AND path IS NOT NULL AND NOT regexp_matches(method, '^[A-Za-z][A-Za-z_-]{1,30}$') THEN 'a method that is none' END,
        CASE WHEN outcome IN ('failure', 'limited') AND output_tokens > 0 AND length(response) > 200 THEN 'a long answer to a request that failed' END,
        CASE WHEN temperature < 0 OR temperature > 2 THEN 'a temperature that no service takes' END,
        CASE WHEN top_p < 0 OR top_p > 1 THEN 'a top_p that no service takes' END,
        CASE WHEN regexp_matches(client_ip, '^\d+\.\d+\.\d+\.\d+$') AND (split_part(client_ip, '.', 1)::INTEGER > 239 OR split_part(client_ip, '.', 1) = '0' OR split_part(client_ip, '.', 2)::INTEGER > 255 OR split_part(client_ip, '.', 3)::INTEGER > 255 OR split_part(client_ip, '.', 4)::INTEGER > 255) THEN 'an address that no client has' END
    ]) AS what
    FROM event
), total AS (
    SELECT source, event_lines, path, loaded_at FROM source
), late AS (
    SELECT source, line, ts, 'a time after the log was loaded' AS what FROM event JOIN total USING (source) WHERE ts > loaded_at + INTERVAL 1 DAY
), every AS (
    FROM said WHERE what IS NOT NULL UNION ALL FROM late
)
SELECT what, count(*) AS records, round(100.0 * count(*) / greatest(any_value(event_lines), 1), 3) AS percent_of_source, min(line) AS first_line,
    min(ts) AS first_event, max(ts) AS last_event, source, regexp_extract(any_value(path), '[^/]+$') AS file
FROM every JOIN total USING (source)
GROUP BY what, source
ORDER BY records DESC, what, source;
