-- title: Traffic by network owner
-- question: Which networks and countries do the requests come from, and how many accounts does each bring?
-- why: Rented servers and proxy services stand out: few owners, many accounts, from countries their users do not live in.
-- innocent: Clouds carry most honest programs; a large carrier or a campus carries many honest people.
-- needs: as_org | asn | country
-- chart: bar x=network y=requests
SET VARIABLE top = 50;  -- integer: how many to list

SELECT coalesce(as_org, 'AS' || asn, country) AS network, count(*) AS requests,
    round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share_percent,
    approx_count_distinct(entity) AS users_about, approx_count_distinct(client_ip) AS addresses_about,
    round(count(*) / greatest(approx_count_distinct(entity), 1)) AS requests_per_user, country,
    any_value(network_kind) AS kind, any_value(network_source) AS said_by,
    min(ts) AS first_seen, max(ts) AS last_seen
FROM event
WHERE as_org IS NOT NULL OR asn IS NOT NULL OR country IS NOT NULL
GROUP BY network, country
ORDER BY requests DESC, network, country
LIMIT getvariable('top');
