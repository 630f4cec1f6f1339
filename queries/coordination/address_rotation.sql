-- title: Rotation over a pool of addresses
-- question: Which accounts spread their requests evenly over many addresses that others use too?
-- why: A proxy pool hands each request another address; a person keeps to one or two, and comes back to them.
-- innocent: A mobile carrier changes addresses too: then they are used by one account each, or the accounts differ in all else.
-- innocent: Hosted runners and serverless functions come from a cloud's pool; their neighbours name an organisation.
-- needs: account, client_ip
-- chart: scatter x=addresses y=evenness
-- entity: account account
SET VARIABLE min_addresses = 5;  -- integer: from how many addresses on
SET VARIABLE min_evenness = 0.8;  -- number: 1 where all addresses are used alike, 0 where one does all
SET VARIABLE min_shared_percent = 50;  -- number: share of the addresses that other accounts use too
SET VARIABLE max_accounts = 200;  -- integer: an address with more accounts than this is a hub and not counted as shared

WITH pair AS (
    SELECT account, client_ip, count(*) AS n, any_value(organization) AS organization
    FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY account, client_ip
), pool AS (
    SELECT client_ip, count(*) AS accounts FROM pair GROUP BY client_ip
), own AS (
    SELECT account, count(*) AS addresses, sum(n)::BIGINT AS requests, any_value(organization) AS organization,
        (ln(sum(n)) - sum(n * ln(n)) / sum(n)) / ln(greatest(count(*), 2)) AS evenness,
        count(*) FILTER (accounts BETWEEN 2 AND getvariable('max_accounts')) AS shared
    FROM pair JOIN pool USING (client_ip) GROUP BY account HAVING count(*) >= getvariable('min_addresses')
)
SELECT account, addresses, round(evenness, 3) AS evenness, round(100.0 * shared / addresses, 1) AS shared_percent,
    round(requests / addresses, 1) AS requests_per_address, requests, organization
FROM own
WHERE evenness >= getvariable('min_evenness') AND 100.0 * shared / addresses >= getvariable('min_shared_percent')
ORDER BY organization IS NULL DESC, addresses DESC, evenness DESC, account;
