-- title: Resellers and gateways
-- question: Which payers, organisations or addresses stand for many accounts whose prompts have nothing in common?
-- why: A reseller's customers share its servers and its card, but each has work of its own.
-- innocent: This playbook speaks for a group. What speaks against it: templates that its accounts share (common_percent), near-equal
--   load, all of it in step. A reseller can say who its customers are; that record settles it.
-- needs: account, prompt, payment_ref | organization | client_ip
-- chart: scatter x=accounts y=common_percent
SET VARIABLE min_accounts = 4;  -- integer: from how many accounts on
SET VARIABLE words = 4;  -- integer: how many leading words make a template
SET VARIABLE max_common_percent = 40;  -- number: share of the prompts in templates that half of the group's accounts use
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, organization, payment_ref, client_ip,
        hash(CASE WHEN unicode(prompt) >= 11904 THEN left(prompt, 12)  -- scripts without blanks between words
            WHEN unicode(prompt) >= 592 THEN array_to_string(string_split(lower(left(prompt, 100)), ' ')[:getvariable('words')], ' ')
            ELSE regexp_extract(translate(lower(left(prompt, 160)), '0123456789', ''), '^[^a-zß-ÿ]*([a-zß-ÿ]+(?:[ ,.''’-]+[a-zß-ÿ]+){0,' || (getvariable('words') - 1) || '})', 1)
        END) AS template
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL AND hash(source, line) % getvariable('every')::UBIGINT = 0
), template AS (
    SELECT account, template, count(*) AS n, min(organization) AS organization, min(payment_ref) AS payer, min(client_ip) AS address
    FROM asked GROUP BY account, template
), own AS (
    SELECT account, min(organization) AS organization, min(payer) AS payer, min(address) AS address FROM template GROUP BY account
), member AS (
    SELECT 'payer' AS shared, payer AS name, account FROM own WHERE payer IS NOT NULL
    UNION ALL SELECT 'organization', organization, account FROM own WHERE organization IS NOT NULL
    UNION ALL SELECT 'address', address, account FROM own WHERE address IS NOT NULL
), grouped AS (
    SELECT *, count(*) OVER (PARTITION BY shared, name) AS accounts FROM member
    QUALIFY accounts >= getvariable('min_accounts')
), used AS (
    SELECT shared, name, any_value(accounts) AS accounts, template, sum(n) AS n, count(*) AS users
    FROM grouped JOIN template USING (account) GROUP BY shared, name, template
)
SELECT shared, name, any_value(accounts) AS accounts,
    round(100.0 * coalesce(sum(n) FILTER (users >= greatest(2, 0.5 * accounts)), 0) / sum(n), 1) AS common_percent,
    round(100.0 * coalesce(sum(n) FILTER (users >= 2), 0) / sum(n), 1) AS shared_by_two_percent, count(*) AS templates, sum(n)::BIGINT AS prompts
FROM used
GROUP BY shared, name
HAVING common_percent <= getvariable('max_common_percent')
ORDER BY accounts DESC, common_percent, shared, name;
