-- title: Addresses that serve many accounts
-- question: Which client addresses are used by the most accounts, and is any of those accounts there alone?
-- why: An address with many accounts is either a place where many people are, or one operator with many names.
-- innocent: An office, a university or a carrier: its accounts differ in client, model, prompts and hours.
-- needs: account, client_ip
-- chart: bar x=client_ip y=accounts
-- entity: address client_ip
SET VARIABLE min_accounts = 3;  -- integer: from how many accounts on
SET VARIABLE top = 50;  -- integer: how many to list

SELECT client_ip, count(DISTINCT account) AS accounts, count(*) AS requests,
    count(DISTINCT user_agent) AS user_agents, count(DISTINCT model) AS models,
    min(ts) AS first_seen, max(ts) AS last_seen
FROM event
WHERE account IS NOT NULL AND client_ip IS NOT NULL
GROUP BY client_ip
HAVING count(DISTINCT account) >= getvariable('min_accounts')
ORDER BY accounts DESC, requests DESC, client_ip
LIMIT getvariable('top');
