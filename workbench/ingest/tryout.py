"""Try a format on its own samples: they are loaded into a case of their own that is thrown away afterwards."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.case import Case
from workbench.formats.model import Format, Sample
from workbench.ingest.load import Loader, reading_engine
from workbench.words import counted


class Tryout:
    """A case of its own in which formats are tried, with one engine for all of them; use as a context manager."""

    def __enter__(self) -> Tryout:
        self._opened = contextlib.ExitStack()
        temp = self._opened.enter_context(tempfile.TemporaryDirectory(prefix="workbench-format-"))
        self._temp, self._number = Path(temp), 0
        self._case = self._opened.enter_context(Case.create(self._temp / "samples.case"))
        self._engine = self._opened.enter_context(reading_engine(temp))
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def failures(self, fmt: Format) -> list[str]:
        """Return what the samples of a format do not show as they should, one sentence each; empty when all is well."""
        if not fmt.samples:
            return ["it has no samples; give at least three, one of them odd"]
        self._number += 1
        folder = self._temp / str(self._number)
        folder.mkdir()
        files = [folder / f"sample-{number}" for number in range(1, len(fmt.samples) + 1)]
        for file, sample in zip(files, fmt.samples, strict=True):
            file.write_bytes(sample.text.encode())
        loader = Loader(self._case, format=fmt, again=True, engine=self._engine)
        failed_samples: list[str] = []
        for number, (report, sample) in enumerate(zip(loader.load(list(map(str, files))), fmt.samples, strict=True), 1):
            if report.source is None or report.error:
                failed_samples.append(f"sample {number}: {report.error}")
            else:
                failed_samples += [f"sample {number}: {text}" for text in _compare(self._case, report.source, sample)]
        return failed_samples


def failures(fmt: Format) -> list[str]:
    """Try one format (see :class:`Tryout`)."""
    with Tryout() as tryout:
        return tryout.failures(fmt)


def _compare(case: Case, source: int, sample: Sample) -> list[str]:
    rejects = case.query("SELECT reason FROM reject WHERE source = $s ORDER BY line, item", {"s": source}).rows
    if sample.reject:
        return [] if rejects else ["it should be a reject, but was read"]
    if rejects:
        return [f"it is a reject: {rejects[0][0]}"]
    table = case.query("SELECT * FROM event WHERE source = $s ORDER BY line, item", {"s": source})
    if not table.rows:
        return ["no event came of it"]
    if sample.events is not None and len(table.rows) != sample.events:
        return [f"{counted(len(table.rows), 'event')} came of it, not {sample.events}"]
    if sample.event >= len(table.rows):
        return [f"{counted(len(table.rows), 'event')} came of it, so there is no event {sample.event}"]
    event = dict(zip(table.columns, table.rows[sample.event], strict=True))
    extra = json.loads(event["extra"]) if event["extra"] else {}
    return [*_differences(sample.expect, event, ""), *_differences(sample.extra, extra, "extra.")]


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any], prefix: str) -> list[str]:
    differences = []
    for name, value in expected.items():
        is_ = got.get(name)
        if isinstance(value, Mapping) and isinstance(is_, Mapping):
            differences += _differences(value, is_, f"{prefix}{name}.")
        elif not _same(value, is_):
            differences.append(f"{prefix}{name} is {_shown(is_)}, not {_shown(value)}")
    return differences


def _same(expected: Any, is_: Any) -> bool:
    """Compare as a definition writes values: an empty text for nothing, times as ISO 8601 in UTC."""
    if expected == "":
        return is_ is None or is_ == ""
    if isinstance(is_, datetime):
        try:
            return isinstance(expected, str) and is_ == datetime.fromisoformat(expected).replace(tzinfo=None)
        except ValueError:
            return False
    if isinstance(expected, float) and isinstance(is_, int | float):
        return abs(expected - is_) <= 1e-9 * max(1.0, abs(expected))
    if isinstance(expected, list) and isinstance(is_, list):
        return len(expected) == len(is_) and all(map(_same_item, expected, is_))
    return type(expected) is type(is_) and expected == is_


def _same_item(expected: Any, is_: Any) -> bool:
    if isinstance(expected, Mapping) and isinstance(is_, Mapping):
        return not _differences(expected, is_, "")
    return _same(expected, is_)


def _shown(value: Any) -> str:
    return (
        "nothing" if value is None or value == "" else repr(value.isoformat() if isinstance(value, datetime) else value)
    )
