-- title: A class with a deadline
-- question: Which addresses or organisations have many accounts that came together, work more and more, and end at one moment?
-- why: A class looks like a campaign: same start, same place, alike prompts, same end. It rises to a deadline and has many clients.
-- innocent: This playbook speaks for a group. What speaks against it: an even load, few clients, one payer, work through the night
--   from the first day on.
-- needs: account, client_ip | organization, ts
-- chart: scatter x=accounts y=last_fifth_percent
SET VARIABLE min_accounts = 8;  -- integer: from how many accounts on
SET VARIABLE max_days = 21;  -- number: how long the group lives at most
SET VARIABLE min_last_percent = 35;  -- number: share of its requests in the last fifth of its life (20 where the load is even)

WITH pair AS (
    SELECT account, client_ip, count(*) AS n, min(ts) AS lo, max(ts) AS hi, any_value(organization) AS organization,
        any_value(payment_ref) AS payer, any_value(user_agent) AS client
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account, client_ip
), own AS (
    SELECT account, min(lo) AS lo, max(hi) AS hi, any_value(organization) AS organization, any_value(payer) AS payer,
        any_value(client) AS client, arg_max(client_ip, n) AS home
    FROM pair GROUP BY account
), member AS (
    SELECT 'address' AS shared, home AS name, * FROM own WHERE home IS NOT NULL
    UNION ALL SELECT 'organization', organization, * FROM own WHERE organization IS NOT NULL
    UNION ALL SELECT 'network', wb_ip_network(home, 16, 32), * FROM own WHERE wb_ip_network(home, 16, 32) IS NOT NULL
), life AS (
    SELECT shared, name, count(*) AS accounts, min(lo) AS lo, max(hi) AS hi, count(DISTINCT client) AS clients,
        count(DISTINCT payer) AS payers, list(account) AS members
    FROM member GROUP BY shared, name
    HAVING count(*) >= getvariable('min_accounts') AND epoch(max(hi) - min(lo)) <= 86400 * getvariable('max_days')
), spread AS (
    SELECT shared, name, accounts, clients, payers, lo, hi, unnest(members) AS account FROM life
)
SELECT shared, name, any_value(accounts) AS accounts,
    round(100.0 * count(*) FILTER (ts >= make_timestamp(epoch_us(hi) - (epoch_us(hi) - epoch_us(lo)) // 5)) / count(*), 1) AS last_fifth_percent,
    round(any_value(clients) / any_value(accounts), 2) AS clients_per_account, any_value(payers) AS payers, count(*) AS requests,
    any_value(lo) AS first_seen, any_value(hi) AS last_seen
FROM event JOIN spread USING (account)
WHERE ts IS NOT NULL
GROUP BY shared, name
HAVING last_fifth_percent >= getvariable('min_last_percent')
ORDER BY accounts DESC, last_fifth_percent DESC, shared, name;
