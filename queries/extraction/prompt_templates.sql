-- title: Prompts that repeat a template
-- question: Which accounts fill the slots of few templates with ever new words?
-- why: Distillation asks the same kind of question about thousands of topics, so that the answers cover a field evenly.
-- innocent: A product puts its users' words into its own template: one template, but the words are of all kinds and the
--   traffic follows daylight.
-- innocent: An evaluation suite repeats the same prompts exactly; here nearly every prompt must be new.
-- needs: account, prompt
-- chart: scatter x=prompts y=in_top_templates_percent
-- entity: account account
SET VARIABLE min_prompts = 40;  -- integer: too few prompts show no template
SET VARIABLE words = 5;  -- integer: how many leading words make a template
SET VARIABLE min_percent = 30;  -- number: share of an account's prompts in its three largest templates
SET VARIABLE min_new_percent = 60;  -- number: share of prompts in them that are not mere repetitions

WITH asked AS (
    SELECT account, prompt,
        array_to_string(regexp_extract_all(lower(left(prompt, 400)), '[\p{L}]+')[:getvariable('words')], ' ') AS template
    FROM event WHERE account IS NOT NULL AND length(prompt) >= 12
), counted AS (
    SELECT account, template, count(*) AS n, count(DISTINCT prompt) AS different FROM asked GROUP BY account, template
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY account ORDER BY n DESC, template) AS place,
        sum(n) OVER (PARTITION BY account) AS prompts FROM counted
)
SELECT account, any_value(prompts)::BIGINT AS prompts,
    round(100.0 * sum(n) FILTER (place <= 3) / any_value(prompts), 1) AS in_top_templates_percent,
    round(100.0 * sum(different) FILTER (place <= 3) / sum(n) FILTER (place <= 3), 1) AS new_percent,
    max(template) FILTER (place = 1) AS largest_template
FROM ranked
GROUP BY account
HAVING any_value(prompts) >= getvariable('min_prompts')
    AND in_top_templates_percent >= getvariable('min_percent') AND new_percent >= getvariable('min_new_percent')
ORDER BY in_top_templates_percent DESC, prompts DESC, account;
