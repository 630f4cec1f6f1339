-- title: Prompts that repeat a template
-- question: Which accounts fill the slots of few templates with ever new words, and how many other accounts use their template?
-- why: Distillation asks the same kind of question about thousands of topics, so that the answers cover a field evenly.
--   A template that strangers share says more than one that an account has for itself.
-- innocent: A product puts its users' words into its own template: one template, shared with nobody, and the words are
--   of all kinds and follow daylight.
-- innocent: An evaluation suite repeats the same prompts exactly; here nearly every prompt must be new.
-- innocent: Translation, summaries and extraction of fields have one template by nature.
-- needs: account, prompt
-- chart: scatter x=in_top_templates_percent y=accounts_with_it
-- entity: account account
SET VARIABLE min_prompts = 40;  -- integer: too few prompts show no template
SET VARIABLE words = 5;  -- integer: how many leading words make a template, at most (it ends at a colon, a quote or a new line)
SET VARIABLE min_percent = 30;  -- number: share of an account's prompts in its three largest templates
SET VARIABLE min_new_percent = 60;  -- number: share of prompts in them that are not mere repetitions
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, count(*) AS n,
        hash(prompt) AS text,
        wb_first_words(prompt, getvariable('words')) AS template  -- in open.sql
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
    GROUP BY account, text, template
), counted AS (
    SELECT account, template, sum(n) AS n, count(*) AS different FROM asked GROUP BY account, template
    HAVING any_value(template) <> ''  -- a WHERE would be tried on every prompt of the case, before the sample is taken
), shared AS (
    SELECT template, count(*) AS accounts FROM counted GROUP BY template
), ranked AS (  -- equal ones in an order that is the same each time
    SELECT account, template, n, different, sum(n) OVER (PARTITION BY account) AS prompts,
        row_number() OVER (PARTITION BY account ORDER BY n DESC, template) AS place
    FROM counted
), own AS (
    SELECT account, min(prompts)::BIGINT AS prompts, round(100.0 * sum(n) / min(prompts), 1) AS in_top_templates_percent,
        round(100.0 * sum(different) / sum(n), 1) AS new_percent, min(template) FILTER (place = 1) AS template
    FROM ranked WHERE place <= 3 AND prompts >= getvariable('min_prompts') GROUP BY account
)
SELECT account, in_top_templates_percent, accounts AS accounts_with_it, prompts, new_percent, template AS largest_template
FROM own JOIN shared USING (template)
WHERE in_top_templates_percent >= getvariable('min_percent') AND new_percent >= getvariable('min_new_percent')
ORDER BY accounts_with_it DESC, in_top_templates_percent DESC, account;
