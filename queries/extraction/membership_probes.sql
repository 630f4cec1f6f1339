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
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
