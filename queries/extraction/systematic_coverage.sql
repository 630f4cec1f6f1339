-- title: Systematic coverage without repetition
-- question: Which accounts ask about ever new subjects, evenly, and never come back to one?
-- why: A list that is worked through touches each subject once; people return to what they care about.
-- innocent: A product or a search assistant asks about whatever its many users ask: new words too, but unevenly, and some again.
-- innocent: Translation or summaries of a stream of documents: each is new; the answers are short, the client is one firm's.
-- needs: account, prompt
-- chart: scatter x=prompts y=new_words_percent
-- entity: account account
SET VARIABLE min_prompts = 30;  -- integer: too few prompts cover nothing
SET VARIABLE skip_words = 6;  -- integer: leading words that belong to the template, not to the subject
SET VARIABLE min_new_percent = 40;  -- number: share of the subject words of one half of an account's prompts that the other half lacks
SET VARIABLE max_repeated_percent = 3;  -- number: share of prompts that are repetitions
SET VARIABLE per_account = 60;  -- integer: at most so many prompts of an account
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, hash(source, line) AS place, hash(prompt) AS text, output_tokens, left(prompt, 400) AS prompt
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY account ORDER BY place) AS nth, count(*) OVER (PARTITION BY account) AS prompts
    FROM asked
    QUALIFY prompts >= getvariable('min_prompts') AND nth <= getvariable('per_account')
), worded AS (
    SELECT * EXCLUDE (prompt), list_filter(regexp_extract_all(lower(prompt), '[\p{L}]+'),
        lambda w, i: i > getvariable('skip_words') AND length(w) >= 6) AS words
    FROM numbered
), own AS (
    SELECT account, any_value(prompts) AS prompts, count(*) AS looked, count(DISTINCT text) AS different,
        list_distinct(flatten(list(words) FILTER (nth % 2 = 0))) AS one_half,
        list_distinct(flatten(list(words) FILTER (nth % 2 = 1))) AS other_half, round(avg(output_tokens)) AS mean_output_tokens
    FROM worded GROUP BY account
), figures AS (
    SELECT account, prompts, 100.0 * (looked - different) / looked AS repeated,
        100.0 * (len(other_half) - len(list_intersect(other_half, one_half))) / greatest(len(other_half), 1) AS fresh,
        len(other_half) AS words, looked AS prompts_looked, mean_output_tokens
    FROM own
)
SELECT account, round(fresh, 1) AS new_words_percent, round(repeated, 1) AS repeated_percent, prompts, words AS subject_words,
    mean_output_tokens, round(100 * percent_rank() OVER (ORDER BY fresh), 1) AS above_percent_of_peers
FROM figures
WHERE words >= prompts_looked
QUALIFY fresh >= getvariable('min_new_percent') AND repeated <= getvariable('max_repeated_percent')
ORDER BY new_words_percent DESC, prompts DESC, account;
