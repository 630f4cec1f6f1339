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
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
