-- title: Scanners
-- question: Which clients ask for paths that only somebody looking for holes asks for, and were any of them answered?
-- why: Scanning comes before breaking in, and its addresses are worth knowing elsewhere in the case.
-- innocent: A broken link, a search engine or the company's own vulnerability scan; the last has a known address.
-- needs: client_ip, path
-- chart: scatter x=requests y=probes
-- entity: address client_ip
SET VARIABLE min_probes = 3;  -- integer: from how many suspicious paths on
SET VARIABLE pattern = '/\.env|/\.git/|wp-login|wp-admin|xmlrpc\.php|phpmyadmin|/etc/passwd|\.\./|%2e%2e|cgi-bin|/\.aws/|/actuator|/server-status|/\.ssh/|/\.svn/|/vendor/phpunit|/boaform|/manager/html|/solr/|/\.ds_store|/config\.(json|php|yml)|\.php\?.*=http|union(\+|%20)select|<script|%3cscript';  -- text: what counts as a probe (a regular expression over lower-case paths)

WITH prober AS (
    SELECT client_ip, count(*) AS probes, count(*) FILTER (status < 400) AS answered, any_value(user_agent) AS user_agent,
        list(DISTINCT path ORDER BY path)[:8] AS some_paths
    FROM event WHERE client_ip IS NOT NULL AND regexp_matches(lower(path), getvariable('pattern'))
    GROUP BY client_ip HAVING count(*) >= getvariable('min_probes')
), traffic AS (
    SELECT client_ip, count(*) AS requests, count(*) FILTER (status >= 400) AS errors, min(ts) AS first_seen, max(ts) AS last_seen
    FROM event SEMI JOIN prober USING (client_ip) WHERE path IS NOT NULL GROUP BY client_ip
)
SELECT client_ip, probes, answered AS probes_answered, requests, round(100.0 * errors / requests, 1) AS error_percent,
    first_seen, last_seen, user_agent, some_paths
FROM prober JOIN traffic USING (client_ip)
ORDER BY probes_answered DESC, probes DESC, client_ip;
