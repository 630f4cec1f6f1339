"""Every key of the UI in one table: bindings, footer, help and command palette are made from it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from textual.binding import Binding

from workbench.errors import UsageError

_KEY_LABELS = {
    "slash": "/", "colon": ":", "question_mark": "?", "plus": "+", "minus": "-", "escape": "Esc", "backspace": "Bksp",
    "ctrl+r": "Ctrl-r", "ctrl+p": "Ctrl-p", "enter": "Enter", "equals_sign": "=", "left_square_bracket": "[",
    "right_square_bracket": "]", "less_than_sign": "<", "greater_than_sign": ">", "left_curly_bracket": "{",
    "right_curly_bracket": "}", "space": "Space", "comma": ",", "full_stop": ".",
    "ampersand": "&", "exclamation_mark": "!",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """What a key does: ``id`` names the screen's method ``action_…``; ``shown`` puts it into the foot of the screen."""

    id: str
    key: str
    label: str
    help: str
    shown: bool = False

    @property
    def key_label(self) -> str:
        """The key as people write it."""
        first = self.key.split(",")[0]
        return _KEY_LABELS.get(first, re.sub(r"^ctrl\+", "Ctrl-", first))

    @property
    def name(self) -> str:
        """The name by which the configuration gives it another key."""
        return re.sub(r"[^a-z]+", "-", self.label.lower())


#: Digit, name, and title of each place.
PLACES = (
    ("1", "triage", "triage"),
    ("2", "campaigns", "campaigns"),
    ("3", "accounts", "accounts"),
    ("4", "sessions", "sessions"),
    ("5", "events", "events"),
    ("6", "playbooks", "playbooks"),
    ("7", "sql", "SQL"),
    ("8", "tags", "tags"),
    ("9", "sources", "sources and loading"),
    ("0", "timeline", "timeline"),
)

EVERYWHERE = (
    *(Action(f"place('{name}')", key, title, f"go to {title}") for key, name, title in PLACES),
    Action("help", "question_mark", "help", "the keys of this screen"),
    Action("command", "colon", "command", "a place, a playbook, a row number, a time, w, q"),
    Action("back", "escape,backspace", "back", "stop what runs; else back to where I was"),
    Action("quit_or_back", "q", "quit", "back, and from a place: quit"),
    Action("rejects", "r", "rejects", "the lines that could not be read"),
    Action("export", "w", "export", "write a CSV, a report, a bundle, or what other programs read"),
    Action("pin", "p", "pin", "pin this view: it comes back with the case"),
    Action("pins", "P", "pins", "go to a pinned view"),
    Action("undo", "u", "undo", "undo the last change of tags, notes or verdicts; it says which"),
    Action("redo", "U", "redo", "redo what was undone last"),
)

#: Keys that act on no row: they never wait for one.
LEAVING = frozenset(key for key, _, _ in PLACES) | {"question_mark", "colon", "q", "r", "P"}

_SEARCH = (
    Action("search", "slash", "search", "search the rows for words, from the cursor on", True),
    Action("search_next(1)", "n", "next match", "the next match"),
    Action("search_next(-1)", "N", "previous match", "the match before"),
)
_VALUE = Action("value", "space", "whole value", "the value under the cursor in full; again: the verbatim record")
_COPY = Action("copy", "y", "copy", "copy the value under the cursor to the terminal's clipboard (OSC 52)")
_TAG = Action("tag", "t", "tag", "tag the marked rows, or this one, with a note", True)
_FILTER = Action("filter", "equals_sign", "filter", "edit the condition on the columns (SQL)", True)
_CLEAR = Action("clear", "exclamation_mark", "no filter", "take the filter away")
_CHART = Action("chart", "v", "chart", "the first of the list as bars, by the column that it is sorted by", True)
_SORT = (
    Action("sort(True)", "right_square_bracket", "sort", "sort by this column, largest first", True),
    Action("sort(False)", "left_square_bracket", "ascending", "sort by this column, smallest first"),
)
_EVENT_SORT = (
    Action("sort(True)", "right_square_bracket", "sort", "the events with the largest values of this column"),
    Action("sort(False)", "left_square_bracket", "ascending", "the smallest; on ts: back to the order of time"),
)

_PANE = (
    Action("pane(1)", "J", "scroll", "scroll the text below down"),
    Action("pane(-1)", "K", "scroll up", "scroll the text below up"),
)

ON: dict[str, tuple[Action, ...]] = {
    "triage": (
        Action("verdict('accepted')", "A", "accept", "accept the finding: it goes into the report", True),
        Action("verdict('dismissed')", "x", "dismiss", "dismiss the finding, with a reason", True),
        _TAG,
        Action("explain", "e", "explain", "the whole reasoning", True),
        Action("campaign", "c", "campaign", "the members of its campaign", True),
        Action("open", "o", "open", "its sessions or events"),
        *_PANE,
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "campaigns": (
        Action("matrix", "v", "matrix", "who shares what with whom, as a matrix", True),
        Action("tag", "t", "tag members", "tag all members of the campaign, with a note", True),
        *_PANE,
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "entity": (
        Action("having", "F", "who else", "all that have the value under the cursor", True),
        Action("neighbours", "W", "beside", "who shares addresses, payments, keys or wording with it", True),
        _TAG,
        Action("view", "v", "week", "its hours by weekday, and back", True),
        Action("explain", "e", "explain", "the whole reasoning of triage about it", True),
        Action("open", "o", "open", "its sessions, its events, what the value names", True),
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "matrix": (
        Action("having", "F", "who else", "all that have the thing under the cursor, members or not", True),
        _TAG,
        *_PANE,
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "timeline": (Action("add", "a", "add", "add a moment of your own", True), *_SEARCH, _VALUE, _COPY),
    "explain": (
        _TAG,
        Action("open", "o", "open", "its sessions or events", True),
        Action("copy", "y", "copy", "copy the text to the terminal's clipboard (OSC 52)", True),
    ),
    "fields": (
        Action("drop", "minus", "drop", "drop the events with the value under the cursor", True),
        Action("count", "F", "count", "count all values of this field, with bars", True),
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "events": (
        Action("filter", "equals_sign", "filter", "filter: words, account:u-1, status:5xx, -bot, {SQL}", True),
        Action("keep", "plus", "keep", "keep only rows with the value under the cursor", True),
        Action("drop", "minus", "drop", "drop the rows with the value under the cursor", True),
        Action("fields", "f", "fields", "every field with its top values and counts", True),
        Action("count", "F", "count", "count the values of the column under the cursor, with bars", True),
        _TAG,
        Action("open", "o", "open", "this row's session, account, address", True),
        *_SEARCH,
        Action("matches", "ampersand", "only matches", "filter to what was searched for"),
        Action("columns", "s", "columns", "choose the columns and their order"),
        Action("shift_column(-1)", "H", "column left", "move the column under the cursor to the left"),
        Action("shift_column(1)", "L", "column right", "move the column under the cursor to the right"),
        *_EVENT_SORT,
        Action("related('account')", "A", "account's", "all events of this event's account"),
        Action("related('client_ip')", "I", "address's", "all events of this event's address"),
        Action("related('session')", "S", "session's", "all events of this event's session"),
        Action("brush", "b", "brush", "mark a time from here on; again: zoom into what was marked"),
        Action("zoom(1)", "z", "zoom in", "zoom into the time around the cursor", True),
        Action("zoom(-1)", "Z", "zoom out", "zoom out again"),
        Action("shift(-1)", "less_than_sign", "earlier", "the window of time before this one"),
        Action("shift(1)", "greater_than_sign", "later", "the window of time after this one"),
        Action("spike(-1)", "left_curly_bracket", "spike before", "go to the spike before the cursor"),
        Action("spike(1)", "right_curly_bracket", "next spike", "go to the next spike"),
        _CLEAR,
        _VALUE,
        _COPY,
    ),
    "sessions": (
        _FILTER,
        _TAG,
        *_SORT,
        _CHART,
        Action("open", "o", "open", "this session's events, account", True),
        *_SEARCH,
        _CLEAR,
        _VALUE,
        _COPY,
    ),
    "accounts": (
        _FILTER,
        _TAG,
        *_SORT,
        _CHART,
        Action("open", "o", "open", "this account's sessions, events", True),
        *_SEARCH,
        _CLEAR,
        _VALUE,
        _COPY,
    ),
    "playbooks": (Action("search", "slash", "find", "show the playbooks that contain these words", True), _CLEAR),
    "result": (
        Action("view", "v", "chart", "chart, table, or both", True),
        Action("again", "equals_sign", "parameters", "ask again with other parameters", True),
        Action("compare", "d", "differences", "the rows that are new, gone or changed since it was asked last", True),
        Action("save", "s", "save as", "save the playbook with these parameters under another name"),
        Action("zoom(1)", "z", "zoom in", "see less of the chart, around the cursor"),
        Action("zoom(-1)", "Z", "zoom out", "see more of the chart"),
        _TAG,
        Action("open", "o", "open", "the sessions or events of what this row names", True),
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "tags": (
        Action("retag", "t", "retag", "give the marked tags, or this one, another name", True),
        Action("untag", "T", "untag", "take the marked tags, or this one, off", True),
        Action("note", "a", "note", "write the note of this tag, in Markdown", True),
        *_SORT,
        *_PANE,
        Action("open", "o", "open", "the events of what is tagged", True),
        *_SEARCH,
        _VALUE,
        _COPY,
    ),
    "sources": (
        Action("load", "L", "load", "load more logs", True),
        Action("follow", "F", "follow", "follow a log: load what is appended to it; again: stop", True),
        Action("verify", "v", "verify", "check the case against its audit chain and hashes", True),
        Action("seal", "S", "seal", "write the head of the audit chain down, signed if you like", True),
        _VALUE,
        _COPY,
    ),
    "rejects": (*_SEARCH, _VALUE, _COPY),
    "event": (
        Action("verbatim", "v", "verbatim", "the verbatim record, from the log or from the case's copy of it", True),
        _TAG,
        _COPY,
    ),
    "sql": (
        Action("run", "ctrl+r,f5", "run", "run the query", True),
        Action("complete", "tab", "complete", "complete the name of a table or column; again: the next", True),
        Action("history(-1)", "ctrl+up,f7", "older", "the query asked before", True),
        Action("history(1)", "ctrl+down,f8", "newer", "the query asked after"),
        Action("save", "ctrl+s", "save", "save the query as a playbook of this case", True),
        Action("edit", "i", "edit", "back into the editor (Esc leaves it)"),
    ),
}

#: Keys of every table; the table itself binds them. A number in front repeats a movement: ``20j``, ``50G``.
TABLE_KEYS = (
    ("j k ↓ ↑", "a row down, up; 20j: twenty"),
    ("Ctrl-d Ctrl-u", "half a page"),
    ("PgDn PgUp", "a page"),
    ("g G", "first, last row; 50G: row 50"),
    ("h l ← →", "a column left, right"),
    (", .", "this column narrower, wider"),
    ("Enter", "deeper into this row"),
    ("m", "mark for tagging; M: mark or unmark all that were loaded"),
)
_DEEPER = (
    "triage",
    "campaigns",
    "accounts",
    "sessions",
    "events",
    "fields",
    "playbooks",
    "result",
    "sources",
    "tags",
    "entity",
    "matrix",
    "timeline",
)
_TABLES = (*_DEEPER, "rejects")
_TABLE_BOUND = ("j", "k", "g", "G", "h", "l", "m", "M", "enter", "home", "end", "ctrl+d", "ctrl+u", "ctrl+f", "ctrl+b",
                "comma", "full_stop")  # fmt: skip

SCREENS = tuple(ON)

#: Keys that the investigator chose instead, by the action's name: ``events.filter`` on one screen, ``filter`` on all.
_chosen: dict[str, str] = {}


def choose_keys(keys: Mapping[str, str], where: str) -> None:
    """Give actions other keys, as people write them: ``{"filter": "f5", "events.brush": "Ctrl-b"}``.

    Raises UsageError for an action that there is not, for what is no key, and where one key would mean two things; it
    names ``where`` the keys are written.
    """
    known = {full for screen in SCREENS for action in (*ON[screen], *EVERYWHERE) for full in _names(screen, action)}
    for name in keys:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "docs/reference.md lists them"
            raise UsageError(f"{where}: keys: there is no action {name!r}; {hint}")
    chosen = {name: _read_key(f"{where}: keys.{name}", text) for name, text in keys.items()}
    before = dict(_chosen)
    _chosen.clear()
    _chosen.update(chosen)
    if clashing := clashes():
        _chosen.clear()
        _chosen.update(before)
        raise UsageError(f"{where}: keys: one key would mean two things; {clashing[0]}")


def _names(screen: str, action: Action) -> tuple[str, ...]:
    return () if action in EVERYWHERE[: len(PLACES)] else (f"{screen}.{action.name}", action.name)


def _read_key(where: str, text: str) -> str:
    """Return a key as Textual names it. Raises UsageError naming ``where`` it is written."""
    from textual.keys import Keys

    name_of_key = {label: key for key, label in _KEY_LABELS.items() if "+" not in key}.get(text) or (
        text if len(text) == 1 else text.lower().replace("-", "+")
    )
    usual = {key.value for key in Keys} | set(_KEY_LABELS)
    if (len(name_of_key) == 1 and name_of_key.isalpha()) or name_of_key in usual:
        return name_of_key
    raise UsageError(f"{where}: {text!r} is no key; write a letter, a sign such as = or ?, Ctrl-b, F5, Space or Tab")


def _chosen_of(screen: str, action: Action) -> Action:
    key = next((_chosen[name] for name in _names(screen, action) if name in _chosen), None)
    return replace(action, key=key) if key else action


def own_actions(screen: str) -> list[Action]:
    """Return the actions that only this screen has, with the keys that were chosen for them."""
    return [_chosen_of(screen, action) for action in ON[screen]]


def common_actions(screen: str) -> list[Action]:
    """Return the actions that every screen has."""
    return [_chosen_of(screen, action) for action in EVERYWHERE]


def actions_for(screen: str) -> list[Action]:
    """Return the actions that a screen has, its own first."""
    return [*own_actions(screen), *common_actions(screen)]


def bindings_for(screen: str) -> list[Binding]:
    """Return Textual's bindings of a screen's actions with their usual keys; each has a name to give it others."""
    return [
        Binding(action.key, action.id, action.label, show=False, id=f"{screen}.{action.name}")
        for action in (*ON[screen], *EVERYWHERE)
    ]


def keymap() -> dict[str, str]:
    """Return the chosen keys by the names of bindings, as Textual takes them."""
    return (
        {f"{screen}.{action.name}": action.key for screen in SCREENS for action in actions_for(screen)}
        if _chosen
        else {}
    )


def hints_for(screen: str) -> list[tuple[str, str]]:
    """Return the keys that the foot of a screen shows."""
    enter = "keep" if screen == "fields" else "open"
    first = [("Enter", enter)] if screen in _DEEPER else []
    return first + [(action.key_label, action.label) for action in own_actions(screen) if action.shown]


def clashes(screens: Iterable[str] = SCREENS) -> list[str]:
    """Return where one key means two things on a screen; must be empty."""
    clashing = []
    for screen in screens:
        seen: dict[str, str] = dict.fromkeys(_TABLE_BOUND, "a table's own") if screen in _TABLES else {}
        for action in actions_for(screen):
            for key in action.key.split(","):
                if key in seen:
                    clashing.append(f"{screen}: {_KEY_LABELS.get(key, key)} is {seen[key]} and {action.name}")
                seen[key] = action.name
    return clashing
