-- title: Templates shared by strangers
-- question: Which beginnings of prompts are used by several accounts of no common organisation with ever new continuations?
-- why: Strangers do not phrase a thousand questions alike; accounts that do are fed from one list.
-- innocent: A class with one assignment, a popular guide's prompts, an app's template: see whether the accounts share an
--   organisation, and whether the prompts themselves repeat.
-- needs: account, prompt
-- chart: scatter x=accounts y=prompts_per_account
SET VARIABLE words = 5;  -- integer: how many leading words make a template, at most (it ends at a colon, a quote or a new line)
SET VARIABLE min_accounts = 4;  -- integer: from how many strangers on
SET VARIABLE min_prompts = 30;  -- integer: from how many prompts on (of those looked at)
SET VARIABLE min_new_percent = 50;  -- number: share of the prompts that are not repetitions
SET VARIABLE account = '';  -- text: only templates that this account uses; empty for all
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, any_value(organization) AS organization, count(*) AS n, sum(output_tokens) AS output_tokens,
        min(source::BIGINT * 100000000000 + line) AS place,
        hash(prompt) AS text,
        wb_first_words(prompt, getvariable('words')) AS template  -- in open.sql
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND hash(source, line) % getvariable('every')::UBIGINT = 0
    GROUP BY account, text, template
), counted AS (
    SELECT template, account, any_value(organization) AS organization, sum(n) AS n, count(*) AS different,
        sum(output_tokens) AS output_tokens, min(place) AS place
    FROM asked GROUP BY template, account
), wide AS (  -- most beginnings are used once: they go before anything dear is counted
    SELECT template FROM counted GROUP BY template
    HAVING count(*) >= getvariable('min_accounts') AND sum(n) >= getvariable('min_prompts')
        AND len(regexp_extract_all(any_value(template), '[\p{L}]+')) >= least(getvariable('words'), 5)
        AND (getvariable('account') = '' OR bool_or(account = getvariable('account')))
)
SELECT template, count(DISTINCT coalesce(organization, account)) AS strangers, count(*) AS accounts, sum(n)::BIGINT AS prompts,
    round(sum(n) / count(*), 1) AS prompts_per_account, round(100.0 * sum(different) / sum(n), 1) AS new_percent,
    round(sum(output_tokens) / sum(n)) AS mean_output_tokens, (min(place) // 100000000000) || ':' || (min(place) % 100000000000) AS example_event,
    list(account ORDER BY account)[:20] AS some_accounts
FROM counted SEMI JOIN wide USING (template)
GROUP BY template
HAVING strangers >= getvariable('min_accounts') AND sum(n) >= getvariable('min_prompts')
    AND 100.0 * sum(different) / sum(n) >= getvariable('min_new_percent')
ORDER BY strangers DESC, prompts DESC, template;
