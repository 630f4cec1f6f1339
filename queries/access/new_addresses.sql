-- title: Accounts used from new addresses
-- question: Which accounts suddenly come from many addresses that they never used before, and how much of their traffic does?
-- why: A stolen account or key shows itself by where it is used from.
-- innocent: A person who travels, a mobile carrier that hands out addresses, a move to another cloud.
-- needs: account, client_ip, ts
-- chart: scatter x=known_addresses y=new_addresses
-- entity: account account
SET VARIABLE days = 3;  -- number: length of the recent past, back from the moment
SET VARIABLE moment = (SELECT max(ts) FROM event WHERE client_ip IS NOT NULL);  -- time: where the recent past ends (UTC); empty for the last event
SET VARIABLE min_new = 3;  -- integer: how many new addresses
SET VARIABLE min_known = 10;  -- integer: requests before, without which nothing is known of the account

WITH seen AS (
    SELECT account, client_ip, min(ts) AS first_seen, count(*) AS n,
        count(*) FILTER (ts >= getvariable('moment') - to_milliseconds((86400000 * getvariable('days'))::BIGINT)) AS lately,
        any_value(coalesce(as_org, 'AS' || asn, country)) AS network
    FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL AND ts <= getvariable('moment') GROUP BY account, client_ip
), told AS (
    SELECT *, lately = n AS is_new FROM seen
)
SELECT account, count(*) FILTER (is_new) AS new_addresses, count(*) FILTER (NOT is_new) AS known_addresses,
    round(100.0 * coalesce(sum(n) FILTER (is_new), 0) / sum(lately), 1) AS from_new_percent, sum(lately)::BIGINT AS recent_requests,
    (sum(n) - sum(lately))::BIGINT AS requests_before, count(DISTINCT network) FILTER (is_new) AS networks_of_new,
    min(first_seen) FILTER (is_new) AS first_new
FROM told
GROUP BY account
HAVING count(*) FILTER (is_new) >= getvariable('min_new') AND sum(n) - sum(lately) >= getvariable('min_known')
ORDER BY from_new_percent DESC, new_addresses DESC, account;
