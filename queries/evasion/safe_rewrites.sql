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
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
