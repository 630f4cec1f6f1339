-- title: Templates shared by strangers
-- question: Which beginnings of prompts are used by several accounts with ever new continuations?
-- why: Strangers do not phrase a thousand questions alike; accounts that do are fed from one list.
-- innocent: A class with one assignment, a popular guide's prompts, a product's template used by its own accounts: see
--   whether the accounts share an organisation, and whether the prompts themselves repeat.
-- needs: account, prompt
-- chart: bar x=template y=accounts
SET VARIABLE words = 5;  -- integer: how many leading words make a template
SET VARIABLE min_accounts = 4;  -- integer: from how many accounts on
SET VARIABLE min_prompts = 30;  -- integer: from how many prompts on

SELECT template, count(DISTINCT account) AS accounts, count(*) AS prompts, count(DISTINCT prompt) AS different_prompts,
    count(DISTINCT organization) AS organizations, round(avg(output_tokens)) AS mean_output_tokens,
    min(ts) AS first_seen, max(ts) AS last_seen, any_value(prompt) AS an_example
FROM (
    SELECT *, array_to_string(regexp_extract_all(lower(left(prompt, 400)), '[\p{L}]+')[:getvariable('words')], ' ') AS template
    FROM event WHERE account IS NOT NULL AND length(prompt) >= 12
)
GROUP BY template
HAVING count(DISTINCT account) >= getvariable('min_accounts') AND count(*) >= getvariable('min_prompts')
    AND count(DISTINCT prompt) >= 0.5 * count(*)
ORDER BY accounts DESC, prompts DESC;
