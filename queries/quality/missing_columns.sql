-- title: What this case can and cannot answer
-- question: Which columns do the logs fill, how far, and which questions cannot be asked for want of one?
-- why: That nothing was found means little where the column that would show it is empty.
-- innocent: A gateway may leave prompts or addresses out for privacy; ask for the log that has them.
-- chart: heatmap x=format y=field value=filled_percent
SET VARIABLE every = (SELECT greatest(1, count(*) // 500000) FROM event);  -- integer: look at one event in so many; 1 for all; empty for about half a million

WITH counted AS (
    SELECT format, count(*) AS events, count(ts) AS ts, count(account) AS account, count(api_key) AS api_key, count(organization) AS organization, count(client_ip) AS client_ip, count(as_org) AS as_org, count(country) AS country, count(user_agent) AS user_agent, count(path) AS path, count(status) AS status, count(outcome) AS outcome, count(bytes_out) AS bytes_out, count(operation) AS operation, count(model) AS model, count(input_tokens) AS input_tokens, count(output_tokens) AS output_tokens, count(temperature) AS temperature, count(max_tokens) AS max_tokens, count(logprobs) AS logprobs, count(finish_reason) AS finish_reason, count(prompt) AS prompt, count(system_prompt) AS system_prompt, count(response) AS response, count(payment_ref) AS payment_ref, count(message) AS message
    FROM event WHERE hash(source, line) % getvariable('every')::UBIGINT = 0 GROUP BY format
), turned AS (
    SELECT format, events, unnest(['ts', 'account', 'api_key', 'organization', 'client_ip', 'as_org', 'country', 'user_agent', 'path', 'status', 'outcome', 'bytes_out', 'operation', 'model', 'input_tokens', 'output_tokens', 'temperature', 'max_tokens', 'logprobs', 'finish_reason', 'prompt', 'system_prompt', 'response', 'payment_ref', 'message']) AS field,
        unnest([ts, account, api_key, organization, client_ip, as_org, country, user_agent, path, status, outcome, bytes_out, operation, model, input_tokens, output_tokens, temperature, max_tokens, logprobs, finish_reason, prompt, system_prompt, response, payment_ref, message]) AS filled FROM counted
), told AS (
    SELECT unnest(['ts', 'account', 'api_key', 'organization', 'client_ip', 'as_org', 'country', 'user_agent', 'path', 'status', 'outcome', 'bytes_out', 'operation', 'model', 'input_tokens', 'output_tokens', 'temperature', 'max_tokens', 'logprobs', 'finish_reason', 'prompt', 'system_prompt', 'response', 'payment_ref', 'message']) AS field,
        unnest(['when: gaps, rhythm, coordination, pivots',
            'who: most playbooks about accounts',
            'keys that serve many, stolen keys',
            'who belongs together; without it colleagues look like strangers',
            'from where: shared addresses, rotation, new addresses',
            'network owners (enrichment adds them)',
            'impossible travel',
            'client fingerprints',
            'scanners, traversal, brute force',
            'errors and refused logins',
            'refusals, limits, failures',
            'exfiltration by volume',
            'cloud reconnaissance, new keys',
            'pivots',
            'long answers to short prompts',
            'how much was taken',
            'sampling settings',
            'sampling settings',
            'sweeps of log-probabilities',
            'tool calls, refusals',
            'templates, coverage, elicitation, near-duplicates',
            'one product or many',
            'what was answered',
            'one payer, many accounts',
            'logins and what programs said']) AS serves,
        unnest(range(25)) AS place
)
SELECT field, format, round(100.0 * filled / events, 1) AS filled_percent, serves, events AS events_looked_at
FROM turned JOIN told USING (field)
ORDER BY place, format;
