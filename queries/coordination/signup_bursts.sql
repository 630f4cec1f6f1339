-- title: Bursts of new accounts
-- question: In which hours did far more accounts appear than usual, and do they share payer, client or network?
-- why: Accounts made by the dozen, in one go, are made by a program.
-- innocent: A launch, a news story, a course that begins: the new accounts differ in payer and client.
-- innocent: The log's own beginning: every account seems new then, so the first days are left out (unless the log says when
--   an account was made).
-- needs: account
-- chart: line x=moment y=new_accounts
SET VARIABLE hours = 6;  -- integer: length of a stretch
SET VARIABLE min_accounts = 8;  -- integer: from how many new accounts on
SET VARIABLE times_usual = 4;  -- number: how many times the usual number (the mean over all stretches)
SET VARIABLE skip_days = 3;  -- integer: days at the log's beginning that say nothing
SET VARIABLE made_at = '$.metadata.account_created_at';  -- text: where extra says when the account was made, if it does

WITH own AS (
    SELECT account, min(ts) AS first_seen, count(*) AS requests, any_value(payment_ref) AS payer, any_value(user_agent) AS client,
        any_value(organization) AS organization, try_cast(any_value(extra) ->> getvariable('made_at') AS TIMESTAMP) AS made
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account
), edge AS (
    SELECT min(first_seen) AS opening, min(first_seen) + to_days(getvariable('skip_days')) AS counted_from FROM own
), born AS (
    SELECT *, time_bucket(to_hours(getvariable('hours')), coalesce(made, first_seen)) AS moment FROM own, edge
    WHERE made >= opening OR (made IS NULL AND first_seen >= counted_from)
), counted AS (
    SELECT moment, count(*) AS new_accounts, count(DISTINCT payer) AS payers, count(DISTINCT client) AS clients,
        count(DISTINCT organization) AS organizations, sum(requests)::BIGINT AS requests,
        list(account ORDER BY account)[:20] AS some_accounts
    FROM born GROUP BY moment
), usual AS (
    SELECT sum(new_accounts) / greatest(1, 1 + epoch(max(moment) - min(moment)) / (3600 * getvariable('hours'))) AS usual FROM counted
)
SELECT moment, new_accounts, round(new_accounts / usual, 1) AS times_usual, payers, clients, organizations, requests, some_accounts
FROM counted, usual
WHERE new_accounts >= getvariable('min_accounts') AND new_accounts >= getvariable('times_usual') * usual
ORDER BY moment;
