"""Counts as one line of blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

#: Eight levels, the lowest first: by height, or in ASCII by how much ink there is.
_BLOCKS, _ASCII_BLOCKS = "▁▂▃▄▅▆▇█", ".:-=+*#@"


def sparkline(counts: Sequence[int | float], width: int, unicode: bool = True) -> str:
    """Return at most ``width`` blocks: zero is blank, the largest a full block, anything else at least the lowest.

    More counts than ``width`` are joined, each block then standing for the sum of its share. Without ``unicode`` the
    blocks are punctuation.
    """
    if width <= 0 or not counts:
        return ""
    if len(counts) > width:
        edges = [len(counts) * place // width for place in range(width + 1)]
        counts = [sum(counts[start:end]) for start, end in pairwise(edges)]
    top = max(counts)
    if top <= 0:
        return " " * len(counts)
    blocks = _BLOCKS if unicode else _ASCII_BLOCKS
    return "".join(" " if count <= 0 else blocks[max(0, math.ceil(count * 8 / top) - 1)] for count in counts)
