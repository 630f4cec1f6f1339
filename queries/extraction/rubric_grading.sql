-- title: Who lets the model grade
-- question: Which accounts use the model mostly as a judge: grading answers by a rubric, comparing pairs, giving scores?
-- why: Graded and compared answers train a reward model; a campaign needs them by the ten thousand.
-- innocent: An evaluation team grades its own product: one set of answers, few templates, one organisation, runs after releases.
-- innocent: Teachers and recruiters grade people, in their own words and by day.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 5;  -- integer: how many prompts must match
SET VARIABLE min_percent = 15;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '\b(impartial|strict|fair|expert) (judge|grader|evaluator|examiner)|\b(grade|score|rate|rank|evaluate|assess) (the|each|this|these|both|following)|which (answer|response|reply|one) is better|(answer|response) a\b.{0,200}(answer|response) b\b|rubric|on a scale (of|from)|from (0|1) to (5|10|100)|preferred (answer|response)|verdict';  -- text: what counts as grading (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
