-- title: Rare clients
-- question: Which client programs occur with very few addresses or accounts, yet send many requests?
-- why: Attack tools and home-made programs seldom bear a common name.
-- innocent: A customer's own integration, a monitor, an old phone: rare and harmless; see what it asks for and what it gets.
-- needs: user_agent
-- chart: scatter x=requests y=error_percent
SET VARIABLE max_users = 2;  -- integer: at most so many users (accounts, keys or addresses)
SET VARIABLE min_requests = 10;  -- integer: from how many requests on
SET VARIABLE top = 100;  -- integer: how many to list

WITH pair AS (
    SELECT user_agent, coalesce(account, api_key, client_ip) AS holder, count(*) AS n,
        count(*) FILTER (coalesce(status >= 400, outcome IN ('failure', 'refused', 'limited'), error IS NOT NULL)) AS errors,
        any_value(client_ip) AS client_ip, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE user_agent IS NOT NULL GROUP BY user_agent, holder
)
SELECT user_agent, sum(n)::BIGINT AS requests, count(holder) AS users, round(100.0 * sum(errors) / sum(n), 1) AS error_percent,
    min(holder) AS a_user, any_value(client_ip) AS client_ip, min(lo) AS first_seen, max(hi) AS last_seen
FROM pair
GROUP BY user_agent
HAVING count(holder) <= getvariable('max_users') AND sum(n) >= getvariable('min_requests')
ORDER BY requests DESC, user_agent
LIMIT getvariable('top');
