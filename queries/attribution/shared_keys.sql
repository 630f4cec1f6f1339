-- title: Keys that serve many accounts
-- question: Which API keys send requests under several accounts, and from how many addresses?
-- why: A key is made for one holder. One that speaks for many accounts is a proxy, or many names of one operator.
-- innocent: A reseller or a product that names its end users in the account field: one organisation, one client.
-- innocent: A key that was passed on inside a team.
-- needs: account, api_key
-- chart: bar x=api_key y=accounts
-- entity: key api_key
SET VARIABLE min_accounts = 2;  -- integer: from how many accounts on

WITH pair AS (
    SELECT api_key, account, count(*) AS n, any_value(organization) AS organization, any_value(user_agent) AS user_agent,
        any_value(payment_ref) AS payer, approx_count_distinct(client_ip) AS addresses, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE api_key IS NOT NULL AND account IS NOT NULL GROUP BY api_key, account
)
SELECT api_key, count(*) AS accounts, sum(n)::BIGINT AS requests, count(DISTINCT organization) AS organizations,
    count(DISTINCT payer) AS payers, count(DISTINCT user_agent) AS user_agents, max(addresses) AS most_addresses,
    min(lo) AS first_seen, max(hi) AS last_seen, list(account ORDER BY account)[:20] AS some_accounts
FROM pair
GROUP BY api_key
HAVING count(*) >= getvariable('min_accounts')
ORDER BY accounts DESC, requests DESC, api_key;
