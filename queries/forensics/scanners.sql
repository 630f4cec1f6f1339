-- title: Scanners
-- question: Which clients ask for paths that only somebody looking for holes asks for, or hit mostly errors?
-- why: Scanning comes before breaking in, and its addresses are worth knowing elsewhere in the case.
-- innocent: A broken link, a search engine or the company's own vulnerability scan; the last has a known address.
-- needs: client_ip, path
-- chart: bar x=client_ip y=probes
-- entity: address client_ip
SET VARIABLE min_probes = 3;  -- integer: from how many suspicious paths on
SET VARIABLE pattern = '\.env|\.git/|wp-login|wp-admin|xmlrpc\.php|phpmyadmin|/etc/passwd|\.\./|%2e%2e|cgi-bin|\.aws/|/actuator|/server-status|\.php\?.*=http|union(\+|%20)select|<script|%3cscript';  -- text: what counts as a probe (a regular expression)

SELECT client_ip, count(*) FILTER (probe) AS probes, count(*) AS requests,
    round(100.0 * count(*) FILTER (status >= 400) / count(*), 1) AS error_percent,
    count(*) FILTER (probe AND status < 400) AS probes_answered,
    any_value(user_agent) AS user_agent, min(ts) AS first_seen, max(ts) AS last_seen,
    list(DISTINCT path ORDER BY path) FILTER (probe)[:8] AS some_paths
FROM (SELECT *, regexp_matches(lower(path), getvariable('pattern')) AS probe FROM event WHERE client_ip IS NOT NULL AND path IS NOT NULL)
GROUP BY client_ip
HAVING count(*) FILTER (probe) >= getvariable('min_probes')
ORDER BY probes DESC, client_ip;
