-- title: Who asks for reasoning step by step
-- question: Which accounts ask the model, in most of their prompts, to show its reasoning?
-- why: The chain of reasoning is what a copy learns most from, so campaigns ask for it again and again.
-- innocent: Pupils and teachers ask so too, for a few subjects, by day, and not by the thousand.
-- needs: account, prompt
-- chart: bar x=account y=asked_percent
-- entity: account account
SET VARIABLE min_prompts = 30;  -- integer: too few prompts say little
SET VARIABLE min_percent = 20;  -- number: share of prompts that ask for it
SET VARIABLE pattern = 'step[ -]by[ -]step|chain of thought|show (all )?your (work|reasoning)|think (it )?through|explain your reasoning|reason(ing)? (carefully|trace|aloud|first)|before (giving|you give|stating) (the|a|your) (final )?answer|intermediate steps';  -- text: what counts as asking (a regular expression)

SELECT account, count(*) AS prompts, count(*) FILTER (asks) AS asking,
    round(100.0 * count(*) FILTER (asks) / count(*), 1) AS asked_percent,
    round(avg(output_tokens) FILTER (asks)) AS mean_output_tokens,
    count(DISTINCT prompt) FILTER (asks) AS different_prompts
FROM (SELECT *, regexp_matches(lower(prompt), getvariable('pattern')) AS asks FROM event
    WHERE account IS NOT NULL AND prompt IS NOT NULL)
GROUP BY account
HAVING count(*) >= getvariable('min_prompts') AND asked_percent >= getvariable('min_percent')
ORDER BY asked_percent DESC, prompts DESC, account;
