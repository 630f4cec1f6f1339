-- title: Near-equal prompts across accounts
-- question: Which prompts were sent by several strangers' accounts, equal but for case, digits, blanks and punctuation?
-- why: One list of questions dealt out to many accounts leaves the same text in more than one of them.
-- innocent: Greetings, one-word prompts and an app's built-in examples: short, or used by very many.
-- innocent: Pupils of one class copy their assignment; people paste the same news or a public benchmark's questions.
-- needs: account, prompt
-- chart: scatter x=prompts y=accounts
SET VARIABLE min_letters = 40;  -- integer: shorter prompts are alike by chance
SET VARIABLE min_accounts = 3;  -- integer: from how many strangers on
SET VARIABLE every = (SELECT greatest(1, count(*) // 1000000) FROM event);  -- integer: look at one beginning in so many, and all prompts that have it; 1 for all; empty for about a million prompts
SET VARIABLE top = 100;  -- integer: how many to list

WITH asked AS (
    SELECT account, any_value(organization) AS organization, count(*) AS n, min(source::BIGINT * 100000000000 + line) AS place, arg_min(left(prompt, 100), source::BIGINT * 100000000000 + line) AS prompt, min(ts) AS lo, max(ts) AS hi,
        hash(translate(lower(left(prompt, 1000)), ' 0123456789.,;:!?()[]{}<>/*_-+=#%&"''’“”' || chr(9) || chr(10) || chr(13), '')) AS body
    FROM event
    WHERE account IS NOT NULL AND strlen(prompt) >= getvariable('min_letters')
        AND hash(lower(left(prompt, 12))) % getvariable('every')::UBIGINT = 0
    GROUP BY account, body
), wide AS (
    SELECT body FROM asked GROUP BY body HAVING count(*) >= getvariable('min_accounts')
), met AS (
    SELECT body, count(DISTINCT coalesce(organization, account)) AS strangers, count(*) AS accounts, sum(n)::BIGINT AS prompts,
        min(lo) AS first_seen, max(hi) AS last_seen, arg_min(prompt, place) AS prompt, (min(place) // 100000000000) || ':' || (min(place) % 100000000000) AS example_event, list(account ORDER BY account)[:20] AS some_accounts
    FROM asked SEMI JOIN wide USING (body) GROUP BY body HAVING strangers >= getvariable('min_accounts')
    ORDER BY strangers DESC, prompts DESC, example_event LIMIT getvariable('top')
)
SELECT prompt, strangers, accounts, prompts, first_seen, last_seen, example_event, some_accounts
FROM met ORDER BY strangers DESC, prompts DESC, example_event;
