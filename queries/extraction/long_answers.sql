-- title: Long answers to short prompts
-- question: Which accounts get far more output per input than others, request after request?
-- why: The answers are what a copy is made of; a campaign asks briefly and lets the model write.
-- innocent: Writers and programmers have long texts made too: by day, in sessions, and they paste text back in.
-- innocent: Reports of a product: long answers, but to long prompts full of data.
-- needs: account, output_tokens, input_tokens
-- chart: scatter x=mean_input_tokens y=mean_output_tokens
-- entity: account account
SET VARIABLE min_requests = 30;  -- integer: too few requests say little
SET VARIABLE min_ratio = 3;  -- number: output tokens per input token
SET VARIABLE min_output = 600;  -- number: mean output tokens of a request
SET VARIABLE top = 200;  -- integer: how many to list

WITH own AS (
    SELECT account, count(*) AS requests, avg(input_tokens) AS input, avg(output_tokens) AS output,
        stddev_pop(output_tokens) AS spread, sum(output_tokens)::BIGINT AS output_tokens
    FROM event WHERE account IS NOT NULL AND output_tokens > 0 GROUP BY account HAVING count(*) >= getvariable('min_requests')
)
SELECT account, round(output / greatest(input, 1), 2) AS output_per_input, round(output) AS mean_output_tokens,
    round(input) AS mean_input_tokens, requests, output_tokens, round(100 * spread / output) AS spread_percent,
    round(100 * percent_rank() OVER (ORDER BY output / greatest(input, 1)), 1) AS above_percent_of_peers
FROM own
QUALIFY output >= getvariable('min_ratio') * greatest(input, 1) AND output >= getvariable('min_output')
ORDER BY output_per_input DESC, requests DESC, account
LIMIT getvariable('top');
