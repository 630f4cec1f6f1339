-- title: Accounts that share addresses
-- question: Which accounts send their requests from addresses that strangers' accounts use too?
-- why: A pool of addresses that many accounts take turns on is how one operator drives many accounts. Accounts of the same
--   organisation are no strangers; accounts that name none are counted as strangers.
-- innocent: A company, a campus or a mobile carrier puts hundreds of strangers behind one address; such hubs are left
--   out by max_accounts, and their users share the one address but not a pool of many.
-- innocent: A reseller or gateway forwards many customers from its few servers; hosted runners (CI) reuse their addresses.
-- needs: account, client_ip
-- chart: scatter x=shared_addresses y=strangers
-- entity: account account
SET VARIABLE min_shared = 3;  -- integer: how many shared addresses make an account worth a look
SET VARIABLE max_accounts = 40;  -- integer: an address with more accounts than this is a hub and tells nothing

WITH pair AS (
    SELECT account, client_ip, any_value(organization) AS organization, any_value(payment_ref) AS payer, count(*) AS n
    FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY account, client_ip
), own AS (
    SELECT account, any_value(organization) AS organization, any_value(payer) AS payer, count(*) AS addresses,
        sum(n)::BIGINT AS requests
    FROM pair GROUP BY account
), pool AS (
    SELECT client_ip FROM pair GROUP BY client_ip HAVING count(*) BETWEEN 2 AND getvariable('max_accounts')
), used AS (
    SELECT account, client_ip FROM pair SEMI JOIN pool USING (client_ip)
), candidate AS (
    SELECT account FROM used GROUP BY account HAVING count(*) >= getvariable('min_shared')
), met AS (
    SELECT a.account, b.account AS other, count(*) AS together
    FROM (SELECT * FROM used SEMI JOIN candidate USING (account)) AS a
    JOIN (SELECT * FROM used SEMI JOIN candidate USING (account)) AS b ON a.client_ip = b.client_ip AND a.account <> b.account
    GROUP BY a.account, b.account
), known AS (
    SELECT met.account, other, together, x.organization IS NULL OR x.organization IS DISTINCT FROM y.organization AS stranger,
        x.payer = y.payer AS one_payer
    FROM met JOIN own AS x ON x.account = met.account JOIN own AS y ON y.account = met.other
), counted AS (
    SELECT account, count(*) FILTER (stranger) AS strangers, count(*) FILTER (stranger AND one_payer) AS strangers_same_payer,
        max(together) FILTER (stranger) AS most_with_one, count(*) FILTER (NOT stranger) AS colleagues
    FROM known GROUP BY account
)
SELECT account, strangers, shared_addresses, addresses, most_with_one, strangers_same_payer, colleagues, requests
FROM counted JOIN own USING (account)
JOIN (SELECT account, count(*) AS shared_addresses FROM used GROUP BY account) USING (account)
WHERE strangers > 0
ORDER BY strangers DESC, shared_addresses DESC, account;
