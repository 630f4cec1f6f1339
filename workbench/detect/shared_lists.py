"""Whether the members of a group fill their templates from one list.

Strangers may use the same template: a popular tool's, a textbook's. But then each fills it with affairs of their own,
and their own prompts resemble each other more than a stranger's. Those who draw from one list are interchangeable:
what one member puts into a template is as like another member's as it is like that member's own.

Tables made: ``listed`` (group, template, how interchangeable the fillings are), ``swap`` (a row a group, over all of
its templates), ``list_share`` (a row an entity: its share of prompts in listed templates).
"""

from __future__ import annotations

from workbench.detect.profile import ramp
from workbench.detect.tables import Run

#: What members put into their templates is of one list where it is as like others' as their own (1): from, in full.
SWAPPED = (0.6, 0.9)
#: The same, and each member uses the templates as often as the others do.
MIXED = (0.7, 0.95)
#: Those who repeat each other so much more than themselves run one suite each: from, surely.
SUITE = (1.8, 2.6)
#: Pairs of one member's prompts of one template that must be there before its words are compared with others'.
FEW_PAIRS = 6


def make_lists(run: Run) -> None:
    """Make the tables from fillings, groups and what the groups own.

    ``swap`` is the chance that a filled-in run of words of one member's prompt occurs in another member's prompt of the
    same template, over the same chance for two prompts of one member; ``mix`` is that over all listed templates at
    once, which is lower where each member keeps to templates of its own.
    """
    run(f"""
CREATE TEMP TABLE listed AS
WITH word AS (
    SELECT team, template, sum(total * total - squares) AS others, sum(own) AS own FROM (
        SELECT team, template, sum(n) AS total, sum(n * n) AS squares, sum(n * (n - 1)) AS own
        FROM slot JOIN member USING (id) GROUP BY team, template, run) GROUP BY team, template
), prompt AS (
    SELECT team, template, sum(n) ** 2 - sum(n * n) AS others, sum(n * (n - 1)) AS own
    FROM filler JOIN member USING (id) GROUP BY team, template
), ratio AS (
    SELECT team, template, (w.others / p.others) / (w.own / p.own) AS swap
    FROM word AS w JOIN prompt AS p USING (team, template)
        JOIN owned ON owned.kind = 'template' AND owned.value = template AND owned.team = w.team
    WHERE NOT declared AND p.own >= {FEW_PAIRS} AND p.others > 0 AND w.own > 0
)
SELECT team, template, swap, {ramp("swap", *SWAPPED)} AS degree FROM ratio WHERE degree > 0""")
    run("""
CREATE TEMP TABLE swap AS
WITH ours AS (
    SELECT team, id, template, n FROM filler JOIN member USING (id) JOIN listed USING (team, template)
), size AS (SELECT team, id, sum(n) AS of FROM ours GROUP BY ALL HAVING sum(n) >= 2
), everywhere AS (
    SELECT team, sum(total * total - squares) AS others, sum(own) AS own FROM (
        SELECT team, sum(n / of) AS total, sum(n * n / (of * of)) AS squares, sum(n * (n - 1) / (of * (of - 1))) AS own
        FROM (SELECT team, id, run, sum(n) AS n FROM slot JOIN member USING (id) JOIN listed USING (team, template)
            GROUP BY ALL) JOIN size USING (team, id)
        GROUP BY team, run) GROUP BY team
), members AS (SELECT team, count(*) AS fillers FROM size GROUP BY team HAVING count(*) >= 2)
SELECT team, e.others / (fillers - 1) / nullif(e.own, 0) AS mix, swap
FROM everywhere AS e JOIN members USING (team)
    JOIN (SELECT team, median(swap) AS swap FROM listed GROUP BY team) USING (team)""")
    run("""
CREATE TEMP TABLE list_share AS
SELECT id, count(*) FILTER (degree >= 0.5) AS n, sum(share * degree) AS share
FROM use JOIN member USING (id) JOIN listed USING (team, template) GROUP BY id""")
