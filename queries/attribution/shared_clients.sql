-- title: Rare clients shared by strangers
-- question: Which unusual client programs are used by several accounts that have no organisation in common?
-- why: A home-made client, or one odd version of a library, is a fingerprint; strangers rarely share one.
-- innocent: A new version of a popular library, an app from a shop, a course's example program: common, or soon to be.
-- innocent: The staff of one firm with one tool: few strangers for many accounts.
-- needs: account, user_agent
-- chart: bar x=client y=strangers
SET VARIABLE min_accounts = 3;  -- integer: from how many strangers on
SET VARIABLE ignore = '^Mozilla/';  -- text: clients that are no program of one's own (a regular expression)
SET VARIABLE max_percent = 30;  -- number: a client used by more of all accounts than this is common and tells nothing

WITH pair AS (
    SELECT user_agent, account, count(*) AS n, any_value(organization) AS organization, any_value(payment_ref) AS payer,
        min(ts) AS lo, max(ts) AS hi, sum(output_tokens) AS output_tokens
    FROM event WHERE account IS NOT NULL AND user_agent IS NOT NULL
        AND (getvariable('ignore') = '' OR NOT regexp_matches(user_agent, getvariable('ignore')))
    GROUP BY user_agent, account
), total AS (
    SELECT count(*) AS accounts FROM account
)
SELECT user_agent AS client, count(DISTINCT coalesce(organization, account)) AS strangers, count(*) AS accounts,
    count(DISTINCT payer) AS payers, sum(n)::BIGINT AS requests, round(sum(output_tokens) / sum(n)) AS mean_output_tokens,
    round(100.0 * count(*) / any_value(total.accounts), 2) AS percent_of_accounts, min(lo) AS first_seen, max(hi) AS last_seen,
    list(account ORDER BY account)[:20] AS some_accounts
FROM pair, total
GROUP BY user_agent
HAVING strangers >= getvariable('min_accounts')
    AND (100.0 * count(*) / any_value(total.accounts) <= getvariable('max_percent') OR any_value(total.accounts) < 30)
ORDER BY strangers DESC, requests DESC, client;
