-- title: Who has training data written
-- question: Which accounts ask mostly for examples, dialogues, questions or instructions to be made up in series?
-- why: Instructions and dialogues that a model makes up are the commonest training data of a copy.
-- innocent: A company makes test data for its own product: its own subject, one organisation, its known client.
-- innocent: Teachers have exercises written; authors have dialogues written: few, and in changing words.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 5;  -- integer: how many prompts must match
SET VARIABLE min_percent = 15;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '\b(generate|create|write|produce|make up|come up with|invent) (a |an |me )?(\d+|some|several|many|more|diverse|new|varied|challenging|multi-turn|realistic|a set of|a list of|a batch of|one)[^.]{0,80}(instruction|question|prompt|dialogue|conversation|example|sample|task|problem|exercise|q ?& ?a|pair|scenario|utterance|persona)s?\b|seed (task|instruction|prompt|question)|instruction[- ](tuning|following)|(synthetic|fine[- ]?tuning) (data|example|sample|set)|training (example|sample|pair)|jsonl';  -- text: what counts as making data (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, regexp_matches(lower(left(prompt, 2000)), getvariable('pattern')) AS matches, hash(prompt) AS prompt,
        output_tokens, event_id
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
), own AS (
    SELECT account, count(*) AS prompts, count(*) FILTER (matches) AS matching, 100.0 * count(*) FILTER (matches) / count(*) AS share,
        count(DISTINCT prompt) FILTER (matches) AS different, round(avg(output_tokens) FILTER (matches)) AS mean_output_tokens,
        min(event_id) FILTER (matches) AS example_event
    FROM asked GROUP BY account HAVING count(*) >= getvariable('min_prompts')
), ranked AS (
    SELECT *, round(avg(share) OVER (), 2) AS peers_percent FROM own
)
SELECT account, round(share, 1) AS asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM ranked
WHERE matching >= getvariable('min_matching') AND share >= getvariable('min_percent')
ORDER BY share DESC, matching DESC, account;
