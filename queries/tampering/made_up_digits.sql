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
    SELECT source, figure, value % 10 AS digit, count(*) AS distinct_values, sum(n)::BIGINT AS records FROM different GROUP BY source, figure, digit
), whole AS (
    SELECT *, sum(distinct_values) OVER (PARTITION BY source, figure) AS different_values FROM digit
), told AS (
    -- A digit that never occurs is as far from its tenth as can be.
    SELECT source, figure, min(different_values)::BIGINT AS different_values, sum(records)::BIGINT AS records,
        arg_max(digit, (distinct_values, -digit)) AS commonest_digit, max(distinct_values) AS commonest,
        0.5 * (sum(abs(distinct_values / different_values - 0.1)) + 0.1 * (10 - count(*))) AS distance,
        10.0 * sum(distinct_values * distinct_values) / min(different_values) - min(different_values) AS chi_square
    FROM whole WHERE different_values >= getvariable('min_values') GROUP BY source, figure
)
SELECT figure, round(distance, 4) AS distance, commonest_digit, round(100.0 * commonest / different_values, 1) AS commonest_percent,
    round(chi_square, 1) AS chi_square_of_9, different_values, records, source, regexp_extract(path, '[^/]+$') AS file
FROM told JOIN source USING (source)
-- 27.9 is what chance exceeds once in a thousand, for nine degrees of freedom.
WHERE distance >= getvariable('min_distance') AND chi_square > 27.9
ORDER BY distance DESC, source, figure;
