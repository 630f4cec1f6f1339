-- title: Accounts that share a payment fingerprint
-- question: Which payment fingerprints pay for several accounts, and what do these accounts do?
-- why: Many accounts on one card or wallet belong to one payer, whatever their names say.
-- innocent: A company or a university pays for its members; their work, hours and clients differ.
-- innocent: A family or a reseller with few accounts.
-- needs: account, payment_ref
-- chart: bar x=payment_ref y=accounts
SET VARIABLE min_accounts = 3;  -- integer: from how many accounts on

SELECT payment_ref, count(DISTINCT account) AS accounts, count(*) AS requests,
    count(DISTINCT client_ip) AS addresses, count(DISTINCT organization) AS organizations,
    min(ts) AS first_seen, max(ts) AS last_seen, list(DISTINCT account ORDER BY account)[:20] AS some_accounts
FROM event
WHERE payment_ref IS NOT NULL AND account IS NOT NULL
GROUP BY payment_ref
HAVING count(DISTINCT account) >= getvariable('min_accounts')
ORDER BY accounts DESC, requests DESC;
