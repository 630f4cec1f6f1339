-- title: Extraction mixed into ordinary traffic
-- question: Which accounts fill part of their traffic with several templates that strangers use too, beside work of their own?
-- why: A proxy network hides its extraction among the requests of real customers; the templates remain shared.
-- innocent: Common ways to begin a question ("can you help me with …") are shared by everybody: one or two of them mean nothing,
--   many at once do.
-- innocent: Customers of one app or one guide share its templates: see whether all of them come through one client.
-- needs: account, prompt
-- chart: scatter x=shared_templates y=shared_percent
-- entity: account account
SET VARIABLE words = 5;  -- integer: how many leading words make a template, at most (it ends at a colon, a quote or a new line)
SET VARIABLE min_strangers = 4;  -- integer: from how many strangers on a template counts as shared
SET VARIABLE min_templates = 8;  -- integer: how many shared templates an account must use
SET VARIABLE min_percent = 10;  -- number: share of the account's prompts in shared templates, at least
SET VARIABLE max_percent = 90;  -- number: and at most (above, it is not mixed)
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, any_value(organization) AS organization, count(*) AS n, sum(output_tokens) AS output_tokens,
        hash(prompt) AS text,
        wb_first_words(prompt, getvariable('words')) AS template  -- in open.sql
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND hash(source, line) % getvariable('every')::UBIGINT = 0
    GROUP BY account, text, template
), counted AS (
    SELECT template, account, any_value(organization) AS organization, sum(n) AS n, count(*) AS different,
        sum(output_tokens) AS output_tokens
    FROM asked GROUP BY template, account
), wide AS (
    SELECT template FROM counted GROUP BY template HAVING count(*) >= getvariable('min_strangers')
), common AS (
    SELECT template, count(DISTINCT coalesce(organization, account)) AS strangers FROM counted SEMI JOIN wide USING (template)
    GROUP BY template HAVING len(regexp_extract_all(any_value(template), '[\p{L}]+')) >= least(getvariable('words'), 5)
        AND strangers >= getvariable('min_strangers') AND sum(different) >= 0.5 * sum(n)
)
SELECT account, count(strangers) AS shared_templates, round(100.0 * sum(n) FILTER (strangers IS NOT NULL) / sum(n), 1) AS shared_percent,
    sum(n)::BIGINT AS prompts, count(*) - count(strangers) AS own_templates,
    round(sum(output_tokens) FILTER (strangers IS NOT NULL) / sum(n) FILTER (strangers IS NOT NULL)) AS mean_output_shared,
    round(sum(output_tokens) FILTER (strangers IS NULL) / sum(n) FILTER (strangers IS NULL)) AS mean_output_own,
    max(strangers) AS most_strangers
FROM counted LEFT JOIN common USING (template)
GROUP BY account
HAVING count(strangers) >= getvariable('min_templates')
    AND shared_percent BETWEEN getvariable('min_percent') AND getvariable('max_percent')
ORDER BY shared_templates DESC, shared_percent DESC, account;
