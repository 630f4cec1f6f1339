-- title: Guardrail probing
-- question: Which accounts are refused far more often than others, with many different prompts?
-- why: A map of what a model refuses is made by trying; the tries are refused at many times the usual rate.
-- innocent: A forum, game or moderation product passes on what its users write; a red team is paid to probe.
-- innocent: A filter that misjudges one subject (medicine, security, law) refuses its professionals again and again.
-- needs: account, outcome | finish_reason
-- chart: scatter x=requests y=refused_percent
-- entity: account account
SET VARIABLE min_refused = 5;  -- integer: how many refusals
SET VARIABLE times_usual = 5;  -- number: how many times the rate of all accounts together
SET VARIABLE pattern = 'ignore (all |any |the )?(previous|prior|above)|developer mode|jailbreak|no restrictions|pretend (you|to be)|role ?play|hypothetical|for (a novel|research|educational)|base64|system prompt|you are now';  -- text: what counts as a known trick (a regular expression over lower-case text)

WITH own AS (
    SELECT account, count(*) AS requests, count(*) FILTER (refused) AS refused,
        approx_count_distinct(text) FILTER (refused) AS different, count(*) FILTER (trick) AS with_a_trick,
        min(event_id) FILTER (refused) AS example_event, min(ts) FILTER (refused) AS first_refused, max(ts) FILTER (refused) AS last_refused
    FROM (
        SELECT account, ts, refused, CASE WHEN refused THEN hash(prompt) END AS text, CASE WHEN refused THEN event_id END AS event_id,
            CASE WHEN refused THEN regexp_matches(lower(left(prompt, 2000)), getvariable('pattern')) END AS trick
        FROM (SELECT *, coalesce((outcome = 'refused' OR finish_reason IN ('content_filter', 'refusal')), false) AS refused FROM event WHERE account IS NOT NULL)
    )
    GROUP BY account
), usual AS (
    SELECT 100.0 * sum(refused) / sum(requests) AS usual FROM own
)
SELECT account, round(100.0 * refused / requests, 1) AS refused_percent, round(usual, 2) AS usual_percent, refused,
    different AS different_prompts_about, with_a_trick, requests, first_refused, last_refused, example_event
FROM own, usual
WHERE refused >= getvariable('min_refused') AND 100.0 * refused / requests >= getvariable('times_usual') * usual
ORDER BY refused DESC, refused_percent DESC, account;
