-- title: Templates found by their fixed words
-- question: Which templates, wherever their slots stand, do several accounts fill with ever new words, and who fills those of one account?
-- why: Distillation asks one kind of question about thousands of subjects. A template that begins with its slot is not found by how prompts begin.
-- innocent: A product, a popular guide or a class puts its words into one template too: see whether the accounts belong together.
-- innocent: An evaluation suite repeats its prompts: here nearly every prompt must be new.
-- needs: account, prompt
-- chart: scatter x=accounts y=different_prompts
SET VARIABLE account = '';  -- text: only templates that this account fills; empty for all
SET VARIABLE min_accounts = 2;  -- integer: from how many accounts on
SET VARIABLE min_prompts = 5;  -- integer: from how many prompts on (of those looked at)
SET VARIABLE min_new = 0.6;  -- number: share of a template's prompts that differ
SET VARIABLE min_fixed_runs = 4;  -- number: how many runs of three words must be fixed, on average
SET VARIABLE min_fixed_share = 0.2;  -- number: and which share of a prompt's
SET VARIABLE every = (SELECT greatest(1, count(*) // 300000) FROM event);  -- integer: look at one prompt in so many (and at all of the account's); 1 for all; empty for about three hundred thousand

-- As triage does: a prompt is cut into overlapping runs of three words; the one that occurs in most prompts is its anchor, and prompts
-- of one template have the same. Runs about as frequent as the anchor are fixed. (Shingling: Broder 1997.)
WITH asked AS (
    SELECT account, hash(prompt) AS h, any_value(left(prompt, 400)) AS head, any_value(right(prompt, 120)) AS tail, any_value(length(prompt)) AS letters, min(event_id) AS event
    FROM event WHERE account IS NOT NULL AND length(prompt) >= 12 AND (account = getvariable('account') OR hash(source, line) % getvariable('every')::UBIGINT = 0)
    GROUP BY account, h
), cut AS (
    SELECT account, h, list_distinct(list_transform(range(1, len(words) - 1), lambda i: hash(words[i], words[i + 1], words[i + 2]))) AS runs
    FROM (SELECT account, h, regexp_extract_all(lower(head || CASE WHEN letters > 400 THEN ' ' || tail ELSE '' END), '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}]+')[:64] AS words FROM asked)
), piece AS (
    SELECT account, h, unnest(runs) AS run, len(runs) AS of FROM cut
), common AS (
    SELECT run, count(*) AS c FROM piece GROUP BY run HAVING count(*) >= 3
), known AS (
    SELECT account, h, of, run, c FROM piece JOIN common USING (run)
), anchored AS (
    SELECT account, h, max(c) AS top, arg_max(run, (c, run)) AS template FROM known GROUP BY account, h
), filled AS (
    SELECT account, h, template, any_value(of) AS runs, count(*) FILTER (c >= 0.3 * top) AS fixed FROM known JOIN anchored USING (account, h) GROUP BY account, h, template
)
SELECT arg_min(left(head, 160), event) AS example, count(DISTINCT account) AS accounts, count(*) AS prompts, count(DISTINCT h) AS different_prompts,
    count(*) FILTER (account = getvariable('account')) AS of_this_account, round(100 * avg(fixed / runs), 1) AS fixed_percent, min(event) AS example_event,
    list(DISTINCT account ORDER BY account)[:30] AS some_accounts
FROM filled JOIN asked USING (account, h)
GROUP BY template
HAVING count(DISTINCT account) >= getvariable('min_accounts') AND count(*) >= getvariable('min_prompts') AND count(DISTINCT h) >= getvariable('min_new') * count(*)
    AND avg(fixed) >= getvariable('min_fixed_runs') AND avg(fixed / runs) >= getvariable('min_fixed_share')
    AND (getvariable('account') = '' OR bool_or(account = getvariable('account')))
ORDER BY accounts DESC, prompts DESC, example;
