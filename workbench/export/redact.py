"""Redaction: rows on their way out, each field in the form that a policy lets it have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench import addresses
from workbench.case.tags import KINDS, VERDICTS
from workbench.errors import ExportError
from workbench.export.pseudonym import Pseudonyms, pseudonyms

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.export.policy import Policy

#: Which kind of thing a column names, so that the same thing has the same pseudonym wherever it stands.
_KIND_OF = {column: kind for kind, column in KINDS.items() if kind != "client"} | {"session": "session"}
#: Which column's treatment holds for a thing of a kind.
_COLUMN_OF = {**KINDS, "client": "client_ip", "entity": "entity"}
MASK = "▯"
#: Addresses whose prefixes, and texts whose templates, are kept in memory, since rows repeat them.
_KEPT_PREFIXES, _KEPT_TEXTS = 50_000, 4_096
_WORD = re.compile(r"[^\W_]+")
Row = Sequence[Any]


class Redactor:
    """Applies a policy to the rows of one table. ``prepare`` has to see which values are common first."""

    def __init__(self, policy: Policy, secret: Pseudonyms) -> None:
        self.policy = policy
        self._secret = secret
        self._common: dict[str, set[str]] = {}
        self._prefix = lru_cache(_KEPT_PREFIXES)(self._cut)

    @classmethod
    def of(cls, case: Case, policy: Policy) -> Redactor:
        """Return a redactor with the case's own key."""
        return cls(policy, pseudonyms(case))

    def allow(self, table: str) -> None:
        """Refuse a table that the policy does not let out."""
        if table not in self.policy.tables:
            allowed = ", ".join(self.policy.tables)
            raise ExportError(f"policy {self.policy.name} does not let {table} leave; it allows: {allowed}")

    def prepare(
        self,
        case: Case,
        sql: str,
        parameters: Mapping[str, object],
        columns: Sequence[str],
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        """Find the values and words that at least ``k`` entities of a result have: only they are kept as they are."""
        who = next((name for name in ("account", "entity") if name in columns), None)
        for name in columns:
            treatment = self.policy.of(name)
            if treatment not in ("group", "template"):
                continue
            self._common[name] = set()
            if who is None:
                continue
            value = "unnest(string_split_regex(lower(value), '[^\\pL\\pN]+'))" if treatment == "template" else "value"
            found = case.query(
                f"SELECT {value} AS one FROM (SELECT DISTINCT {who} AS owner, {name}::VARCHAR AS value FROM ({sql})) "
                f"GROUP BY one HAVING count(DISTINCT owner) >= {int(self.policy.k)}",
                parameters,
                cursor=cursor,
            )
            self._common[name] = {row[0] for row in found.rows if row[0]}

    def columns(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that leave."""
        return [name for name in columns if self.policy.of(name) != "drop"]

    def rows(self, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows as they leave."""
        place = {name: index for index, name in enumerate(columns)}
        kept = [(place[name], self._how(name, place)) for name in self.columns(columns)]
        for row in rows:
            yield tuple(how(row[index], row) for index, how in kept)

    def value(self, kind: str, value: str) -> str | None:
        """Return a thing of a kind as it may be named, None where it may not."""
        if kind == "client":
            whole = self.policy.of("client_ip") == self.policy.of("user_agent") == "keep"
            return value if whole else self._pseudonym("client", value)
        redacted = self._how(_COLUMN_OF.get(kind, kind), {})(value, ())
        return None if redacted is None else str(redacted)

    def verdicts(self, tags: str) -> str:
        """Return tags in which only the verdicts still say what they are: a tag's name may hold anything."""
        named = (tag if tag in VERDICTS else self._pseudonym("tag", tag) for tag in tags.split(" "))
        return " ".join(sorted(named))

    def _pseudonym(self, kind: str, value: object) -> str:
        return self._secret.of(kind, str(value))

    def _how(self, name: str, place: Mapping[str, int]) -> Callable[[Any, Row], Any]:
        treatment = self.policy.of(name)
        if name in ("entity", "id") and treatment != "drop":
            return self._named(place.get("entity_kind" if name == "entity" else "kind"))
        match treatment:
            case "drop":
                return lambda value, row: None
            case "pseudonym":
                kind = _KIND_OF.get(name, name)
                return lambda value, row: None if value is None else self._pseudonym(kind, value)
            case "prefix":
                return lambda value, row: None if value is None else self._prefix(str(value))
            case "owner":
                at = place.get("as_org")
                return lambda value, row: (row[at] if at is not None else None) or "unknown owner"
            case "coarse":
                return lambda value, row: None if value is None else self._coarse(value)
            case "template":
                common = self._common.get(name, set())
                masked = lru_cache(_KEPT_TEXTS)(lambda text: mask(text, common))
                return lambda value, row: None if value is None else masked(str(value))
            case "group":
                common = self._common.get(name, set())
                few = f"(fewer than {self.policy.k})"
                return lambda value, row: None if value is None else value if str(value) in common else few
            case "verdict":
                return lambda value, row: None if value is None else self.verdicts(str(value))
        return lambda value, row: value

    def _named(self, at: int | None) -> Callable[[Any, Row], Any]:
        """A column that names things of several kinds: each as its own column would be."""

        def how(value: Any, row: Row) -> Any:
            kind = row[at] if at is not None else "entity"
            return None if value is None else self.value(kind, str(value))

        return how

    def _cut(self, value: str) -> str:
        address = addresses.parse_address(value)
        if address is None:
            return self._pseudonym("address", value)
        if address.version == 4:
            cut = ".".join(str(address).split(".")[: self.policy.prefix4 // 8]) + ".*"
        else:
            groups = address.exploded.split(":")[: self.policy.prefix6 // 16]
            cut = ":".join(group.lstrip("0") or "0" for group in groups) + ":*"
        return cut

    def _coarse(self, value: object) -> str:
        text = value.isoformat(sep="T", timespec="seconds") if isinstance(value, datetime) else str(value)
        return text[: self.policy.time_length]


def mask(text: str, common: set[str]) -> str:
    """Return a text in which only words that many use, and no numbers, still stand."""
    parts, at, masked = [], 0, False
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        at = word.end()
        keep = word.group().lower() in common and not any(c.isdigit() for c in word.group())
        if keep:
            parts.append((between if not masked or between.strip() else " ") + word.group())
        elif not masked:
            parts.append(between + MASK)
        masked = not keep
    return re.sub(r"[^\w\s▯.,;:!?'()-]", " ", "".join(parts))
