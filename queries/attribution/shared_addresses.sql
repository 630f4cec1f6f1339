-- title: Accounts that share addresses
-- question: Which accounts send their requests from addresses that other accounts use too?
-- why: A pool of addresses that many accounts take turns on is how one operator drives many accounts.
-- innocent: A company, a campus or a mobile carrier puts hundreds of strangers behind one address; such hubs are left
--   out by max_accounts, and their users share the one address but not a pool of many.
-- innocent: A reseller or gateway forwards many customers from its few servers.
-- needs: account, client_ip
-- chart: scatter x=shared_addresses y=companions
-- entity: account account
SET VARIABLE min_shared = 3;  -- integer: how many shared addresses make an account worth a look
SET VARIABLE max_accounts = 40;  -- integer: an address with more accounts than this is a hub and tells nothing

WITH pair AS (
    SELECT DISTINCT account, client_ip FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL
), pool AS (
    SELECT client_ip, count(*) AS accounts FROM pair GROUP BY client_ip
    HAVING count(*) BETWEEN 2 AND getvariable('max_accounts')
), mine AS (
    SELECT account, count(*) AS addresses FROM pair GROUP BY account
), met AS (
    SELECT a.account, count(DISTINCT a.client_ip) AS shared_addresses, count(DISTINCT b.account) AS companions
    FROM pair AS a JOIN pool USING (client_ip) JOIN pair AS b ON b.client_ip = a.client_ip AND b.account <> a.account
    GROUP BY a.account
)
SELECT account, shared_addresses, addresses, round(100.0 * shared_addresses / addresses, 1) AS shared_percent, companions
FROM met JOIN mine USING (account)
WHERE shared_addresses >= getvariable('min_shared')
ORDER BY shared_addresses DESC, companions DESC, account;
