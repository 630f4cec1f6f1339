-- title: Addresses that serve many accounts
-- question: Which client addresses are used by the most accounts, and are these accounts strangers to each other?
-- why: An address with many accounts is either a place where many people are, or one operator with many names. One
--   operator shows few clients and few payers for many accounts that belong to no common organisation.
-- innocent: An office, a university or a carrier: its accounts differ in client, prompts and hours, and often belong to
--   one organisation (few in the column organizations).
-- innocent: A reseller's servers: one address, one client, many end customers.
-- needs: account, client_ip
-- chart: scatter x=accounts y=user_agents
-- entity: address client_ip
SET VARIABLE min_accounts = 3;  -- integer: from how many accounts on
SET VARIABLE top = 50;  -- integer: how many to list

WITH pair AS (
    SELECT client_ip, account, count(*) AS n, any_value(user_agent) AS user_agent, any_value(payment_ref) AS payer,
        any_value(organization) AS organization, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY client_ip, account
), busy AS (
    SELECT client_ip
    FROM (SELECT client_ip, count(*) AS accounts, sum(n) AS requests FROM pair GROUP BY client_ip HAVING count(*) >= getvariable('min_accounts'))
    ORDER BY accounts DESC, requests DESC, client_ip LIMIT getvariable('top')
)
SELECT client_ip, count(*) AS accounts, count(DISTINCT user_agent) AS user_agents, count(DISTINCT payer) AS payers,
    count(DISTINCT organization) AS organizations, count(*) - count(organization) AS without_organization,
    sum(n)::BIGINT AS requests, min(lo) AS first_seen, max(hi) AS last_seen
FROM pair SEMI JOIN busy USING (client_ip)
GROUP BY client_ip
ORDER BY accounts DESC, requests DESC, client_ip;
