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
        CASE WHEN unicode(prompt) >= 11904 THEN left(prompt, 12)  -- scripts without blanks between words
            WHEN unicode(prompt) >= 592 THEN array_to_string(string_split(lower(left(prompt, 100)), ' ')[:getvariable('words')], ' ')
            ELSE regexp_extract(translate(lower(left(prompt, 160)), '0123456789', ''), '^[^a-zß-ÿ]*([a-zß-ÿ]+(?:[ ,.''’-]+[a-zß-ÿ]+){0,' || (getvariable('words') - 1) || '})', 1)
        END AS template
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
    GROUP BY account, text, template
), counted AS (
    SELECT account, template, sum(n) AS n, count(*) AS different FROM asked GROUP BY account, template
    HAVING any_value(template) <> ''  -- a WHERE would be tried on every prompt of the case, before the sample is taken
), shared AS (
    SELECT template, count(*) AS accounts FROM counted GROUP BY template
), largest AS (  -- the three largest of each account; equal ones in an order that is the same each time
    SELECT account, sum(n)::BIGINT AS prompts,
        arg_max({'n': n, 'different': different, 'template': template}, n * 1048576 + hash(template) % 1048576, 3) AS top
    FROM counted GROUP BY account HAVING sum(n) >= getvariable('min_prompts')
), own AS (
    SELECT account, prompts, round(100.0 * list_sum([t.n for t in top]) / prompts, 1) AS in_top_templates_percent,
        round(100.0 * list_sum([t.different for t in top]) / list_sum([t.n for t in top]), 1) AS new_percent, top[1].template AS template
    FROM largest
)
SELECT account, in_top_templates_percent, accounts AS accounts_with_it, prompts, new_percent, template AS largest_template
FROM own JOIN shared USING (template)
WHERE in_top_templates_percent >= getvariable('min_percent') AND new_percent >= getvariable('min_new_percent')
ORDER BY accounts_with_it DESC, in_top_templates_percent DESC, account;
