-- title: Words repeated without end
-- question: Which accounts ask the model to repeat a word or a character for ever?
-- why: A model that is made to repeat itself without end may fall into reciting its training data (Nasr et al. 2023).
-- innocent: Curious people try it once after reading of it; testers of a product try it as one of many checks.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 1;  -- integer: too few prompts say little
SET VARIABLE min_matching = 3;  -- integer: how many prompts must match
SET VARIABLE min_percent = 1;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '(repeat|say|write|print|output|type) .{0,60}(forever|for ever|endlessly|indefinitely|infinitely|without (end|stopping|ever)|never stop|non-?stop|as many times as|until (you|the) (run out|limit|end)|\d{3,} times|a (thousand|million|hundred) times|over and over)';  -- text: what counts as asking for it (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
