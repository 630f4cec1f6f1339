"""Signs of tampering: each is found where it was planted, and not in what only looks like it."""

from __future__ import annotations

import json
import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from workbench.case import Case
from workbench.ingest import load

from .conftest import FLAT, Ask, Row, answer

START = datetime(2026, 5, 4, 8)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def gateway(count: int = 3000, seed: int = 1) -> list[Row]:
    """Return an honest gateway's records: running ids, chance times, measured figures."""
    dice, moment, rows = random.Random(seed), START, []
    for number in range(count):
        moment += timedelta(microseconds=int(dice.expovariate(0.2) * 1e6))
        tokens = int(dice.lognormvariate(5, 1)) + 1
        rows.append(
            {
                "ts": moment.isoformat() + "Z",
                "request_id": f"req-{number:07d}",
                "account": f"acct-{dice.randrange(40)}",
                "client_ip": f"198.51.100.{dice.randrange(200)}",
                "input_tokens": int(dice.lognormvariate(6, 1)),
                "output_tokens": tokens,
                "max_tokens": 100_000,
                "duration_ms": round(tokens * dice.uniform(9, 20) + 100, 1),
                "bytes_out": int(tokens * 4.3 + dice.randrange(300)),
                "status": 200,
                "response": "x" * (tokens * 4),
            }
        )
    return rows


def moved(row: Row, hours: float) -> Row:
    return {**row, "ts": (datetime.fromisoformat(row["ts"][:-1]) + timedelta(hours=hours)).isoformat() + "Z"}


BOOKS = [
    "id_gaps",
    "id_times",
    "even_times",
    "edited_stretches",
    "impossible_values",
    "made_up_digits",
    "repeated_stretches",
]


@pytest.mark.parametrize("name", BOOKS)
def test_an_honest_log_shows_no_sign(ask: Ask, name: str) -> None:
    assert ask(gateway(), name) == []


def test_records_cut_out_leave_a_hole_in_the_numbers(ask: Ask) -> None:
    rows = gateway()
    rows = rows[:1210] + rows[1230:] + rows[100:103]
    found = ask(rows, "id_gaps", stretch=100)
    assert [(row["from_number"], row["missing"], row["repeated"]) for row in found] == [(1200, 20, 0), (100, 0, 3)]
    assert found[0]["prefix"] == "req-"


def test_a_whole_stretch_of_numbers_may_be_gone(ask: Ask) -> None:
    rows = gateway()
    found = ask(rows[:1000] + rows[1400:], "id_gaps", stretch=100)
    assert [(row["from_number"], row["missing"], row["first_event"]) for row in found] == [
        (number, 100, None) for number in (1000, 1100, 1200, 1300)
    ]


def test_one_of_three_servers_misses_numbers_everywhere_alike(ask: Ask) -> None:
    dice = random.Random(3)
    assert ask([row for row in gateway(6000) if dice.random() < 0.6], "id_gaps", stretch=100) == []


def uuid7(row: Row, number: int) -> str:
    ms = int((datetime.fromisoformat(row["ts"][:-1]) - datetime(1970, 1, 1)).total_seconds() * 1000)
    return str(UUID(int=ms << 80 | 7 << 76 | (number % 4096) << 64 | 2 << 62 | number))


def ulid(row: Row) -> str:
    ms = int((datetime.fromisoformat(row["ts"][:-1]) - datetime(1970, 1, 1)).total_seconds() * 1000)
    return "".join(CROCKFORD[ms >> 5 * place & 31] for place in range(9, -1, -1)) + "0123456789ABCDEF"


def test_times_that_were_rewritten_disagree_with_the_ids(ask: Ask) -> None:
    rows = gateway(400)
    for number, row in enumerate(rows):
        row["request_id"] = uuid7(row, number) if number % 2 else ulid(row)
    honest = ask(rows, "id_times")
    assert honest == []
    rows[100:110] = [moved(row, 26) for row in rows[100:110]]
    found = ask(rows, "id_times")
    assert {row["line"] for row in found} == set(range(101, 111))
    assert {row["minutes_off"] for row in found} == {26 * 60.0}
    assert {row["kind"] for row in found} == {"ULID", "UUID version 7"}
    assert {row["agree_percent"] for row in found} == {97.5}


def test_the_times_inside_older_ids_are_read_too(ask: Ask) -> None:
    rows = gateway(3)
    rows[0]["request_id"] = "f2e4a2b0-4791-11f1-8000-0242ac130003"  # version 1, of 4 May 2026 12:42 UTC
    rows[1]["trace_id"] = "Root=1-58406520-a006649127e371903a2de979"  # December 2016
    rows[2]["request_id"] = "3f2b7c1e-9d4a-4f6b-8c2d-1a2b3c4d5e6f"  # random, so it says nothing
    found = {row["kind"]: row["id_time"] for row in ask(rows, "id_times", min_minutes=10)}
    assert found["X-Ray trace id"] == datetime(2016, 12, 1, 18, 0)
    assert found["UUID version 1"].date() == datetime(2026, 5, 4).date()
    assert len(found) == 2


def test_times_at_even_steps(ask: Ask) -> None:
    rows, dice = gateway(), random.Random(2)
    for number in range(200):
        rows[1000 + number]["ts"] = (
            START + timedelta(hours=9, seconds=3 * number + dice.uniform(-0.2, 0.2))
        ).isoformat() + "Z"
    (found,) = ask(rows, "even_times")
    assert (found["what"], found["first_line"]) == ("even steps", 1000)
    assert found["usual_unevenness"] > 0.8
    assert found["unevenness"] < 0.2


def test_times_with_other_fractions(ask: Ask) -> None:
    rows = gateway()
    for row in rows[400:800]:
        row["ts"] = row["ts"][:19] + "Z"
    found = ask(rows, "even_times")
    assert {row["what"] for row in found} == {"other fractions of a second"}
    assert {row["first_line"] // 200 for row in found} <= {1, 2, 3, 4}
    whole = [{**row, "ts": row["ts"][:19] + "Z"} for row in rows]
    assert ask(whole, "even_times") == []  # a log whose times are all whole seconds


def test_a_stretch_without_the_fields_of_its_neighbours(ask: Ask) -> None:
    rows = gateway()
    for row in rows[1400:1600]:
        del row["duration_ms"]
        row["request_id"] = "x" * 40
    found = ask(rows, "edited_stretches")
    assert {row["what"] for row in found} >= {"duration_ms", "length of ids"}
    assert {row["first_line"] // 200 for row in found} == {7} or {row["first_line"] for row in found} == {1400}


def test_a_new_version_of_the_software_is_no_edited_stretch(ask: Ask) -> None:
    rows = gateway()
    for row in rows[2600:]:
        del row["duration_ms"]
    assert ask(rows, "edited_stretches") == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"output_tokens": 120, "max_tokens": 100}, "more output tokens than the limit asked for"),
        ({"output_tokens": 5000, "duration_ms": 40}, "output faster than any model"),
        ({"output_tokens": 0}, "an answer without output tokens"),
        ({"output_tokens": 1, "response": "word " * 500}, "an answer too long for its tokens"),
        ({"status": 799}, "an HTTP status that does not exist"),
        ({"status": 204, "bytes_out": 90_000}, "a body where the status allows none"),
        ({"temperature": 7}, "a temperature that no service takes"),
        ({"client_ip": "300.1.2.3"}, "an address that no client has"),
        ({"ts": "2061-01-01T00:00:00Z"}, "a time after the log was loaded"),
    ],
)
def test_values_that_cannot_be(ask: Ask, change: Row, what: str) -> None:
    rows = gateway(300)
    rows[41] = {**rows[41], "response": "x" * 400, "output_tokens": 90, **change}
    assert [(row["what"], row["records"], row["first_line"]) for row in ask(rows, "impossible_values")] == [
        (what, 1, 42)
    ]


def test_figures_that_were_rounded_or_thought_up(ask: Ask) -> None:
    rows, dice = gateway(4000), random.Random(9)
    for row in rows:
        row["bytes_out"] = dice.randrange(300, 60_000) * 10 + dice.choice([0, 3, 5, 7, 7])
    (found,) = ask(rows, "made_up_digits")
    assert (found["figure"], found["commonest_digit"]) == ("bytes_out", 7)
    assert found["distance"] > 0.5


def test_a_stretch_that_was_copied_with_its_times_moved(ask: Ask) -> None:
    rows = gateway()
    copied = [{**moved(row, 30), "request_id": f"new-{number}"} for number, row in enumerate(rows[500:560])]
    found = ask(rows + copied, "repeated_stretches")
    assert [(row["first_line"], row["copy_first_line"], row["hours_later"], row["times"]) for row in found] == [
        (501, 3001, 30.0, 2)
    ]
    assert found[0]["records"] == 60 - 5


def test_a_job_that_repeats_its_steps_is_no_copy(ask: Ask) -> None:
    rows, dice = gateway(), random.Random(4)
    job = [
        {
            "ts": (START + timedelta(hours=hour, seconds=step)).isoformat() + "Z",
            "account": "nightly",
            "path": f"/step/{step}",
            "status": 200,
            "duration_ms": round(dice.uniform(20, 90), 2),
            "bytes_out": 1000 + step,
        }
        for hour in range(40)
        for step in range(12)
    ]
    assert ask(rows + job, "repeated_stretches") == []


def test_file_times(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "a.case")
    last = (START + timedelta(hours=3)).timestamp()
    for name, change in {"right": 60, "early": -7200.0, "late": 86_400 * 3}.items():
        path = tmp_path / f"{name}.ndjson"
        rows = [*gateway(20), {"ts": (START + timedelta(hours=3)).isoformat() + "Z", "account": name}]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        zone = datetime.fromtimestamp(last).astimezone().utcoffset() or timedelta()
        os.utime(path, (last + change + zone.total_seconds(),) * 2)
        load(case, [str(path)], format=FLAT)
    found = {row["file"]: row for row in answer(case, "file_times")}
    assert {name: row["what"] for name, row in found.items()} == {
        "early.ndjson": "changed last before its last event",
        "late.ndjson": "changed after its last event",
    }
    assert found["early.ndjson"]["whole_hours"] and not found["late.ndjson"]["whole_hours"]
    case.close()
