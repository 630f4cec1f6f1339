"""How the steps of detection make their tables: from SQL, on one connection."""

from __future__ import annotations

from collections.abc import Callable

#: Run one statement on the connection.
Run = Callable[[str], None]
#: Make a temporary table of this name from a SELECT over ``act`` and the tables of events that were made before.
Make = Callable[[str, str], None]
