-- title: Synthetic data for one's own product
-- question: Which accounts have data made up in series, from one client and for one organisation, in templates that nobody shares?
-- why: Making test data with a model is what many customers buy it for; it is done openly, by one account, about one subject.
-- innocent: This playbook speaks for an account. What speaks against it: the same templates at strangers' accounts, a pool of
--   addresses, subjects that cover every field evenly (systematic_coverage). Whether the provider's terms allow it is another question.
-- needs: account, prompt, client_ip
-- chart: scatter x=prompts y=alone_percent
-- entity: account account
SET VARIABLE min_prompts = 30;  -- integer: too few prompts say little
SET VARIABLE words = 5;  -- integer: how many leading words make a template
SET VARIABLE pattern = '^\W*(please )?(generate|create|write|produce|make|invent|simulate|compose|draft|give me)\b';  -- text: how such a prompt begins (a regular expression over lower-case text)
SET VARIABLE things = '\b(\d+|realistic|example|sample|test|fake|fictional|synthetic|dummy|training|variations?|records?|rows?|json)\b';  -- text: what it goes on to name (a regular expression)
SET VARIABLE min_percent = 25;  -- number: share of such prompts
SET VARIABLE min_alone_percent = 40;  -- number: share of prompts in templates that at most one other account uses
SET VARIABLE max_addresses = 5;  -- integer: addresses of the account
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, CASE WHEN regexp_matches(lower(left(prompt, 40)), getvariable('pattern'))
            THEN regexp_matches(lower(left(prompt, 160)), getvariable('things')) ELSE false END AS matches,
        hash(CASE WHEN unicode(prompt) >= 11904 THEN left(prompt, 12)  -- scripts without blanks between words
            WHEN unicode(prompt) >= 592 THEN array_to_string(string_split(lower(left(prompt, 100)), ' ')[:getvariable('words')], ' ')
            ELSE regexp_extract(translate(lower(left(prompt, 160)), '0123456789', ''), '^[^a-zß-ÿ]*([a-zß-ÿ]+(?:[ ,.''’-]+[a-zß-ÿ]+){0,' || (getvariable('words') - 1) || '})', 1)
        END) AS template
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND hash(source, line) % getvariable('every')::UBIGINT = 0
), counted AS (
    SELECT account, template, count(*) AS n, count(*) FILTER (matches) AS matching FROM asked GROUP BY account, template
), met AS (
    SELECT counted.*, accounts FROM counted
    JOIN (SELECT template, count(*) AS accounts FROM counted GROUP BY template) AS users ON users.template = counted.template
), own AS (
    SELECT account, sum(n)::BIGINT AS prompts, 100.0 * sum(matching) / sum(n) AS share, 100.0 * coalesce(sum(n) FILTER (accounts <= 2), 0) / sum(n) AS alone,
        count(*) AS templates
    FROM met GROUP BY account HAVING sum(n) >= getvariable('min_prompts')
)
SELECT own.account, round(share, 1) AS data_percent, round(alone, 1) AS alone_percent, prompts, templates, account.addresses,
    account.user_agents, account.organization
FROM own JOIN account ON account.account = own.account
WHERE share >= getvariable('min_percent') AND account.addresses <= getvariable('max_addresses') AND alone >= getvariable('min_alone_percent')
ORDER BY data_percent DESC, prompts DESC, own.account;
