-- title: Who has training data written
-- question: Which accounts ask mostly for examples, dialogues, questions or instructions to be made up in series?
-- why: Instructions and dialogues that a model makes up are the commonest training data of a copy.
-- innocent: A company makes test data for its own product: its own subject, one organisation, its known client.
-- innocent: Teachers have exercises written; authors have dialogues written: few, and in changing words.
-- needs: account, prompt
-- chart: scatter x=prompts y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 20;  -- integer: too few prompts say little
SET VARIABLE min_matching = 5;  -- integer: how many prompts must match
SET VARIABLE min_percent = 15;  -- number: share of an account's prompts that match
SET VARIABLE pattern = '\b(generate|create|write|produce|make up|come up with|invent) (a |an |me )?(\d+|some|several|many|more|diverse|new|varied|challenging|multi-turn|realistic|a set of|a list of|a batch of|one)[^.]{0,80}(instruction|question|prompt|dialogue|conversation|example|sample|task|problem|exercise|q ?& ?a|pair|scenario|utterance|persona)s?\b|seed (task|instruction|prompt|question)|instruction[- ](tuning|following)|(synthetic|fine[- ]?tuning) (data|example|sample|set)|training (example|sample|pair)|jsonl';  -- text: what counts as making data (a regular expression over lower-case text)
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
SELECT account, asked_percent, peers_percent, matching, prompts, different, mean_output_tokens, example_event
FROM wb_prompts_matching(  -- in open.sql
    pattern := getvariable('pattern'), min_prompts := getvariable('min_prompts'),
    min_matching := getvariable('min_matching'), min_percent := getvariable('min_percent'),
    only_account := getvariable('account'), every := getvariable('every'))
ORDER BY matching / prompts DESC, matching DESC, account;
