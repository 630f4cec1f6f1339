"""Every key of the UI in one table: bindings, footer, help and command palette are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Action:
    """What a key does: ``id`` names the screen's method ``action_…``; ``where`` the screens that have it (empty: all)."""

    id: str
    key: str
    label: str
    help: str
    where: tuple[str, ...] = ()
    shown: bool = False

    @property
    def key_label(self) -> str:
        """The key as people write it."""
        names = {
            "slash": "/", "colon": ":", "question_mark": "?", "plus": "+", "minus": "-", "escape": "Esc",
            "backspace": "Bksp", "ctrl+r": "Ctrl-r", "ctrl+p": "Ctrl-p", "enter": "Enter", "equals_sign": "=",
            "left_square_bracket": "[", "right_square_bracket": "]", "less_than_sign": "<", "greater_than_sign": ">",
            "space": "Space",
        }  # fmt: skip
        return names.get(self.key.split(",")[0], self.key.split(",")[0])


#: Digit, name, and title of each place.
PLACES = (
    ("3", "accounts", "accounts"),
    ("4", "sessions", "sessions"),
    ("5", "events", "events"),
    ("6", "playbooks", "playbooks"),
    ("7", "sql", "SQL"),
    ("8", "tags", "tags"),
    ("9", "sources", "sources and loading"),
)

_TABLES = ("accounts", "sessions", "events", "playbooks", "result", "tags", "sources", "rejects")
_ROWS = ("accounts", "sessions", "events", "result")

ACTIONS = (
    *(Action(f"place('{name}')", key, title, f"go to {title}") for key, name, title in PLACES),
    Action("help", "question_mark", "help", "show the keys of this screen"),
    Action("command", "colon", "command", "type a command: a place, a playbook, a row number, w, q"),
    Action("back", "escape,backspace", "back", "stop what runs; else back to where I was"),
    Action("quit_or_back", "q", "quit", "back, and from a place: quit"),
    Action("filter", "slash", "filter", "filter: words, account:u-1, status:5xx, ip:10.0.0.0/8, -bot, {SQL}", ("events",), True),
    Action("filter", "slash", "filter", "filter by an SQL condition on the columns", ("sessions", "accounts"), True),
    Action("filter", "slash", "find", "show the playbooks that contain these words", ("playbooks",), True),
    Action("keep", "plus", "keep value", "keep only rows with the value under the cursor", ("events",), True),
    Action("drop", "minus", "drop value", "drop the rows with the value under the cursor", ("events",), True),
    Action("clear", "equals_sign", "no filter", "take the filter away", ("events", "sessions", "accounts", "playbooks")),
    Action("count", "F", "count", "count the values of the column under the cursor", ("events",), True),
    Action("goto_time", "T", "time", "go to a time", ("events",)),
    Action("bin(-1)", "less_than_sign", "earlier", "go to the bin of the histogram before this one", ("events",)),
    Action("bin(1)", "greater_than_sign", "later", "go to the bin of the histogram after this one", ("events",)),
    Action("sessions", "o", "session", "open the session of this event", ("events",), True),
    Action("sort(False)", "left_square_bracket", "ascending", "sort by this column, smallest first", ("sessions", "accounts")),
    Action("sort(True)", "right_square_bracket", "sort", "sort by this column, largest first", ("sessions", "accounts"), True),
    Action("view", "v", "chart", "chart, table, or both", ("result",), True),
    Action("again", "e", "parameters", "ask again with other parameters", ("result",), True),
    Action("events", "o", "events", "open the events of this row's entity", ("result", "sessions", "accounts"), True),
    Action("tag", "t", "tag", "tag the marked rows, or this one, with a note", _ROWS, True),
    Action("untag", "u", "untag", "take this tag off", ("tags",), True),
    Action("export", "w", "export", "write a CSV: sessions, accounts, events, tags or these rows", (), True),
    Action("load", "a", "load", "load more logs", ("sources",), True),
    Action("rejects", "r", "rejects", "show the lines that could not be read", ("sources",), True),
    Action("run", "ctrl+r,f5", "run", "run the query", ("sql",), True),
    Action("results", "ctrl+t", "results", "go between the query and its result", ("sql",), True),
)  # fmt: skip

#: Keys of every table; the table itself binds them.
TABLE_KEYS = (
    ("j k ↓ ↑", "a row down, up"),
    ("Ctrl-d Ctrl-u", "half a page"),
    ("PgDn PgUp", "a page"),
    ("g G", "first, last row"),
    ("h l ← →", "a column left, right"),
    ("Enter", "deeper into this row"),
    ("m", "mark for tagging"),
)


def actions_for(screen: str) -> list[Action]:
    """Return the actions that a screen has."""
    return [action for action in ACTIONS if not action.where or screen in action.where]


def bindings_for(screen: str) -> list[Binding]:
    """Return Textual's bindings of a screen's actions."""
    return [Binding(action.key, action.id, action.label, show=False) for action in actions_for(screen)]


def hints_for(screen: str) -> list[tuple[str, str]]:
    """Return the keys that the foot of a screen shows."""
    first = [("Enter", "open")] if screen in _TABLES and screen not in ("rejects", "tags") else []
    return first + [(action.key_label, action.label) for action in actions_for(screen) if action.shown]


def clashes(screens: Iterable[str]) -> list[str]:
    """Return where one key means two things on a screen; must be empty."""
    found = []
    table_keys = {"j", "k", "g", "G", "h", "l", "m", "enter", "home", "end", "ctrl+d", "ctrl+u"}
    for screen in screens:
        seen: dict[str, str] = dict.fromkeys(table_keys, "table") if screen in _TABLES else {}
        for action in actions_for(screen):
            for key in action.key.split(","):
                if key in seen:
                    found.append(f"{screen}: {key} is {seen[key]} and {action.id}")
                seen[key] = action.id
    return found


SCREENS = (*_TABLES, "event", "sql")
