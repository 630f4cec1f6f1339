-- title: Who asks for reasoning step by step
-- question: Which accounts ask the model, in many of their prompts, to show its reasoning?
-- why: The chain of reasoning is what a copy learns most from, so campaigns ask for it again and again.
-- innocent: Pupils and teachers ask so too, for a few subjects, by day, and not by the thousand.
-- innocent: Evaluation suites ask so, with the same prompts again and again: few different ones.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 5;  -- integer: how many prompts must match
SET VARIABLE min_percent = 15;  -- number: share of an account's prompts that match
SET VARIABLE pattern = 'step[ -]by[ -]step|chain[ -]of[ -]thought|show (all )?(of )?your (work|reasoning|thinking)|think (it |this )?through|explain your reasoning|reason(ing)? (carefully|trace|aloud|first)|before (giving|you give|stating|answering)|intermediate (steps|results)|full derivation|every step|numbered steps|scratch ?pad|<think';  -- text: what counts as asking (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
