-- title: Figures whose last digits are not chance
-- question: In which sources are the last digits of durations, sizes and token counts not as evenly spread as measured figures are?
-- why: The last digit of a large measured figure is chance. People, and scripts that round or scale, prefer some digits.
-- innocent: A clock that ticks in steps of ten, sizes padded to blocks, a limit that many answers reach: one value or step explains it.
-- innocent: Few different files or answers: the same sizes come again and again (see different_values).
-- chart: bar x=figure y=distance
SET VARIABLE min_value = 200;  -- integer: only figures of at least this size; the last digit of small ones is not chance
SET VARIABLE min_values = 500;  -- integer: how many different figures a source must have
SET VARIABLE min_distance = 0.05;  -- number: total variation distance between the digits and an even spread (0 even, 0.9 one digit only)

WITH figure AS (
    SELECT source, unnest(['duration_ms', 'bytes_in', 'bytes_out', 'input_tokens', 'output_tokens']) AS figure,
        unnest([floor(duration_ms)::BIGINT, bytes_in, bytes_out, input_tokens, output_tokens]) AS value
    FROM event
), different AS (
    -- Each value once: what comes again and again is one file or one answer, not many measurements.
    SELECT source, figure, value, count(*) AS n FROM figure WHERE value >= getvariable('min_value') GROUP BY source, figure, value
), digit AS (
    SELECT source, figure, value % 10 AS digit, count(*) AS values, sum(n)::BIGINT AS records FROM different GROUP BY source, figure, digit
), spread AS (
    SELECT source, figure, sum(values)::BIGINT AS different_values, sum(records)::BIGINT AS records,
        arg_max(digit, (values, -digit)) AS commonest_digit, max(values) AS commonest, sum(values * values) AS squares,
        map(list(digit ORDER BY digit), list(values ORDER BY digit)) AS seen
    FROM digit GROUP BY source, figure HAVING sum(values) >= getvariable('min_values')
), told AS (
    SELECT *, 0.5 * list_sum(list_transform(range(10), lambda d: abs(coalesce(seen[d], 0) / different_values - 0.1))) AS distance,
        10.0 * squares / different_values - different_values AS chi_square
    FROM spread
)
SELECT figure, round(distance, 4) AS distance, commonest_digit, round(100.0 * commonest / different_values, 1) AS commonest_percent,
    round(chi_square, 1) AS chi_square_of_9, different_values, records, source, regexp_extract(path, '[^/]+$') AS file
FROM told JOIN source USING (source)
-- 27.9 is what chance exceeds once in a thousand, for nine degrees of freedom.
WHERE distance >= getvariable('min_distance') AND chi_square > 27.9
ORDER BY distance DESC, source, figure;
