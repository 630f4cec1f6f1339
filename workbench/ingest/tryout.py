"""Try a format on its own samples: they are loaded into a case of their own that is thrown away afterwards."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.formats.model import Format, Sample
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case


def failures(fmt: Format) -> list[str]:
    """Return what the samples of a format do not show as they should, one sentence each; empty when all is well."""
    from workbench.case import Case
    from workbench.ingest.load import Loader

    if not fmt.samples:
        return ["it has no samples; give at least three, one of them odd"]
    with tempfile.TemporaryDirectory(prefix="workbench-format-") as temp:
        files = [Path(temp, f"sample-{number}") for number in range(1, len(fmt.samples) + 1)]
        for file, sample in zip(files, fmt.samples, strict=True):
            file.write_bytes(sample.text.encode())
        with Case.create(Path(temp, "samples.case")) as case:
            reports = Loader(case, format=fmt, again=True).load([str(file) for file in files])
            found: list[str] = []
            for number, (report, sample) in enumerate(zip(reports, fmt.samples, strict=True), 1):
                if report.source is None or report.error:
                    found.append(f"sample {number}: {report.error}")
                else:
                    found += [f"sample {number}: {text}" for text in _compare(case, report.source, sample)]
            return found


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
    event = dict(zip(table.columns, table.rows[sample.event], strict=True))
    extra = json.loads(event["extra"]) if event["extra"] else {}
    return [*_differences(sample.expect, event, ""), *_differences(sample.extra, extra, "extra.")]


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any], prefix: str) -> list[str]:
    found = []
    for name, value in expected.items():
        is_ = got.get(name)
        if isinstance(value, Mapping) and isinstance(is_, Mapping):
            found += _differences(value, is_, f"{prefix}{name}.")
        elif not _same(value, is_):
            found.append(f"{prefix}{name} is {_shown(is_)}, not {_shown(value)}")
    return found


def _same(expected: Any, is_: Any) -> bool:
    """Compare as a definition writes values: an empty text for nothing, times as ISO 8601 in UTC."""
    if expected == "":
        return is_ is None or is_ == ""
    if isinstance(is_, datetime):
        return isinstance(expected, str) and is_ == datetime.fromisoformat(expected).replace(tzinfo=None)
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
