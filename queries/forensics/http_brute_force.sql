-- title: Brute force over HTTP
-- question: Which login pages are tried over and over, by which addresses, and did one get in?
-- why: Passwords and keys are guessed over HTTP as over SSH; many addresses with few tries each hide it.
-- innocent: A mobile app that renews an expired token is refused and succeeds at once; a broken integration fails for one client.
-- needs: client_ip, path, status
-- chart: bar x=client_ip y=refused
-- entity: address client_ip
SET VARIABLE pattern = 'login|signin|sign-in|logon|/auth|/token|/session|wp-login|xmlrpc|password|/v1/(keys|models)';  -- text: paths where one signs in (a regular expression)
SET VARIABLE min_refused = 20;  -- integer: refused requests of an address (or of a page, from all addresses together)
SET VARIABLE page_addresses = 10;  -- integer: from how many addresses on a page counts as attacked from many sides

WITH attempt AS (
    SELECT client_ip, regexp_extract(path, '^[^?]*') AS page, ts, user_agent, status IN (400, 401, 403, 404, 422, 429) AS refused,
        method = 'POST' AND status BETWEEN 200 AND 399 AS accepted
    FROM event WHERE client_ip IS NOT NULL AND status IS NOT NULL AND regexp_matches(lower(path), getvariable('pattern'))
), pair AS (
    SELECT client_ip, page, count(*) AS tries, count(*) FILTER (refused) AS refused, count(*) FILTER (accepted) AS accepted,
        min(ts) AS lo, max(ts) AS hi, max(ts) FILTER (accepted) AS got_in, min(ts) FILTER (refused) AS first_refused,
        any_value(user_agent) AS user_agent
    FROM attempt GROUP BY client_ip, page
), told AS (
    SELECT *, sum(refused) OVER (PARTITION BY page) AS page_refused, count(*) FILTER (refused >= 3) OVER (PARTITION BY page) AS page_addresses
    FROM pair
)
SELECT client_ip, refused, coalesce(got_in > first_refused, false) AS accepted_afterwards, page, page_addresses AS addresses_at_page,
    tries, round(tries / greatest(epoch(hi - lo) / 60, 1), 1) AS per_minute, lo AS first_seen, hi AS last_seen, user_agent
FROM told
WHERE refused >= getvariable('min_refused')
    OR (refused >= 3 AND page_refused >= getvariable('min_refused') AND page_addresses >= getvariable('page_addresses'))
ORDER BY accepted_afterwards DESC, refused DESC, client_ip, page;
