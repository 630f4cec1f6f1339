"""Sigma rules from their files, each as a playbook of ours, or why there is none."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.fields import NORMALISED_NAMES
from workbench.errors import PlaybookError, UsageError, WorkbenchError
from workbench.playbooks.model import Playbook, read
from workbench.safetext import safe
from workbench.sigma.sources import LogSource, log_source

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

#: A rule is a page of text; anything larger is something else.
LARGEST = 200_000
MISSING = "Sigma rules need pySigma: pip install 'workbench-forensics[interop]'"
_ENDINGS = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a file. Where it cannot become a playbook, ``why_not`` says why.

    ``needs`` has for each field without which it cannot match: its name, and the columns of which one has to be filled.
    """

    name: str
    file: Path
    title: str = ""
    level: str = ""
    source: LogSource | None = None
    condition: str = ""
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    playbook: Playbook | None = None
    why_not: str = ""


def rule_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files of rules, those in a folder and below it too. Raises UsageError where there is none."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no rule at {safe(path)}")
        inside = path.rglob("*") if path.is_dir() else [path]
        files += sorted(one for one in inside if one.is_file() and (one.suffix in _ENDINGS or one == path))
    if not files:
        raise UsageError(f"there is no rule (.yml) in {', '.join(safe(path) for path in paths)}")
    return files


def read_rules(paths: Sequence[Path]) -> list[Rule]:
    """Read the rules of files and folders. Raises UsageError; what is wrong with one rule stands in it."""
    try:
        import sigma.collection  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise UsageError(MISSING) from error
    loaded_rules: list[Rule] = []
    taken: set[str] = set()
    for file in rule_files(paths):
        try:
            rules = list(_parsed(file))
        except (PlaybookError, OSError, UnicodeDecodeError) as error:
            loaded_rules.append(Rule(_name(file.stem), file, why_not=_told(error)))
            continue
        for number, rule in enumerate(rules, 1):
            loaded_rules.append(_rule(rule, file, _name(file.stem, number if len(rules) > 1 else 0, taken)))
    return loaded_rules


def _parsed(file: Path) -> Iterator[Any]:
    """Read a file's rules. Raises PlaybookError for one that is no rule, or is made to break its reader."""
    import yaml
    from sigma.collection import SigmaCollection

    if file.stat().st_size > LARGEST:
        raise PlaybookError(f"a rule is a text of at most {LARGEST:,} bytes")
    text = file.read_text(encoding="utf-8")
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise PlaybookError("a rule has no YAML aliases (they can stand for more text than fits in memory)")
        rules = SigmaCollection.from_yaml(text).rules
    except WorkbenchError:
        raise
    except Exception as error:  # what a rule from a stranger may do to its reader is not for us to list
        raise PlaybookError(_told(error)) from error
    if not rules:
        raise PlaybookError("there is no rule in it")
    yield from rules


def _rule(rule: SigmaRule | Any, file: Path, name: str) -> Rule:
    from sigma.correlations import SigmaCorrelationRule

    title = _line(rule.title)
    level = rule.level.name.lower() if rule.level else ""
    if isinstance(rule, SigmaCorrelationRule):
        return Rule(name, file, title, level, why_not="a correlation of rules; only single rules become playbooks")
    told = rule.logsource
    source = log_source(told.product, told.category, told.service)
    if source is None:
        asked = {"product": told.product, "category": told.category, "service": told.service}
        listed = ", ".join(f"{key} {safe(value)}" for key, value in asked.items() if value)
        return Rule(name, file, title, level, why_not=f"no format here holds logs of {listed}")
    try:
        from workbench.sigma.backend import DuckDBBackend, needed

        condition = DuckDBBackend(source).condition(rule)
        parsed = [needed(one.parsed) for one in rule.detection.parsed_condition]
        fields = sorted(set.intersection(*parsed)) if parsed else []
        needs = tuple((one.removeprefix("event."), source.columns(one)) for one in fields)
        book = read(_text(rule, source, condition, needs), name, "sigma", f"sigma/{name}.sql")
    except Exception as error:  # as above
        return Rule(name, file, title, level, source, why_not=_told(error))
    return Rule(name, file, title, level, source, condition, needs, book)


def _text(rule: SigmaRule, source: LogSource, condition: str, needs: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """Return a playbook's text. The rule's own words stand in single lines of the header, which is only shown."""
    title, author = _line(rule.title), _line(rule.author)
    by = f" by {author}" if author else ""
    why = _line(rule.description) or f"The rule's level is {rule.level.name.lower() if rule.level else 'not given'}."
    columns = [" | ".join(one for one in alternatives if _needable(one)) for _, alternatives in needs]
    lines = [
        f"-- title: Sigma: {title}",
        f"-- question: Which events of {source.name} logs match the Sigma rule '{title}'{by}?",
        f"-- why: {why}",
        *(f"-- innocent: {_line(one)}" for one in rule.falsepositives if _line(one)),
        *([f"-- needs: {', '.join(dict.fromkeys(one for one in columns if one))}"] if any(columns) else []),
        "-- entity: event event_id",
        f"-- From the Sigma rule {rule.id or 'without an id'}{by}; SigmaHQ's are under the Detection Rule License.",
        "",
        f"SELECT event_id, ts, {', '.join(source.shown)} FROM event",
        f"WHERE {source.where}",
        f"    AND ({condition})",
        "ORDER BY ts, source, line, item;",
    ]
    return "\n".join([*lines, ""])


def _needable(column: str) -> bool:
    return column in NORMALISED_NAMES or bool(re.fullmatch(r"extra\.[^\s,|]+", column))


def _line(text: object) -> str:
    return " ".join(safe(" ".join(str(text or "").split())).split())


def _name(stem: str, number: int = 0, taken: set[str] | None = None) -> str:
    """Return a name that a playbook may have, one that no other rule of this call has."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:48] or "rule"
    taken = set() if taken is None else taken
    name = wanted = f"{plain}-{number}" if number else plain
    while name in taken:
        name = f"{wanted}-again-{len(taken)}"
    taken.add(name)
    return name


def _told(error: BaseException) -> str:
    return safe((str(error) or type(error).__name__).splitlines()[0])[:300]
