-- title: Safe rewrites of sensitive questions
-- question: Which accounts have sensitive questions turned into harmless-looking ones, or answers that keep clear of a censor?
-- why: Rewrites of forbidden questions train a copy to answer, or to avoid, what its makers decide.
-- innocent: Moderation and safety teams write such rewrites for their own filters: one organisation, known to the provider.
-- innocent: Editors soften texts for children or for a company: the subject is ordinary.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 4;  -- integer: how many prompts must match
SET VARIABLE min_percent = 8;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '(rewrite|rephrase|reword|reformulate|paraphrase|turn|change|convert)[^.]{0,120}(safe|harmless|neutral|acceptable|allowed|compliant|policy|innocuous|not (be )?(refused|flagged|blocked|rejected)|avoid(s|ing)? (detection|the filter|censorship|refusal|sensitive)|without (triggering|mentioning))|censorship|politically (safe|sensitive|acceptable)|sensitive (topic|question|subject)s?|(bypass|evade|get past|slip past) (the |your |any )?(filter|moderation|safety|guardrail|policy|policies)';  -- text: what counts as such a rewrite (a regular expression over lower-case text)
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
