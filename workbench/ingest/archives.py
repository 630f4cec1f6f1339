"""Zip and tar archives: their members are sources of their own, read from the archive and never unpacked to disk."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO

from workbench.errors import SourceError
from workbench.ingest import slices

#: A source that grows by more than this factor, and beyond this size, is a bomb: it is read no further.
MOST_TIMES, MOST_BYTES = 500, 4 << 30

_TAR_NAMES = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


def archive_members(path: Path) -> list[str] | None:
    """Return the names of the files in an archive, or None where this is none. Raises SourceError for a damaged one."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(512)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            with zipfile.ZipFile(path) as archive:
                return [one.filename for one in archive.infolist() if not one.is_dir()]
        if head[257:262] == b"ustar" or path.name.lower().endswith(_TAR_NAMES):
            return [one.name for one in _tar(str(path), path.stat().st_mtime_ns) if one.isreg()]
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceError(f"the archive is damaged: {error}") from error
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror or error}") from error
    return None


def locate(name: str) -> tuple[Path, str | None] | None:
    """Return the file that a source's name means, and the member of it (``a.zip!b.log``); None where none is there."""
    path, member = Path(name), None
    if not path.is_file() and (part := slices.split(name)) and Path(part[0]).is_file():
        return Path(part[0]), part[1]
    while not path.is_file():
        left, mark, right = str(path).rpartition("!")
        if not mark:
            return None
        path, member = Path(left), right if member is None else f"{right}!{member}"
    return path, member


@lru_cache(maxsize=1)
def _tar(path: str, changed: int) -> tarfile.TarFile:
    """Return an open archive; it is kept so that members one after the other are read in one pass."""
    return tarfile.open(path)


@contextmanager
def open_member(path: Path, member: str) -> Iterator[tuple[IO[bytes], int, float | None]]:
    """Open one file of an archive: its bytes, its size, its time where the archive says it."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                about = archive.getinfo(member)
                if about.flag_bits & 1:
                    raise SourceError("it is encrypted; unpack it and load what is in it")
                if about.file_size > MOST_BYTES and about.file_size > MOST_TIMES * about.compress_size:
                    raise SourceError(f"it grows to more than {MOST_TIMES} times its size: a bomb, not a log")
                with archive.open(about) as file:
                    yield file, about.file_size, None
            return
        tar = _tar(str(path), path.stat().st_mtime_ns)
        info = tar.getmember(member)
        opened = tar.extractfile(info)
        if opened is None:
            raise SourceError("it is no file")
        with opened:
            yield opened, info.size, float(info.mtime)
    except (zipfile.BadZipFile, tarfile.TarError, KeyError, NotImplementedError, EOFError) as error:
        raise SourceError(f"the archive is damaged: {error}") from error
