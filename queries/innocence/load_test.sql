-- title: Load tests
-- question: Which accounts or clients send many equal requests within minutes and hardly look at the answers?
-- why: A load test is the largest spike of a log and takes nothing: the same prompt, a tiny limit, rate errors.
-- innocent: This playbook speaks for an account. What speaks against it: prompts that differ, answers of full length.
-- needs: account | api_key | client_ip, ts
-- chart: scatter x=fullest_minute y=different_prompts
SET VARIABLE min_a_minute = 20;  -- integer: requests in the fullest minute
SET VARIABLE max_different_percent = 10;  -- number: different prompts (or paths) of 100 requests
SET VARIABLE min_requests = 50;  -- integer: from how many requests on

WITH minute AS (
    SELECT entity, entity_kind, date_trunc('minute', ts) AS minute, count(*) AS n FROM event
    WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY ALL
), burst AS (
    SELECT entity, entity_kind, max(n) AS fullest, sum(n)::BIGINT AS requests FROM minute GROUP BY entity, entity_kind
    HAVING max(n) >= getvariable('min_a_minute') AND sum(n) >= getvariable('min_requests')
)
SELECT entity, any_value(fullest) AS fullest_minute, approx_count_distinct(coalesce(prompt, path)) AS different_prompts,
    any_value(requests) AS requests, round(avg(output_tokens), 1) AS mean_output_tokens, median(max_tokens) AS usual_max_tokens,
    round(100.0 * count(*) FILTER (outcome = 'limited' OR status = 429) / count(*), 1) AS limited_percent, min(ts) AS first_seen,
    max(ts) AS last_seen, entity_kind
FROM event JOIN burst USING (entity, entity_kind)
WHERE ts IS NOT NULL
GROUP BY entity, entity_kind
HAVING different_prompts <= getvariable('max_different_percent') * any_value(requests) / 100
ORDER BY fullest_minute DESC, entity;
