-- title: Probes of what the model was trained on
-- question: Which accounts ask again and again whether a text, person or data set was in the training data?
-- why: Membership probes map what a model has seen: useful to copy it, to sue, or to extract private data.
-- innocent: Journalists, researchers and rights holders ask about their own works: few, and in their own words.
-- innocent: People who are curious ask once or twice.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 3;  -- integer: how many prompts must match
SET VARIABLE min_percent = 5;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '(in|part of|from|included in|among) your (training|pre-?training)|your training (data|set|corpus|cut)|were you trained on|have you (seen|read|memori[sz]ed)|do you (recogni[sz]e|remember) (this|the following) (text|passage|sentence|document|record|string)|memori[sz]ed|(does|did) (this|the following) (text|passage|sentence|sample|record) (appear|occur)|perplexity|likelihood of (this|the following)';  -- text: what counts as a probe (a regular expression over lower-case text)
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
