-- title: A company or campus behind one address
-- question: Which addresses with many accounts look like a place where people are: one organisation or many clients, office hours?
-- why: The same number of accounts behind one address is harmless in an office and telling in a rented server.
-- innocent: This playbook speaks for an address. What speaks against it: few clients, few payers, no night, and accounts that
--   appear at several such addresses (shared_addresses).
-- needs: account, client_ip, ts
-- chart: scatter x=accounts y=clients_per_account
-- entity: address client_ip
SET VARIABLE min_accounts = 5;  -- integer: from how many accounts on
SET VARIABLE top = 100;  -- integer: how many to list

WITH pair AS (
    SELECT client_ip, account, count(*) AS n, any_value(organization) AS organization, any_value(payment_ref) AS payer,
        any_value(user_agent) AS user_agent, count(*) FILTER (isodow(ts) <= 5) AS weekdays, min(ts) AS lo, max(ts) AS hi,
        count(*) FILTER (hour(ts) BETWEEN 0 AND 7) AS a, count(*) FILTER (hour(ts) BETWEEN 8 AND 15) AS b, count(*) FILTER (hour(ts) >= 16) AS c
    FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY client_ip, account
), place AS (
    SELECT client_ip, count(*) AS accounts, count(DISTINCT organization) AS organizations, max(organization) AS organization,
        100.0 * count(organization) / count(*) AS named, count(DISTINCT user_agent) / count(*) AS clients, count(DISTINCT payer) AS payers,
        100.0 * sum(weekdays) / sum(n) AS weekdays, 100.0 * least(sum(a), sum(b), sum(c)) / sum(n) AS night, sum(n)::BIGINT AS requests
    FROM pair GROUP BY client_ip HAVING count(*) >= getvariable('min_accounts')
)
SELECT client_ip, accounts, organizations, round(clients, 2) AS clients_per_account, round(night, 1) AS quietest_third_percent,
    round(weekdays, 1) AS weekday_percent, payers, requests,
    (organizations = 1 AND named >= 80)::INTEGER + (clients >= 0.5)::INTEGER + (night <= 10)::INTEGER + (weekdays >= 85)::INTEGER AS signs_of_people,
    organization
FROM place
ORDER BY signs_of_people DESC, accounts DESC, client_ip
LIMIT getvariable('top');
