-- title: Who asks for what a copy learns from
-- question: Which share of each account's different prompts asks for reasoning, grades, made-up tasks or the use of tools?
-- why: These are what a copy is trained on; triage counts them as a small part of its evidence.
-- innocent: Pupils, evaluators and programmers ask for the same: see what they ask about, and whether strangers fill the same templates.
-- needs: account, prompt
-- chart: scatter x=different_prompts y=eliciting_percent
-- entity: account account
SET VARIABLE min_prompts = 10;  -- integer: how many different prompts an account must have
SET VARIABLE min_percent = 25;  -- number: from which share on
SET VARIABLE pattern = 'step[ -]by[ -]step|chain[ -]of[ -]thought|(show|explain|write|give) (me )?(all |out )?(your|the|each|every) (full |complete |whole )?(work|reasoning|steps?|thinking|derivation)|reason(ing)? (carefully|trace|aloud|first|through)|before (you )?(giving|give|state|stating|answer)|intermediate (steps|results)|rubric|on a scale (of|from)|score (each|the|from|it)|grade (the|each|this)|which (of the )?(two |)(answers?|responses?) is better|(write|generate|create|invent|produce) (\d+|[a-z]+) (new |different |diverse |original )*(questions?|problems?|examples?|tasks?|instructions?|pairs|samples|dialogues?)|training data|you have access to (these|the following) tools';  -- text: what counts (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, whatever its share; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, hash(prompt) AS prompt, any_value(left(prompt, 400)) AS head, count(*) AS requests, min(event_id) AS event
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
    GROUP BY account, hash(prompt)
), told AS (
    SELECT *, regexp_matches(lower(head), getvariable('pattern')) AS eliciting FROM asked
)
SELECT account, round(100.0 * avg(eliciting::INTEGER), 1) AS eliciting_percent, count(*) FILTER (eliciting) AS eliciting, count(*) AS different_prompts,
    sum(requests)::BIGINT AS prompts, min(event) FILTER (eliciting) AS example_event, left(arg_min(head, event) FILTER (eliciting), 120) AS example
FROM told GROUP BY account
HAVING getvariable('account') <> '' OR (count(*) >= getvariable('min_prompts') AND 100.0 * avg(eliciting::INTEGER) >= getvariable('min_percent'))
ORDER BY eliciting_percent DESC, different_prompts DESC, account;
