"""Loads that run: one that is killed leaves a note of itself, and each has source numbers of its own."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.case.acts.contents import LoadCancelled, LoadKilled
from workbench.case.folder import process_alive
from workbench.case.identity import investigator, utf8
from workbench.case.ledger import now
from workbench.errors import CaseError, QueryCancelled

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger


@contextlib.contextmanager
def running_load(ledger: Ledger, what: str) -> Iterator[int]:
    """Note that a load runs, and give its number. Raises CaseError."""
    with ledger.transaction() as db:
        load = db.execute(
            "INSERT INTO load (at, who, host, pid, what, state) VALUES (?, ?, ?, ?, ?, 'running')",
            (now(), investigator(), socket.gethostname(), os.getpid(), utf8(what)),
        ).lastrowid
    state = "failed"
    try:
        yield int(load or 0)
        state = "done"
    except (KeyboardInterrupt, QueryCancelled):
        state = "cancelled"
        raise
    finally:
        with ledger.transaction() as db:
            db.execute("UPDATE load SET state = ? WHERE load = ?", (state, load))
        if state == "cancelled":
            ledger.record(LoadCancelled(what))


def reserve_sources(ledger: Ledger, load: int, number: int) -> int:
    """Keep so many source numbers for a running load and return the first; loads at the same time get others."""
    with ledger.transaction() as db:
        first = db.execute(
            "SELECT 1 + max((SELECT coalesce(max(source), 0) FROM source), "
            "(SELECT coalesce(max(first + sources - 1), 0) FROM load WHERE state = 'running'))"
        ).fetchone()[0]
        db.execute("UPDATE load SET first = ?, sources = ? WHERE load = ?", (first, number, load))
    return int(first)


def note_killed_loads(ledger: Ledger) -> None:
    """Record loads of this host whose process is gone."""
    if ledger.readonly:
        return
    for row in ledger.rows("SELECT load, host, pid, what FROM load WHERE state = 'running'"):
        if row["host"] == socket.gethostname() and not process_alive(row["pid"]):
            with contextlib.suppress(CaseError), ledger.act(LoadKilled(row["what"])) as entry:
                entry.db.execute("UPDATE load SET state = 'killed' WHERE load = ?", (row["load"],))
