-- title: Known texts begun for the model to go on
-- question: Which accounts give the beginning of a text and ask for its exact continuation?
-- why: Letting a model continue known texts word by word shows what it was trained on, and takes protected text out of it.
-- innocent: Authors let the model continue their own drafts: new text, not asked for word by word.
-- innocent: Pupils ask for a poem or a law they have to learn: a few, well known.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 3;  -- integer: how many prompts must match
SET VARIABLE min_percent = 5;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '(continue|complete|finish|go on with) (the |this |from |exactly |verbatim )*(text|passage|excerpt|article|paragraph|book|chapter|story|poem|lyrics|quote|document|where it|from where|exactly|verbatim|word for word)|verbatim|word[- ]for[- ]word|exact (continuation|wording|text)|next (sentence|paragraph|passage|words?) (of|in|exactly|that follows?)|what comes next in';  -- text: what counts as asking for a continuation (a regular expression over lower-case text)
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
