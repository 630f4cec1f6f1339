-- What several playbooks share. Each macro is part of the evidence of every run of a playbook that calls it: once it
-- was released it is never changed, and what has to be different gets another name.

-- The words with which a prompt begins: at most so many, up to a colon, a quote or a new line, in lower case and without
-- digits. Prompts that fill one template begin alike.
CREATE OR REPLACE MACRO wb_first_words(prompt, words) AS
    CASE WHEN unicode(prompt) >= 11904 THEN left(prompt, 12)  -- scripts without blanks between words
        WHEN unicode(prompt) >= 592 THEN array_to_string(string_split(lower(left(prompt, 100)), ' ')[:words], ' ')
        ELSE regexp_extract(translate(lower(left(prompt, 160)), '0123456789', ''),
            '^[^a-zß-ÿ]*([a-zß-ÿ]+(?:[ ,.''’-]+[a-zß-ÿ]+){0,' || (words - 1) || '})', 1)
    END;

-- The accounts of whose prompts a share matches a regular expression (over lower-case text), one row each. One prompt in
-- "every" is looked at, by a hash of its place, the same each time; of one account all of them.
CREATE OR REPLACE MACRO wb_prompts_matching(pattern, min_prompts, min_matching, min_percent, only_account, every) AS TABLE
WITH asked AS (
    SELECT account, regexp_matches(lower(left(prompt, 2000)), pattern) AS matches, hash(prompt) AS prompt,
        output_tokens, event_id
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN only_account = '' THEN hash(source, line) % every::UBIGINT = 0 ELSE account = only_account END
), counted AS (
    SELECT account, count(*) AS prompts, count(*) FILTER (matches) AS matching,
        100.0 * count(*) FILTER (matches) / count(*) AS share, count(DISTINCT prompt) FILTER (matches) AS different,
        round(avg(output_tokens) FILTER (matches)) AS mean_output_tokens, min(event_id) FILTER (matches) AS example_event
    FROM asked GROUP BY account
), ranked AS (
    SELECT *, round(avg(share) OVER (), 2) AS peers_percent FROM counted WHERE prompts >= min_prompts
)
SELECT account, round(share, 1) AS asked_percent, peers_percent, matching, prompts, different, mean_output_tokens,
    example_event
FROM ranked WHERE matching >= min_matching AND share >= min_percent;
