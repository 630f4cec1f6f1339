-- title: Agentic coding and tool use
-- question: Which accounts consist mostly of agent runs: tool definitions, function calls, repositories to repair?
-- why: How a model uses tools and repairs code is what copies want most lately; campaigns concentrate on it.
-- innocent: Editors and agents of ordinary programmers do the same all day: one person, one repository, answers that build on each other.
-- innocent: A company has agents in its own product: one template, one organisation.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 5;  -- integer: how many prompts must match
SET VARIABLE min_percent = 15;  -- number: share of an account's prompts that match
SET VARIABLE pattern = 'you have access to (the following|these) (tools|functions)|available tools|tool[_ -]?(call|use|result|schema)|function[_ -]?call|autonomous agent|tools? \(json|"(name|type)"\s*:\s*"(function|tool)|thought:.*action:|\b(bash|shell|str_replace|apply_patch|read_file|write_file|edit_file|run_tests)\s*\(|failing test|make the tests pass|swe-?bench|issue.{0,60}repository';  -- text: what counts as agent work (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
