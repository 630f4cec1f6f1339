"""Following logs that are still written to: what is appended is loaded, piece by piece, each line once.

What was read of a log is what the ledger says: its slices (``workbench.ingest.slices``) with their hashes, named in the
same transaction as their events. Where a follow begins again, also after a kill, the slices are compared with the log
and the reading goes on behind them. Where the log is another one, its rotated copies are looked through for the one
that was read so far, its rest and whatever was rotated after it are loaded, and then the new log from its beginning.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from workbench.case.sources import Source
from workbench.errors import SourceError, UsageError
from workbench.formats.registry import load_formats
from workbench.ingest import slices
from workbench.ingest.discover import Input, natural_key
from workbench.ingest.load import Loader

if TYPE_CHECKING:
    from workbench.case import Case

#: A log is looked at this often, in seconds, and loaded from at least as often as ``pace`` says.
LOOK = 1.0
#: So much waiting is loaded at once, and so much is read of a log to recognise it.
_MUCH, _SAMPLE = 32 << 20, 1 << 20
#: Bytes before the place that was read to, by which a log that was truncated and written again is told.
_MARK = 4096
_CHUNK = 1 << 20
#: How a rotated log is named: access.log.1, access.log-20260501.gz, access.log.2026-05-01 …
_ROTATED = r"[.-]\d[\d.T_-]*(?:\.(?:gz|bz2|xz))?"


def pace(seconds: float) -> float:
    """Return how long to collect lines before they are loaded, for a follow that has run for so many seconds.

    Each load makes a segment: at first once a second, after two hours every two minutes, some 800 a day.
    """
    return min(max(seconds / 60, 1.0), 120.0)


@dataclass(slots=True)
class Part:
    """A slice that was read: bytes from ``start`` to ``end``, and their SHA-256."""

    start: int
    end: int
    sha256: str


@dataclass(slots=True)
class Tail:
    """One log that is followed, and what was read of the file that it is now."""

    path: Path
    parts: list[Part] = field(default_factory=list)
    file: IO[bytes] | None = None
    mark: bytes = b""
    format: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def end(self) -> int:
        """How many bytes were read."""
        return self.parts[-1].end if self.parts else 0


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be loaded of a tail: slices in their order, each with whether a new file begins with it."""

    tail: Tail
    part: Part
    begins: bool
    input: Input


@dataclass(frozen=True, slots=True)
class Followed:
    """What one round loaded, and what to know (a log that was cut and of which something may be lost)."""

    reports: list[Source]
    notes: list[str]


class Follower:
    """Follows logs into a case. ``stop()`` may be called from another thread; the present round is finished then."""

    def __init__(
        self,
        case: Case,
        paths: Sequence[str | Path],
        *,
        format: str | None = None,  # noqa: A002 - the user's word for it
        tz: str | None = None,
        every: float | None = None,
        settle: float = 2.0,
    ) -> None:
        """``every`` is in seconds (default: see ``pace``); a renamed log is finished after ``settle`` seconds."""
        self._case, self._format, self._tz, self._every, self._settle = case, format, tz, every, settle
        self._stop = threading.Event()
        self._patterns = {name: re.compile(one.start) for name, one in load_formats().items() if one.start}
        self._tails = [Tail(Path(path).absolute()) for path in dict.fromkeys(map(str, paths))]
        if not self._tails:
            raise UsageError("name a log to follow")
        for tail in self._tails:
            if tail.path.exists() and not tail.path.is_file():
                raise SourceError(f"this is no file: {tail.path}; to follow a pipe, load it: workbench load CASE -")
            self._resume(tail)

    def stop(self) -> None:
        """End the following after the present round."""
        self._stop.set()

    def close(self) -> None:
        """Close the logs."""
        for tail in self._tails:
            if tail.file:
                tail.file.close()

    def run(self, on_round: Callable[[Followed], None], on_look: Callable[[], None] | None = None) -> None:
        """Follow until stopped. ``on_round`` gets what each round loaded; ``on_look`` is called between looks."""
        began, last = time.monotonic(), 0.0
        try:
            while not self._stop.is_set():
                now = time.monotonic()
                due = not last or now - last >= (self._every or pace(now - began))
                done = self.poll(due=due)
                if done.reports or done.notes:
                    last = time.monotonic()
                    on_round(done)
                if on_look:
                    on_look()
                self._stop.wait(min(LOOK, self._every or LOOK))
        finally:
            self.close()

    def poll(self, *, due: bool = True) -> Followed:
        """Load what is there now; unless it is ``due``, only much of it or what a rotation left."""
        steps = [step for tail in self._tails for step in self._steps(tail, due=due)]
        notes = [f"{tail.path}: {note}" for tail in self._tails for note in tail.notes]
        for tail in self._tails:
            tail.notes.clear()
        if not steps:
            return Followed([], notes)
        names = " ".join(dict.fromkeys(str(step.tail.path) for step in steps))
        loader = Loader(self._case, format=self._format, tz=self._tz, again=True, keep_raw=True)
        reports = loader.load_inputs([step.input for step in steps], f"follow {names}"[:2000])
        for step, report in zip(steps, reports, strict=True):
            if report.source is None:
                raise SourceError(f"{step.input.name}: {report.error}")
            self._took(step, report)
        return Followed(reports, notes)

    def _took(self, step: Step, report: Source) -> None:
        tail = step.tail
        if step.begins:
            tail.parts = []
        tail.parts.append(Part(step.part.start, step.part.end, report.sha256 or ""))
        tail.format = report.format
        if step.input.file is not tail.file:
            if tail.file is not None:
                tail.file.close()
            tail.file = step.input.file
        assert tail.file is not None
        tail.mark = _mark(tail.file, tail.end)

    # --- where to go on ---------------------------------------------------------------------------------------------

    def _resume(self, tail: Tail) -> None:
        """Take from the ledger what was read of a log, or of one that it was before it was rotated."""
        rows = self._case.ledger.rows(
            "SELECT path, origin, bytes, sha256 FROM source WHERE error IS NULL ORDER BY source"
        )
        name = re.compile(re.escape(str(tail.path)) + f"(?:{_ROTATED})?")
        for row in rows:
            path = str(row["origin"] or Path(row["path"]).absolute())
            part = slices.split(path)
            if not name.fullmatch(part[0] if part else path):
                continue
            start, end = (slices.bounds(part[1]) if part else None) or (0, int(row["bytes"] or 0))
            if start != tail.end or start == 0:
                tail.parts = []
            if start == tail.end:
                tail.parts.append(Part(start, end, row["sha256"]))

    def _steps(self, tail: Tail, *, due: bool) -> list[Step]:
        """Return what is to be loaded of one log now."""
        try:
            opened = tail.path.open("rb")
        except FileNotFoundError:
            return self._appended(tail, tail.file, tail.path) if due and tail.file else []
        except OSError as error:
            raise SourceError(f"{tail.path} cannot be read: {error.strerror or error}") from error
        kept = False
        try:
            if self._same(tail, opened):
                if tail.file is None:
                    # Held open even where it is empty: so it is known when it was rotated.
                    tail.file, tail.mark, kept = opened, _mark(opened, tail.end), True
                much = os.fstat(opened.fileno()).st_size - tail.end >= _MUCH
                return self._appended(tail, tail.file, tail.path) if due or much else []
            if tail.file and _intact(tail) and time.time() - os.fstat(tail.file.fileno()).st_mtime < self._settle:
                # Who writes it may not know yet that it was renamed.
                return self._appended(tail, tail.file, self._renamed(tail) or tail.path) if due else []
            left = self._turned(tail)
            if left is None:
                return []
            # While the new log is empty, the old one remains what was read: rotated again, it is found by it.
            news = self._appended(Tail(tail.path), opened, tail.path)
            left += [Step(tail, one.part, True, one.input) for one in news]
            kept = bool(news)
            return left
        finally:
            if not kept:
                opened.close()

    def _same(self, tail: Tail, opened: IO[bytes]) -> bool:
        """Say whether the log is the file that was read so far, with what was read still in it."""
        if tail.file is not None:
            return os.path.sameopenfile(tail.file.fileno(), opened.fileno()) and _intact(tail)
        return _holds(opened, tail.parts)

    def _appended(self, tail: Tail, file: IO[bytes], path: Path, *, final: bool = False) -> list[Step]:
        """Return the whole lines behind what was read, and in a file that is finished the last one too."""
        size = _size(file)
        end = size if final else self._whole_lines(tail, file, size)
        if end <= tail.end:
            return []
        file.seek(0)
        sample = file.read(_SAMPLE)
        if not tail.end and sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise SourceError(f"{path} is UTF-16, which cannot be followed; load it: workbench load CASE {path}")
        if path == tail.path and sample[:3] in (b"\x1f\x8b\x08", b"BZh", b"\xfd7z"):
            raise SourceError(f"{path} is compressed, and so not written to; load it: workbench load CASE {path}")
        sample = sample[: sample.rfind(b"\n") + 1] or sample
        name = slices.member_of(tail.end, end)
        return [Step(tail, Part(tail.end, end, ""), False, Input(f"{path}{name}", path, name, sample, file))]

    def _whole_lines(self, tail: Tail, file: IO[bytes], size: int) -> int:
        """Return where the last whole line ends, or the last record that has ended where one may have many lines."""
        start, block = size, b""
        while start > tail.end and b"\n" not in block:
            start = max(tail.end, start - _CHUNK)
            file.seek(start)
            block = file.read(min(_CHUNK, size - start))
        end = start + block.rfind(b"\n") + 1
        pattern = self._patterns.get(tail.format or "")
        if pattern and end > start and time.time() - os.fstat(file.fileno()).st_mtime < max(self._settle, 0.2):
            at = end - start
            while at > 0:
                at = block.rfind(b"\n", 0, at - 1) + 1
                if pattern.search(block[at:].partition(b"\n")[0].decode(errors="replace")):
                    return start + at
                if at == 0:
                    break
        return end

    # --- rotation ---------------------------------------------------------------------------------------------------

    def _siblings(self, tail: Tail) -> list[Path]:
        """Return the log's rotated copies, the oldest first."""
        name = re.compile(re.escape(tail.path.name) + _ROTATED)
        with contextlib.suppress(OSError):
            found = [one for one in tail.path.parent.iterdir() if name.fullmatch(one.name) and one.is_file()]
            # access.log.2.gz is older than access.log.1; access.log-20260502 is younger than access.log-20260501.
            return sorted(found, key=lambda one: (natural_key(one), one.stat().st_mtime))
        return []

    def _renamed(self, tail: Tail) -> Path | None:
        assert tail.file is not None
        here = os.fstat(tail.file.fileno())
        return next((one for one in self._siblings(tail) if os.path.samestat(here, one.stat())), None)

    def _turned(self, tail: Tail) -> list[Step] | None:
        """Return what is left of the log before it was rotated, and of those after it; None to wait."""
        siblings = self._siblings(tail)
        held = tail.file if tail.file and _intact(tail) else None
        ours = self._renamed(tail) if held else None
        if ours is None and tail.end:
            for sibling in siblings:
                try:
                    with slices.open_plain(sibling) as file:
                        if _holds(file, tail.parts):
                            ours = sibling
                            break
                except (OSError, EOFError):
                    if held is None and time.time() - sibling.stat().st_mtime < 60:
                        return None  # it is being compressed
        steps: list[Step] = []
        if held:
            # Where it was removed or compressed, its open file is still read; it has no name any more.
            name = self._renamed(tail) or tail.path.with_name(f"{tail.path.name}.0")
            steps = self._appended(tail, held, name, final=True)
        elif ours:
            steps = self._appended(tail, slices.open_plain(ours), ours, final=True)
        elif tail.end:
            tail.notes.append(
                "it is not the file that was read, and none of its rotated copies is; what was appended between the "
                "last look and the change is not in the case"
            )
        later = siblings[siblings.index(ours) + 1 :] if ours else []
        for sibling in later:
            fresh = Tail(tail.path)
            steps += [
                Step(tail, step.part, True, step.input)
                for step in self._appended(fresh, slices.open_plain(sibling), sibling, final=True)
                if not self._known(step)
            ]
        return steps

    def _known(self, step: Step) -> bool:
        """Say whether a whole rotated log is in the case already, as it is or as it was before it was compressed."""
        assert step.input.file is not None
        digests = [_digest(step.input.file, 0, step.part.end)]
        with step.input.path.open("rb") if step.input.path else contextlib.nullcontext() as file:
            if file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        marks = ", ".join("?" for _ in digests)
        sql = f"SELECT 1 FROM source WHERE error IS NULL AND sha256 IN ({marks}) LIMIT 1"
        return bool(self._case.ledger.rows(sql, *digests))


def _mark(file: IO[bytes], end: int) -> bytes:
    file.seek(max(0, end - _MARK))
    return file.read(min(end, _MARK))


def _intact(tail: Tail) -> bool:
    """Say whether what was read is still in the open file."""
    assert tail.file is not None
    if _size(tail.file) < tail.end:
        return False
    return _mark(tail.file, tail.end) == tail.mark


def _holds(file: IO[bytes], parts: Sequence[Part]) -> bool:
    """Say whether a file begins with what was read."""
    if isinstance(file, io.BufferedReader) and parts and os.fstat(file.fileno()).st_size < parts[-1].end:
        return False
    return all(_digest(file, part.start, part.end) == part.sha256 for part in parts)


def _digest(file: IO[bytes], start: int, end: int) -> str:
    digest, reader = hashlib.sha256(), slices.Slice(file, start, end)
    while block := reader.read(_CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _size(file: IO[bytes]) -> int:
    """Return how many bytes a file holds, decompressed."""
    if isinstance(file, io.BufferedReader):
        return os.fstat(file.fileno()).st_size
    file.seek(0)
    size = 0
    while block := file.read(_CHUNK):
        size += len(block)
    return size
