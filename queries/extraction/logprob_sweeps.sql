-- title: Sweeps of log-probabilities and logit biases
-- question: Which accounts ask for log-probabilities, or set logit biases, over and over with answers of a token or two?
-- why: The last layer of a model can be computed from enough log-probabilities (Carlini et al. 2024); that takes many
--   thousand near-equal requests of one token each.
-- innocent: Classifiers and evaluation suites read the probabilities of an answer too: with many different prompts.
-- innocent: Products that show how sure a model is: ordinary prompts, ordinary answers.
-- needs: account, logprobs | extra.logit_bias | extra.model_parameters
-- chart: scatter x=asking y=short_percent
-- entity: account account
SET VARIABLE min_asking = 50;  -- integer: requests with log-probabilities or biases, at least
SET VARIABLE min_percent = 30;  -- number: share of the account's requests
SET VARIABLE short_tokens = 3;  -- integer: an answer of so few tokens is short

WITH asked AS (
    SELECT account, coalesce(logprobs, 0) > 0 AS probabilities, contains(extra, '"logit_bias"') AND NOT regexp_matches(extra, '"logit_bias":\s*(null|\{\})') AS biased,
        output_tokens, hash(prompt) AS text
    FROM event WHERE account IS NOT NULL AND (logprobs > 0 OR contains(extra, '"logit_bias"'))
), own AS (
    SELECT account, count(*) FILTER (probabilities OR biased) AS asking, count(*) FILTER (probabilities) AS with_logprobs,
        count(*) FILTER (biased) AS with_bias, 100.0 * count(*) FILTER (output_tokens <= getvariable('short_tokens')) / count(*) AS short,
        approx_count_distinct(text) AS prompts
    FROM asked WHERE probabilities OR biased GROUP BY account HAVING count(*) >= getvariable('min_asking')
)
SELECT own.account, asking, round(100.0 * asking / requests, 1) AS asking_percent, round(short, 1) AS short_percent,
    prompts AS different_prompts_about, with_logprobs, with_bias, requests
FROM own JOIN account ON account.account = own.account
WHERE 100.0 * asking >= getvariable('min_percent') * requests
ORDER BY short DESC, asking DESC, own.account;
