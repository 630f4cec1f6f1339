-- title: Scanners
-- question: Which clients ask for paths that only somebody looking for holes asks for, and were any of them answered?
-- why: Scanning comes before breaking in, and its addresses are worth knowing elsewhere in the case.
-- innocent: A broken link, a search engine or the company's own vulnerability scan; the last has a known address.
-- needs: client_ip, path
-- chart: scatter x=requests y=probes
-- entity: address client_ip
SET VARIABLE min_probes = 3;  -- integer: from how many suspicious paths on
SET VARIABLE pattern = '/\.env|/\.git/|wp-login|wp-admin|xmlrpc\.php|phpmyadmin|/etc/passwd|\.\./|%2e%2e|cgi-bin|/\.aws/|/actuator|/server-status|/\.ssh/|/\.svn/|/vendor/phpunit|/boaform|/manager/html|/solr/|/\.ds_store|/config\.(json|php|yml)|\.php\?.*=http|union(\+|%20)select|<script|%3cscript';  -- text: what counts as a probe (a regular expression over lower-case paths)

SELECT client_ip, count(*) FILTER (probe) AS probes, count(*) FILTER (probe AND status < 400) AS probes_answered,
    count(*) AS requests, round(100.0 * count(*) FILTER (status >= 400) / count(*), 1) AS error_percent,
    min(ts) AS first_seen, max(ts) AS last_seen, any_value(user_agent) AS user_agent,
    list(DISTINCT path ORDER BY path) FILTER (probe)[:8] AS some_paths
FROM (SELECT *, regexp_matches(lower(path), getvariable('pattern')) AS probe FROM event WHERE client_ip IS NOT NULL AND path IS NOT NULL)
GROUP BY client_ip
HAVING count(*) FILTER (probe) >= getvariable('min_probes')
ORDER BY probes_answered DESC, probes DESC, client_ip;
