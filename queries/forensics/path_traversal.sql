-- title: Path traversal and injection
-- question: Which requests try to climb out of the web root, read system files or inject code, and which of them were answered?
-- why: One answered attempt is a break-in; the unanswered ones tell who is trying.
-- innocent: A scanner that was ordered, whose address is known; a wiki or search whose words look like an attack.
-- needs: client_ip, path
-- chart: bar x=client_ip y=attempts
-- entity: address client_ip
SET VARIABLE pattern = '\.\./|\.\.\\|%2e%2e|\.\.%2f|%252e|/etc/(passwd|shadow)|/proc/self|win\.ini|boot\.ini|union(\+|%20| )+(all(\+|%20| )+)?select|(or|and)(\+|%20| )+1=1|<script|%3cscript|\$\{jndi|%24%7bjndi|;(\+|%20| )*(cat|wget|curl|nc)\b|cmd=|base64_decode|php://|/bin/(ba)?sh';  -- text: what counts as an attempt (a regular expression over lower-case paths)
SET VARIABLE min_attempts = 1;  -- integer: from how many attempts on

SELECT client_ip, count(*) FILTER (status < 400) AS answered, count(*) AS attempts, count(DISTINCT path) AS paths,
    max(bytes_out) FILTER (status < 400) AS largest_answer, min(ts) AS first_seen, max(ts) AS last_seen,
    coalesce(min(path) FILTER (status < 400), min(path)) AS a_path, min(event_id) AS example_event, any_value(user_agent) AS user_agent
FROM event
WHERE client_ip IS NOT NULL AND path IS NOT NULL AND regexp_matches(lower(path), getvariable('pattern'))
GROUP BY client_ip
HAVING count(*) >= getvariable('min_attempts')
ORDER BY answered DESC, attempts DESC, client_ip;
