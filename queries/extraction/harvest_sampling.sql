-- title: Sampling settings that suit harvesting
-- question: Which accounts set a high output limit and fixed sampling for all of their requests, and ask nothing else?
-- why: Harvesters ask for the longest answers at one temperature (0 for labels, 1 for variety), always the same; people take
--   the defaults, and products set limits as low as they can.
-- innocent: A product has fixed settings as well; its limit is near to what its answers need.
-- innocent: Evaluation suites use temperature 0 for all, with prompts that repeat.
-- needs: account, max_tokens | temperature, output_tokens
-- chart: scatter x=usual_max_tokens y=mean_output_tokens
-- entity: account account
SET VARIABLE min_requests = 30;  -- integer: too few requests say little
SET VARIABLE min_max_tokens = 4096;  -- integer: the output limit that an account sets, at least
SET VARIABLE min_same_percent = 80;  -- number: share of its requests that set a limit so high
SET VARIABLE min_output = 600;  -- number: mean output tokens

WITH counted AS (
    SELECT account, temperature, max_tokens, count(*) AS n, sum(output_tokens) AS output, count(*) FILTER (stream) AS streamed
    FROM event WHERE account IS NOT NULL AND output_tokens IS NOT NULL GROUP BY account, temperature, max_tokens
), own AS (
    SELECT account, sum(n)::BIGINT AS requests, count(*) AS settings, 100.0 * max(n) / sum(n) AS largest, sum(output) / sum(n) AS output,
        100.0 * coalesce(sum(n) FILTER (max_tokens >= getvariable('min_max_tokens')), 0) / sum(n) AS high,
        arg_max(max_tokens, n) AS max_tokens, arg_max(temperature, n) AS temperature, 100.0 * sum(streamed) / sum(n) AS streamed
    FROM counted GROUP BY account HAVING sum(n) >= getvariable('min_requests')
)
SELECT account, round(high, 1) AS high_limit_percent, round(output) AS mean_output_tokens, max_tokens AS usual_max_tokens,
    temperature AS usual_temperature, settings, round(largest, 1) AS largest_setting_percent, round(streamed, 1) AS streamed_percent,
    requests
FROM own
WHERE high >= getvariable('min_same_percent') AND output >= getvariable('min_output')
ORDER BY high DESC, output DESC, account;
