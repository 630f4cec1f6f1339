"""Generated files as an enemy or an accident would leave them, with what a plain reading makes of their lines."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import string
from typing import Any

from hypothesis import strategies as st

#: Names that fill columns, names that do not, and names that differ only in case.
KEYS = ("ts", "status", "user", "level", "msg", "prompt", "model", "input_tokens", "x", "X", "a b", "é", "$", "n", "%")

TEXT = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=string.printable, max_size=20),
    st.sampled_from(
        ["", "-", "null", "NULL", "0", "007", "1e3", "10.7", "2026-01-01T00:00:00Z", "2026-02-30", "\x00", "\u202e",
         "\x1b[31m", "=1+1", "' OR 1=1 --", "a,b", 'say "hi"', "\\", "{", "[1]", '{"a":1}']
    ),
)  # fmt: skip
SCALAR = st.one_of(
    TEXT,
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([200, 0, -1, 1767225600, 1767225600123, 10.0, 10.7, 2**63, 2**53 + 1]),
)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
RECORD = st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=6)


@st.composite
def json_line(draw: st.DrawFn) -> bytes:
    """One object, its keys sometimes twice, in one of several spellings."""
    record = draw(RECORD)
    ascii_only, spaced = draw(st.booleans()), draw(st.booleans())

    def dump(value: Any) -> str:
        text = json.dumps(value, ensure_ascii=ascii_only, separators=None if spaced else (",", ":"))
        return text.encode("utf-8", "replace").decode()

    pairs = [(key, dump(value)) for key, value in record.items()]
    if pairs and draw(st.integers(0, 9)) == 0:
        pairs.append((pairs[0][0], dump(draw(VALUE))))
    colon = ": " if spaced else ":"
    return ("{" + ",".join(f"{dump(key)}{colon}{text}" for key, text in pairs) + "}").encode()


NOISE = st.one_of(
    st.binary(max_size=20).map(lambda raw: raw.replace(b"\n", b"")),
    st.sampled_from(
        [b"", b"", b" ", b"\t", b"\r", b"\x00", b"\x00\x00{}", b"\xff\xfe", b"{", b'{"a":', b'{"a":1}{"b":2}',
         b'{"a":1} {"b":2}', b"[1,2]", b"null", b"5", b'"x"', b"{}", b'{"a":"\xff"}', b"# comment", b'{"a":1},',
         b'{"msg":"' + b"x" * 70_000 + b'"}', b"a,b", b'"', b"NaN", b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}',
         b"\xef\xbb\xbf{}", b'{"a":1,}', b'{"msg":"cut', b'off"}']
    ),
)  # fmt: skip
ENDING = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n"])


@st.composite
def json_file(draw: st.DrawFn, noise: int = 3) -> bytes:
    """Lines of objects among which, ``noise`` times in ten, is something else; the last newline may be missing."""
    lines = draw(st.lists(st.integers(0, 9).flatmap(lambda dice: NOISE if dice < noise else json_line()), max_size=12))
    content = b"".join(line + draw(ENDING) for line in lines)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # that would say UTF-16
        content = b"x" + content
    return content[:-1] if content and draw(st.booleans()) else content


CELL = st.one_of(
    st.text(alphabet=string.ascii_letters + " ,;\"'\t", max_size=8), st.sampled_from(["", "a\nb", "x\r\ny", '"', "12"])
)


def csv_cell(value: str, always: bool) -> str:
    if always or any(char in value for char in ',"\r\n') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


@st.composite
def csv_file(draw: st.DrawFn) -> tuple[bytes, list[list[str]]]:
    """A well-formed CSV with quoted newlines, and its rows as they were meant."""
    rows = draw(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
    rows = [row for row in rows if any(row) and not (len(row[0]) == 0 and row[1:] == ["", ""])]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    quoted = draw(st.booleans())
    text = ending.join(["name,note,more", *(",".join(csv_cell(one, quoted) for one in row) for row in rows)])
    return (text + (ending if draw(st.booleans()) else "")).encode(), rows


PACKINGS = ("plain", "gzip", "members", "bzip2", "xz", "utf8-bom")


def pack(content: bytes, how: str) -> bytes:
    match how:
        case "gzip":
            return gzip.compress(content)
        case "members":
            middle = len(content) // 2
            return gzip.compress(content[:middle]) + gzip.compress(b"") + gzip.compress(content[middle:])
        case "bzip2":
            return bz2.compress(content)
        case "xz":
            return lzma.compress(content)
        case "utf8-bom":
            return b"\xef\xbb\xbf" + content
    return content


def physical_lines(content: bytes) -> list[bytes]:
    """The lines without their newline byte; the last one may lack it."""
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines
