"""Terminals that show ASCII only: what is drawn beyond it is replaced, cell by cell, on its way to the screen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_DRAWN = str.maketrans(
    {
        **dict.fromkeys("─━▔▁╌", "-"), **dict.fromkeys("│┃▏▎▕┤├", "|"), **dict.fromkeys("╭╮╰╯┌┐└┘┬┴┼", "+"),
        **dict.fromkeys("▸›", ">"), **dict.fromkeys("·•…", "."), **dict.fromkeys("–—", "-"),
        "░": ".", "▒": "o", "▓": "O", "█": "#", "↑": "^", "↓": "v", "←": "<", "→": ">", "▇": "#",
    }
)  # fmt: skip
_BEYOND = re.compile(r"[^\x00-\x7f]")


@cache
def ascii_only() -> bool:
    """Say whether the terminal shows ASCII only: it is asked for, or the locale or terminal type says so."""
    return _says_ascii(os.environ)


def _says_ascii(environment: Mapping[str, str]) -> bool:
    chosen = environment.get("WORKBENCH_ASCII")
    if chosen is not None:
        return chosen not in ("", "0")
    if environment.get("TERM", "").startswith("vt"):
        return True
    # A LANG that is C or missing is common on servers whose users have terminals for UTF-8: only a clear word counts.
    name = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    _, dot, encoding = name.partition(".")
    if dot:
        return encoding.lower().replace("-", "").partition("@")[0] != "utf8"
    return environment.get("LC_ALL") in ("C", "POSIX")


class Ascii(LineFilter):
    """Replaces what is beyond ASCII by something of the same width: lines by lines, other characters by ``?``."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        del background
        return [
            segment if segment.text.isascii() else Segment(in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def in_ascii(text: str) -> str:
    """Return a text in ASCII that takes as many cells."""
    return _BEYOND.sub(lambda found: "?" * cell_len(found.group()), text.translate(_DRAWN))
