-- title: CI runs
-- question: Which accounts look like build servers: one client, runners' addresses, working days, short answers to a few templates?
-- why: Continuous integration sends templated prompts from a cloud's pool of addresses, as a campaign does, but by the developers' day
--   and for answers of a line or two.
-- innocent: This playbook speaks for an account. What speaks against it: long answers, nights and weekends, subjects that are not code.
-- needs: account, prompt, user_agent, output_tokens, ts
-- chart: scatter x=mean_output_tokens y=in_top_templates_percent
-- entity: account account
SET VARIABLE min_requests = 20;  -- integer: from how many requests on (of those looked at)
SET VARIABLE max_output = 300;  -- number: mean output tokens
SET VARIABLE min_weekday_percent = 85;  -- number: share of the requests from Monday to Friday (by chance 71)
SET VARIABLE min_template_percent = 50;  -- number: share of the prompts in its three largest templates
SET VARIABLE min_addresses = 3;  -- integer: runners come from several addresses
SET VARIABLE words = 4;  -- integer: how many leading words make a template
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, output_tokens, isodow(ts) <= 5 AS weekday,
        hash(CASE WHEN unicode(prompt) >= 11904 THEN left(prompt, 12)  -- scripts without blanks between words
            WHEN unicode(prompt) >= 592 THEN array_to_string(string_split(lower(left(prompt, 100)), ' ')[:getvariable('words')], ' ')
            ELSE regexp_extract(translate(lower(left(prompt, 160)), '0123456789', ''), '^[^a-zß-ÿ]*([a-zß-ÿ]+(?:[ ,.''’-]+[a-zß-ÿ]+){0,' || (getvariable('words') - 1) || '})', 1)
        END) AS template
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND ts IS NOT NULL AND hash(source, line) % getvariable('every')::UBIGINT = 0
), counted AS (
    SELECT account, template, count(*) AS n, count(*) FILTER (weekday) AS weekdays, sum(output_tokens) AS output
    FROM asked GROUP BY account, template
), own AS (
    SELECT account, sum(n)::BIGINT AS requests, 100.0 * sum(weekdays) / sum(n) AS weekday, sum(output) / sum(n) AS output,
        100.0 * list_sum(list_reverse_sort(list(n))[:3]) / sum(n) AS top3, count(*) AS templates
    FROM counted GROUP BY account HAVING sum(n) >= getvariable('min_requests')
)
SELECT own.account, round(top3, 1) AS in_top_templates_percent, round(output) AS mean_output_tokens, round(weekday, 1) AS weekday_percent,
    account.addresses, account.user_agents, own.requests, templates, account.days, account.organization
FROM own JOIN account ON account.account = own.account
WHERE output <= getvariable('max_output') AND weekday >= getvariable('min_weekday_percent') AND top3 >= getvariable('min_template_percent')
    AND account.addresses >= getvariable('min_addresses') AND account.user_agents <= 2
ORDER BY in_top_templates_percent DESC, own.requests DESC, own.account;
