"""Log text is hostile: this is the one place that makes it safe to show.

Control characters (C0, C1, DEL), line separators, bidirectional overrides and other invisible format characters
are replaced by a visible escape such as ``\\x1b`` or ``\\u202e``; everything else is kept.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u061c\u180e"  # soft hyphen, Arabic letter mark, Mongolian vowel separator
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, marks, separators, overrides, isolates
    "\ufeff\ufff9-\ufffb\ud800-\udfff"  # BOM, interlinear, lone surrogates
    "\U000e0000-\U000e0fff]"  # tags and variation selectors supplement
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe(value: object) -> str:
    """Return ``value`` as one line of text that cannot draw anything but itself."""
    text = value if isinstance(value, str) else str(value)
    return _UNSAFE.sub(_escape, text) if _UNSAFE.search(text) else text


def safe_bytes(raw: bytes) -> str:
    """Return raw log bytes as safe text; bytes that are not UTF-8 appear as ``\\xNN``."""
    return safe(raw.decode("utf-8", errors="backslashreplace"))
