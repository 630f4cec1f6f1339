-- title: Keys used from new addresses
-- question: Which accounts or keys suddenly come from many addresses that they never used before?
-- why: A stolen key shows itself by where it is used from.
-- innocent: A person who travels, a mobile carrier that hands out addresses, a move to another cloud.
-- needs: client_ip, ts
-- chart: scatter x=known_addresses y=new_addresses
-- entity: account account
SET VARIABLE days = 3;  -- integer: length of the recent past, from the last event back
SET VARIABLE min_new = 5;  -- integer: how many new addresses

WITH bound AS (
    SELECT max(ts) - to_days(getvariable('days')) AS recent FROM event WHERE client_ip IS NOT NULL
), seen AS (
    SELECT coalesce(account, api_key) AS holder, any_value(account) AS account, client_ip, min(ts) AS first_seen, count(*) AS n
    FROM event WHERE coalesce(account, api_key) IS NOT NULL AND client_ip IS NOT NULL GROUP BY holder, client_ip
)
SELECT holder, any_value(account) AS account, count(*) FILTER (first_seen < recent) AS known_addresses,
    count(*) FILTER (first_seen >= recent) AS new_addresses, coalesce(sum(n) FILTER (first_seen >= recent), 0)::BIGINT AS requests_from_new
FROM seen, bound
GROUP BY holder
HAVING known_addresses > 0 AND new_addresses >= getvariable('min_new')
ORDER BY new_addresses DESC, holder;
