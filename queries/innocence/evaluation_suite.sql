-- title: Evaluation suites
-- question: Which accounts send the very same prompts again and again, run after run?
-- why: An evaluation asks a fixed list, each time whole: repeated exactly, it teaches a copy nothing new.
-- innocent: This playbook speaks for an account: repetition is what extraction avoids. What speaks against it: new prompts beside
--   the fixed list, or a list that is asked through many accounts.
-- needs: account, prompt
-- chart: scatter x=prompts y=repeated_percent
-- entity: account account
SET VARIABLE min_prompts = 40;  -- integer: too few prompts show no suite
SET VARIABLE min_repeated_percent = 50;  -- number: share of prompts that were asked before, word by word
SET VARIABLE min_different = 5;  -- integer: fewer different prompts are a health check or a load test
SET VARIABLE every = (SELECT greatest(1, count(*) // 8000000) FROM event);  -- integer: look at one prompt text in so many, and all of its copies; 1 for all; empty for about eight million prompts

WITH text AS (
    SELECT account, hash(prompt) AS text, count(*) AS n, max(ts::DATE) - min(ts::DATE) AS days, sum(output_tokens) AS output
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND hash(prompt) % getvariable('every')::UBIGINT = 0 GROUP BY account, text
)
SELECT account, round(100.0 * (sum(n) - count(*)) / sum(n), 1) AS repeated_percent, sum(n)::BIGINT AS prompts, count(*) AS different,
    round(median(n), 1) AS times_each, max(days)::BIGINT AS days_first_to_last, round(sum(output) / sum(n)) AS mean_output_tokens
FROM text
GROUP BY account
HAVING sum(n) * getvariable('every') >= getvariable('min_prompts') AND count(*) * getvariable('every') >= getvariable('min_different')
    AND repeated_percent >= getvariable('min_repeated_percent')
ORDER BY repeated_percent DESC, prompts DESC, account;
