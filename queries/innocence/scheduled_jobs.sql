-- title: Scheduled jobs
-- question: Which accounts work from addresses of their own and by the clock: at the same minutes of the hour, or at the same two hours of the day?
-- why: Nightly batches and hourly jobs send many alike requests without a pause; their clock gives them away.
-- innocent: This playbook speaks for an account. What speaks against it: prompts without any relation to one firm's code or data,
--   long answers, templates that strangers share.
-- needs: account, ts
-- chart: scatter x=requests y=in_two_hours_percent
-- entity: account account
SET VARIABLE min_requests = 40;  -- integer: from how many requests on
SET VARIABLE min_percent = 60;  -- number: share of requests in the three busiest of the twelve five-minute parts of the hour (by chance 25)
SET VARIABLE min_hours_percent = 90;  -- number: or share of requests in its two busiest hours of the day (by chance 8)
SET VARIABLE min_days = 3;  -- integer: on how many days at least

WITH cell AS (
    SELECT account, minute(ts) // 5 AS part, hour(ts) AS hour, isodow(ts) >= 6 AS weekend, count(*) AS n
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account, part, hour, weekend
), total AS (
    SELECT account, sum(n) AS requests, 100.0 * coalesce(sum(n) FILTER (weekend), 0) / sum(n) AS weekend FROM cell GROUP BY account
    HAVING sum(n) >= getvariable('min_requests')
), part AS (
    SELECT account, list_sum(list_reverse_sort(list(n))[:3]) AS top3 FROM (SELECT account, part, sum(n) AS n FROM cell GROUP BY account, part) GROUP BY account
), hours AS (
    SELECT account, list_sum(list_reverse_sort(list(n))[:2]) AS top2, count(*) AS active, arg_max(hour, (n, hour)) AS busiest
    FROM (SELECT account, hour, sum(n) AS n FROM cell GROUP BY account, hour) GROUP BY account
), pair AS (
    SELECT account, client_ip FROM event WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY account, client_ip
), own AS (
    SELECT account, count(*) AS addresses, count(*) FILTER (users > 1) AS shared
    FROM (SELECT account, count(*) OVER (PARTITION BY client_ip) AS users FROM pair) GROUP BY account
)
SELECT total.account, round(100.0 * part.top3 / total.requests, 1) AS in_three_parts_percent, round(100.0 * hours.top2 / total.requests, 1) AS in_two_hours_percent,
    total.requests::BIGINT AS requests, round(weekend, 1) AS weekend_percent, busiest AS busiest_hour, account.days, account.addresses, own.shared AS shared_addresses,
    account.organization
FROM total JOIN part USING (account) JOIN hours USING (account) JOIN account ON account.account = total.account
LEFT JOIN own ON own.account = total.account
WHERE (100.0 * part.top3 / total.requests >= getvariable('min_percent') OR 100.0 * hours.top2 / total.requests >= getvariable('min_hours_percent'))
    AND account.days >= getvariable('min_days')
    AND coalesce(own.shared <= 0.5 * own.addresses, true)
ORDER BY greatest(in_three_parts_percent, in_two_hours_percent) DESC, total.requests DESC, total.account;
