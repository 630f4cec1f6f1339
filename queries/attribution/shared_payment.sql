-- title: Accounts that share a payment fingerprint
-- question: Which payment fingerprints pay for several accounts, and do these accounts belong to one organisation?
-- why: Many accounts on one card or wallet belong to one payer, whatever their names say.
-- innocent: A company or a university pays for its members: one organisation, and their work, hours and clients differ.
-- innocent: A family, or a reseller or agency that opened accounts for its customers.
-- needs: account, payment_ref
-- chart: bar x=payment_ref y=accounts
SET VARIABLE min_accounts = 3;  -- integer: from how many accounts on

WITH pair AS (
    SELECT payment_ref, account, count(*) AS n, any_value(organization) AS organization, any_value(user_agent) AS user_agent,
        approx_count_distinct(client_ip) AS addresses, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE payment_ref IS NOT NULL AND account IS NOT NULL GROUP BY payment_ref, account
)
SELECT payment_ref, count(*) AS accounts, count(DISTINCT organization) AS organizations,
    count(*) - count(organization) AS without_organization, count(DISTINCT user_agent) AS user_agents,
    sum(n)::BIGINT AS requests, max(addresses) AS most_addresses, min(lo) AS first_seen, max(hi) AS last_seen,
    list(account ORDER BY account)[:20] AS some_accounts
FROM pair
GROUP BY payment_ref
HAVING count(*) >= getvariable('min_accounts')
ORDER BY without_organization DESC, accounts DESC, payment_ref;
