-- title: One product's traffic
-- question: Which heavy accounts look like one product: one client, few addresses of its own, and a day with a night?
-- why: A product asks as much as a campaign does. It does so from its own servers, in one voice, for people who sleep.
-- innocent: This playbook speaks for an account. What speaks against it: a template or a payment that strangers share
--   (shared_templates, shared_payment), a flat day (around_the_clock), answers far longer than a product shows.
-- needs: account, user_agent, client_ip, ts
-- chart: scatter x=requests y=night_percent
-- entity: account account
SET VARIABLE min_requests = 40;  -- integer: from how many requests on
SET VARIABLE max_addresses = 6;  -- integer: a product has few servers
SET VARIABLE min_client_percent = 95;  -- number: share of the requests through one client
SET VARIABLE max_night_percent = 15;  -- number: share of the requests in its quietest eight hours (a flat day has 33)
SET VARIABLE min_days = 5;  -- integer: on how many days at least

WITH cell AS (
    SELECT account, user_agent, hour(ts) AS hour, count(*) AS n, any_value(organization) AS organization,
        sum(output_tokens) AS output
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account, user_agent, hour
), client AS (
    SELECT account, user_agent, sum(n) AS n, sum(output) AS output, any_value(organization) AS organization FROM cell GROUP BY account, user_agent
), main AS (
    SELECT account, sum(n)::BIGINT AS requests, max(n) AS by_main, arg_max(user_agent, n) AS client, sum(output) / sum(n) AS output,
        any_value(organization) AS organization
    FROM client GROUP BY account HAVING sum(n) >= getvariable('min_requests')
), hourly AS (
    SELECT account, hour, sum(n) AS n FROM cell SEMI JOIN main USING (account) GROUP BY account, hour
), quiet AS (  -- the eight hours in a row with the fewest requests
    SELECT account, min(night) AS night FROM (
        SELECT account, first, coalesce(sum(n) FILTER ((hour - first + 24) % 24 < 8), 0) AS night
        FROM hourly, (SELECT unnest(range(24)) AS first) GROUP BY account, first
    ) GROUP BY account
), pair AS (
    SELECT account, client_ip FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY account, client_ip
), own AS (
    SELECT account, count(*) AS addresses, count(*) FILTER (users > 1) AS shared
    FROM (SELECT account, count(*) OVER (PARTITION BY client_ip) AS users FROM pair) GROUP BY account
)
SELECT main.account, main.requests, round(100.0 * night / main.requests, 1) AS night_percent, own.addresses, own.shared AS shared_addresses,
    round(100.0 * by_main / main.requests, 1) AS client_percent, client, round(output) AS mean_output_tokens, account.days,
    main.organization
FROM main JOIN quiet USING (account) JOIN own ON own.account = main.account
JOIN account ON account.account = main.account
WHERE 100.0 * by_main / main.requests >= getvariable('min_client_percent') AND own.addresses <= getvariable('max_addresses')
    AND own.shared <= 0.5 * own.addresses
    AND 100.0 * night / main.requests <= getvariable('max_night_percent') AND account.days >= getvariable('min_days')
ORDER BY main.requests DESC, main.account;
