-- title: Narrow focus against peers
-- question: Which accounts keep to far fewer kinds of prompts than accounts of about the same volume?
-- why: A campaign wants one capability; people and their products ask for many things.
-- innocent: A batch job, a translator, a support bot: a narrow task is the rule for programs. See whether the prompts are new,
--   how long the answers are, and whether strangers have the same focus (accounts_with_it).
-- needs: account, prompt
-- chart: scatter x=prompts y=kinds
-- entity: account account
SET VARIABLE min_prompts = 40;  -- integer: too few prompts show no focus
SET VARIABLE words = 3;  -- integer: how many leading words make a kind of prompt
SET VARIABLE max_of_peers = 0.3;  -- number: kinds of prompts at most so many times the peers' median
SET VARIABLE min_new_percent = 60;  -- number: share of prompts that are not repetitions
SET VARIABLE account = '';  -- text: only this account, and all of its prompts; empty for all accounts
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one prompt in so many (by a hash of its place, the same each time); 1 for all; empty for about two million

-- Shares are of the prompts looked at, which in a large case are a sample: see the parameter every.
WITH asked AS (
    SELECT account, count(*) AS n, sum(output_tokens) AS output_tokens,
        hash(prompt) AS text,
        wb_first_words(prompt, getvariable('words')) AS kind  -- in open.sql
    FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL
        AND CASE WHEN getvariable('account') = '' THEN hash(source, line) % getvariable('every')::UBIGINT = 0
            ELSE account = getvariable('account') END
    GROUP BY account, text, kind
), counted AS (
    SELECT account, kind, sum(n) AS n, count(*) AS different, sum(output_tokens) AS output_tokens
    FROM asked GROUP BY account, kind
), own AS (
    SELECT account, sum(n)::BIGINT AS prompts, exp(ln(sum(n)) - sum(n * ln(n)) / sum(n)) AS kinds,
        100.0 * sum(different) / sum(n) AS fresh, arg_max(kind, (n, kind)) AS largest_kind, sum(output_tokens) / sum(n) AS output_tokens
    FROM counted GROUP BY account HAVING sum(n) >= getvariable('min_prompts')
), shared AS (
    SELECT kind AS largest_kind, count(*) AS accounts_with_it FROM counted GROUP BY kind
), size AS (  -- peers: accounts with between half and twice as many prompts
    SELECT floor(log2(prompts)) AS size, median(kinds) AS usual, count(*) AS peers FROM own GROUP BY 1
), peers AS (
    SELECT * FROM own JOIN size ON size.size = floor(log2(prompts)) JOIN shared USING (largest_kind)
)
SELECT account, round(kinds, 1) AS kinds, round(usual, 1) AS peers_median, accounts_with_it, prompts, round(fresh, 1) AS new_percent,
    round(output_tokens) AS mean_output_tokens, largest_kind, peers
FROM peers
WHERE kinds <= getvariable('max_of_peers') * usual AND fresh >= getvariable('min_new_percent')
ORDER BY kinds / usual, prompts DESC, account;
