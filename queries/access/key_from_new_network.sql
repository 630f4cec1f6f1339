-- title: Keys used from new networks
-- question: Which API keys are used, beside their usual network, from one that they were never used from before?
-- why: A key that leaked is used by its owner and its thief at once, from two networks.
-- innocent: A deployment to another cloud or region, an employee at home, a new partner: the old network fades, or the client is the same.
-- needs: api_key, as_org | asn | country | client_ip, ts
-- chart: scatter x=requests_known y=requests_new
-- entity: key api_key
SET VARIABLE min_requests = 5;  -- integer: requests from the new network
SET VARIABLE min_days_known = 3;  -- number: for how long the key was used before that

WITH pair AS (
    SELECT api_key, as_org, asn, country, client_ip, min(ts) AS lo, max(ts) AS hi, count(*) AS n,
        any_value(user_agent) AS client, any_value(account) AS account
    FROM event WHERE api_key IS NOT NULL AND ts IS NOT NULL GROUP BY api_key, as_org, asn, country, client_ip
), seen AS (
    SELECT api_key, coalesce(as_org, 'AS' || asn, country, wb_ip_network(client_ip, 16, 32)) AS network,
        min(lo) AS lo, max(hi) AS hi, sum(n)::BIGINT AS n, any_value(client) AS client, any_value(client_ip) AS an_address,
        any_value(account) AS account
    FROM pair GROUP BY api_key, network
), told AS (
    SELECT *, min(lo) OVER (PARTITION BY api_key) AS born FROM seen WHERE network IS NOT NULL
), fresh AS (
    SELECT * FROM told WHERE epoch(lo - born) >= 86400 * getvariable('min_days_known') AND n >= getvariable('min_requests')
)
SELECT fresh.api_key, fresh.network AS new_network, any_value(fresh.n) AS requests_new, sum(old.n)::BIGINT AS requests_known,
    string_agg(DISTINCT old.network, ', ' ORDER BY old.network) AS known_networks, max(old.hi) > any_value(fresh.lo) AS both_at_once,
    bool_and(old.client IS DISTINCT FROM fresh.client) AS other_client, any_value(fresh.an_address) AS an_address,
    any_value(fresh.lo) AS first_new, any_value(fresh.account) AS account
FROM fresh JOIN told AS old ON old.api_key = fresh.api_key AND old.lo < fresh.lo
GROUP BY fresh.api_key, fresh.network
ORDER BY both_at_once DESC, other_client DESC, requests_new DESC, fresh.api_key, new_network;
