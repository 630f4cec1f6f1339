"""The dialects' tables of rules, one by one: what each rule writes gives what DuckDB gives."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from tests.engines.conftest import ENGINES
from workbench.engines.clickhouse_sql import ClickHouseSQL, evaluates_once
from workbench.engines.duckdb_sql import DuckDBSQL
from workbench.engines.registry import connect
from workbench.engines.spark_sql import SparkSQL
from workbench.engines.translate import Untranslatable, parse_sql, translate, written

NOTHING = exp.select("*").from_("event_there")
ROWS = """(SELECT 1::BIGINT AS n, 'Ana' AS who, TIMESTAMP '2026-05-01 10:00:00.25' AS ts, true AS yes
    UNION ALL SELECT 2, 'bob', TIMESTAMP '2026-05-01 11:30:00', true
    UNION ALL SELECT 3, NULL, TIMESTAMP '2026-05-04 12:00:00.5', false
    UNION ALL SELECT 3, 'Ana', TIMESTAMP '2026-05-05 13:00:00', false) AS t"""
JSON = """'{"a": {"b": "x"}, "l": [1, {"c": "y"}], "n": null, "f": 1.5, "o~k/": 2}'"""

#: Expressions of one row, each with a name of its own; those of a group stand in ``GROUPED``.
SINGLE = {
    "epoch": "epoch(ts)",
    "epoch_between": "epoch(ts - TIMESTAMP '2026-05-01 09:00:00')",
    "epoch_whole": "epoch(ts)::BIGINT",
    "epoch_us": "epoch_us(ts)",
    "microsecond": "microsecond(ts)",
    "moment": "make_timestamp(1777629600250000)",
    "later": "ts + INTERVAL 90 MINUTE",
    "later_by": "ts + to_hours(n) + to_minutes(2)",
    "earlier": "ts - to_days(2) - to_seconds(1) - to_milliseconds(250)",
    "longer": "ts - TIMESTAMP '2026-05-01 10:00:00' > INTERVAL 1 DAY",
    "not_shorter": "ts - TIMESTAMP '2026-05-01 10:00:00' >= to_hours(1)",
    "shorter": "ts - TIMESTAMP '2026-05-01 10:00:00' < to_minutes(n)",
    "not_longer": "(ts - TIMESTAMP '2026-05-01 10:00:00') <= INTERVAL '1 hour'",
    "bucket": "time_bucket(INTERVAL 6 HOUR, ts)",
    "weekday": "isodow(ts)",
    "time": "CAST('2026-05-01 12:00:00.25' AS TIMESTAMP)",
    "no_time": "TRY_CAST('noon' AS TIMESTAMP)",
    "days": "(MAX(ts)::DATE - MIN(ts)::DATE)",
    "round": "round(n * 2.5)",
    "round_to": "round(n / 3.0, 2)",
    "rounded_whole": "(n / 2)::BIGINT",
    "rounded_average": "round(n / 3.0, 1)::BIGINT",
    "divided": "n * 7 // 2",
    "divided_fraction": "round(epoch(ts) // 60, 3)",
    "hexadecimal": "('0x' || '0' || '1ff')::BIGINT",
    "unsigned": "(n * 5)::UBIGINT",
    "first_letters": "left(who, 2)",
    "last_letters": "right(who, 2)",
    "lower": "lower('ÄÖ' || who)",
    "translated": "translate(who, 'abn', 'xyz')",
    "letter": "unicode('ß') * 1000 + unicode('n')",
    "bytes": "strlen('ßx')",
    "text_slice": "md5(who)[3:6]",
    "text_part": "substring(who, n)",
    "text_start": "lower(who)[:2]",
    "split": "split_part('10.2.3', '.', 2)",
    "joined": "concat_ws('-', who, 'x')",
    "contains": "contains(who, 'n')",
    "like": r"who LIKE 'A\_%' ESCAPE '\' OR who LIKE 'A%' ESCAPE '\'",
    "matches": "regexp_matches(who, '[[:upper:]]n')",
    "matches_whole": "regexp_full_match(who, 'an|Ana')",
    "matches_class": "regexp_matches(who, '^[^[:lower:]_][[:word:]][[:^digit:]]$')",
    "matches_named": "regexp_extract(who, '(?P<first>.)(.)', 1)",
    "cut_out": "regexp_extract(who, '^(.)(.)', 2)",
    "all_cut_out": "regexp_extract_all('a1b22', '[0-9]+')",
    "script": r"regexp_matches('漢', '\p{Han}')",
    "json": f"{JSON} ->> '$.a.b'",
    "json_pointer": f"{JSON} ->> '/o~0k~1'",
    "json_in_list": f"{JSON} ->> '$.l[1].c'",
    "json_missing": f"{JSON} ->> '$.z'",
    "json_null": f"{JSON} ->> '$.n'",
    "json_list": f"json_type({JSON}, '$.l') = 'ARRAY'",
    "json_object": f"json_type({JSON}, '$.a') = 'OBJECT'",
    "first_of": "[n, 5, 6][1]",
    "last_of": "[n, 5, 6][-1]",
    "one_of": "['a', 'b', 'c'][n]",
    "list_start": "[n, 5, 6, 7][:2]",
    "list_middle": "[n, 5, 6, 7][2:3]",
    "length": "len([n, 5])",
    "numbers": "range(1, n)",
    "no_numbers": "range(3, 1)",
    "series": "generate_series(2, 4)",
    "sum_of_list": "list_sum([0.25, 0.5])",
    "both_lists": "list_intersect([n, 9], [9, 8])",
    "reduced": "list_reduce([n, n + 4, n + 5], lambda x, y: x + y)",
    "sorted": "list_sort([n, 2, 9])",
    "sorted_down": "list_reverse_sort([n, 2, 9])",
    "kept": "list_filter([7, 8, 9], lambda x, i: i >= 2 AND x < 9)",
}  # fmt: skip
GROUPED = {
    "list": "list(who ORDER BY who) FILTER (who IS NOT NULL)",
    "list_down": "list(who ORDER BY who DESC) FILTER (yes)",
    "list_by": "list(n ORDER BY ts DESC)",
    "list_by_where": "list(n ORDER BY ts) FILTER (NOT yes)",
    "different": "list(DISTINCT n ORDER BY n)",
    "texts": "string_agg(who, '+' ORDER BY ts)",
    "texts_where": "string_agg(who, '+' ORDER BY who) FILTER (yes)",
    "median": "median(n)",
    "quantile": "quantile_cont(n, 0.75)",
    "mode": "mode(n)",
    "mode_where": "mode(who) FILTER (NOT yes)",
    "any": "any_value(who) FILTER (n = 2)",
    "all": "bool_and(n > 1)",
    "some": "bool_or(n > 2)",
    "distinct_about": "approx_count_distinct(n)",
    "average_whole": "avg(n + 0.25)::BIGINT",
}
#: Whole queries.
QUERIES = {
    "unfolded": "SELECT unnest([1, 2, 3]) AS a, unnest(['x', 'y']) AS b ORDER BY a",
    "table": "SELECT i * 2 AS i FROM range(1, 4) AS s(i) ORDER BY i",
    "before": f"SELECT n, lag(n) OVER (ORDER BY ts) AS p, lag(n, 2) OVER (ORDER BY ts) AS pp FROM {ROWS} ORDER BY ts",
    "by_alias": f"SELECT -n AS n, who FROM {ROWS} WHERE who = 'Ana' ORDER BY n",
    "alias_in_where": f"SELECT n * 10 AS tens, n AS ts FROM {ROWS} WHERE tens > 10 AND ts > TIMESTAMP '2026-05-02' "
    "ORDER BY who",
    "own_names": "SELECT a.x, b.y FROM (SELECT 1 AS x) AS a JOIN (SELECT 1 AS x, 2 AS y) AS b ON a.x = b.x",
    "sample": f"SELECT count(*) >= 0 AS yes FROM {ROWS} WHERE hash(who, n) % 2 = 0",
    "window": f"SELECT sum(n) OVER own - 1 AS s FROM {ROWS} WINDOW own AS (PARTITION BY who ORDER BY ts) ORDER BY ts",
}


#: Those by which rules of Spark's are tried; each takes it seconds.
FOR_SPARK = ("unfolded", "table", "alias_in_where", "window")


def questions() -> dict[str, str]:
    """Return the queries: all expressions of a row at once, all of a group at once, and the whole ones."""
    single = ", ".join(f"{sql} AS {name}" for name, sql in SINGLE.items() if name != "days")
    grouped = ", ".join(f"{sql} AS {name}" for name, sql in {**GROUPED, "days": SINGLE["days"]}.items())
    return {
        "single": f"SELECT {single} FROM {ROWS} WHERE who IS NOT NULL ORDER BY ts",
        "grouped": f"SELECT {grouped} FROM {ROWS}",
        **QUERIES,
    }


def alike(value: Any) -> Any:
    """Return a value as it is compared: engines differ in the types of numbers, not in their values."""
    if isinstance(value, list | tuple):
        return [alike(item) for item in value]
    if isinstance(value, bool):
        return int(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()[:26]
    return value if value is None or isinstance(value, str) else round(float(value), 6)


@pytest.mark.parametrize("url", ENGINES)
def test_each_rule_gives_in_an_engine_what_duckdb_gives(url: str) -> None:
    different = {}
    with closing(connect(url)) as remote:
        for name, sql in questions().items():
            if name in QUERIES and name not in FOR_SPARK and url != "chdb://":
                continue
            ours = duckdb.execute(sql)
            columns = [item[0] for item in ours.description or []]
            rows = ours.fetchall()
            theirs = remote.ask(translate(sql, remote.dialect, NOTHING, {}), None)
            assert theirs.columns == columns, name
            assert len(theirs.rows) == len(rows), name
            for own, other in zip(rows, theirs.rows, strict=True):
                for column, a, b in zip(columns, own, other, strict=True):
                    if alike(a) != alike(b):
                        different[f"{name}.{column}"] = (a, b)
    assert different == {}


@pytest.mark.parametrize("writer", [ClickHouseSQL, SparkSQL])
def test_no_rule_is_without_a_trial(writer: type[Dialect]) -> None:
    generator: Any = writer.generator_class
    own = {kind for kind, rule in generator.TRANSFORMS.items() if generator.USUAL.get(kind) is not rule}
    tried = {type(node) for sql in questions().values() for node in parse_sql(sql).walk()}
    tried |= {exp.Anonymous, exp.PercentileDisc, exp.Quantile}  # extractors and refusals have tests of their own
    assert {kind.__name__ for kind in own - tried} == set()


@pytest.mark.parametrize("name", SINGLE)
def test_what_is_read_is_written_again_as_duckdb_reads_it(name: str) -> None:
    sql = f"SELECT {SINGLE[name]} AS v FROM {ROWS}"
    again = parse_sql(sql).sql(DuckDBSQL)
    assert duckdb.execute(again).fetchall() == duckdb.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT quantile_disc(n, 0.5) FROM event", "no counterpart"),
        ("SELECT quantile(n, 0.5) FROM event", "no counterpart"),
        ("SELECT prompt[-3:] FROM event", "a slice from the end"),
        ("SELECT extra ->> '$.a[*]' FROM event", "no path of names"),
        ("SELECT wb_last_user(prompt) FROM event", "function wb_last_user has no counterpart"),
        (f"SELECT {'+'.join(['line'] * 2000)} FROM event", "nested too deeply"),
    ],
)
@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_what_a_rule_cannot_say_is_refused_before_it_runs(sql: str, said: str, dialect: str) -> None:
    with pytest.raises(Untranslatable, match=said):
        translate(sql, dialect, NOTHING, {})


def test_what_one_engine_cannot_say_another_may() -> None:
    sql = "SELECT lag(account IGNORE NULLS) OVER (ORDER BY ts) AS before FROM event"
    with pytest.raises(Untranslatable, match="without those that are missing"):
        translate(sql, "clickhouse", NOTHING, {})
    assert "LAG(account) IGNORE NULLS" in translate(sql, "spark", NOTHING, {})


@pytest.mark.parametrize(
    ("sql", "clickhouse", "spark"),
    [
        ("hash(a, b)", "cityHash64(tuple(a, b))", "SHIFTRIGHTUNSIGNED(XXHASH64(a, b), 1)"),
        ("lower(a)", "lowerUTF8(a)", "LOWER(a)"),
        ("a[:getvariable('n')]", "arraySlice(a, 1, GETVARIABLE('n'))", "SLICE(a, 1, GETVARIABLE('n'))"),
        ("list(a) FILTER (b)", "groupArray(a) FILTER(WHERE b)", "COLLECT_LIST(a) FILTER(WHERE b)"),
        ("strlen(a)", "length(a)", "OCTET_LENGTH(a)"),
    ],
)
def test_a_rule_writes_its_part_alone(sql: str, clickhouse: str, spark: str) -> None:
    part = parse_sql(f"SELECT {sql}").expressions[0]
    assert (written(part, "clickhouse"), written(part, "spark")) == (clickhouse, spark)


def test_a_server_evaluates_a_common_table_once_from_a_version_on() -> None:
    assert [evaluates_once(version) for version in ("26.7.9.1", "26.8.1.2", "27.1", "")] == [False, True, True, False]
