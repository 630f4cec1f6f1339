-- title: New accounts that take up an old one's work
-- question: Which accounts began soon after another fell silent, from its addresses or on its payment method?
-- why: Who is shut out comes back under another name; the addresses and the card are often the old ones.
-- innocent: A person who lost a password, or moved from a trial to a paid account: once, not many times.
-- innocent: Colleagues behind one office address: then the address has many accounts and is left out, or they name one organisation.
-- needs: account, client_ip | payment_ref
-- chart: scatter x=gap_hours y=shared_addresses
-- entity: account account
SET VARIABLE predecessor = '';  -- text: an account that was shut out; empty for all that fell silent
SET VARIABLE days = 3;  -- number: how soon after the old one's last request
SET VARIABLE min_requests = 20;  -- integer: accounts with fewer requests show no work to take up
SET VARIABLE max_accounts = 10;  -- integer: addresses and payment methods with more accounts than this are left out
SET VARIABLE quiet_days = 3;  -- number: an account has fallen silent when it is quiet for so long before the log's end

WITH life AS (
    SELECT account, first, last, requests, organization FROM account WHERE requests >= getvariable('min_requests')
), edge AS (
    SELECT min(first) AS opening, max(last) AS closing FROM account
), trace AS (
    SELECT account, client_ip AS trace, 'address' AS kind FROM event
    WHERE account IS NOT NULL AND client_ip IS NOT NULL GROUP BY account, client_ip
    UNION ALL
    SELECT account, payment_ref, 'payer' FROM event
    WHERE account IS NOT NULL AND payment_ref IS NOT NULL GROUP BY account, payment_ref
), telling AS (
    SELECT kind, trace FROM trace GROUP BY kind, trace HAVING count(*) BETWEEN 2 AND getvariable('max_accounts')
), used AS (
    SELECT account, kind, trace FROM trace SEMI JOIN telling USING (kind, trace)
), old AS (
    SELECT account, last, requests, organization, kind, trace FROM life JOIN used USING (account), edge
    WHERE last < closing - to_milliseconds((86400000 * getvariable('quiet_days'))::BIGINT)
        AND (getvariable('predecessor') = '' OR account = getvariable('predecessor'))
), fresh AS (
    SELECT account, first, requests, organization, kind, trace FROM life JOIN used USING (account), edge
    WHERE first > opening + INTERVAL 1 HOUR
)
SELECT fresh.account, old.account AS predecessor, round(epoch(any_value(first) - any_value(last)) / 3600, 1) AS gap_hours,
    count(*) FILTER (kind = 'address') AS shared_addresses, count(*) FILTER (kind = 'payer') > 0 AS same_payer,
    any_value(fresh.requests) AS requests, any_value(old.requests) AS requests_before, any_value(last) AS fell_silent,
    any_value(first) AS began
FROM fresh JOIN old USING (kind, trace)
WHERE first >= last - INTERVAL 1 HOUR AND first <= last + to_milliseconds((86400000 * getvariable('days'))::BIGINT)
    AND fresh.account <> old.account
    AND (fresh.organization IS NULL OR fresh.organization IS DISTINCT FROM old.organization)
GROUP BY fresh.account, old.account
ORDER BY same_payer DESC, shared_addresses DESC, gap_hours, fresh.account;
