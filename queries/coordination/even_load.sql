-- title: Near-equal load over accounts
-- question: In which groups of accounts (one payer, one client, one day of the first request) has each account nearly the same number of requests?
-- why: A dispatcher that deals its work out evenly leaves totals that are too alike; people's totals differ many times over.
-- innocent: Machines of one fleet: CI runners, replicas of one product, a benchmark with fixed runs. They name one organisation.
-- innocent: A quota or a course's fixed number of tasks that all use up.
-- needs: account
-- chart: scatter x=accounts y=spread_percent
SET VARIABLE min_accounts = 5;  -- integer: how many accounts make a group
SET VARIABLE min_requests = 20;  -- integer: accounts with fewer requests are left out
SET VARIABLE max_spread_percent = 20;  -- number: standard deviation of the accounts' totals, in percent of their mean

WITH own AS (
    SELECT account, count(*) AS requests, any_value(payment_ref) AS payer, any_value(user_agent) AS client,
        any_value(organization) AS organization, min(ts)::DATE::VARCHAR AS first_day
    FROM event WHERE account IS NOT NULL GROUP BY account HAVING count(*) >= getvariable('min_requests')
), grouped AS (
    SELECT 'payer' AS shared, payer AS name, * FROM own UNION ALL
    SELECT 'client', client, * FROM own UNION ALL
    SELECT 'first day', first_day, * FROM own UNION ALL
    SELECT 'organization', organization, * FROM own
)
SELECT shared, name, count(*) AS accounts, round(100 * stddev_pop(requests) / avg(requests), 1) AS spread_percent,
    round(avg(requests), 1) AS mean_requests, min(requests) AS fewest, max(requests) AS most,
    count(DISTINCT organization) AS organizations, list(account ORDER BY account)[:20] AS some_accounts
FROM grouped
WHERE name IS NOT NULL
GROUP BY shared, name
HAVING count(*) >= getvariable('min_accounts') AND stddev_pop(requests) <= avg(requests) * getvariable('max_spread_percent') / 100
ORDER BY accounts DESC, spread_percent, shared, name;
