"""A canvas of dots, several to a cell: braille, or punctuation at three heights where only ASCII can be shown."""

from __future__ import annotations

from workbench.charts.drawing import Cell, Style

_BRAILLE = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_ASCII = {0: " ", 1: ".", 2: "-", 3: ":", 4: "'", 5: "|", 6: ":", 7: "|"}


class Canvas:
    """``width`` x ``height`` cells; dots are counted from the lower left corner."""

    def __init__(self, width: int, height: int, *, unicode: bool) -> None:
        self.unicode = unicode
        self.across, self.up = (2, 4) if unicode else (1, 3)
        self.columns, self.lines = width * self.across, height * self.up
        self._width, self._height = width, height
        self._dots: list[list[int]] = [[0] * width for _ in range(height)]
        self._styles: list[list[str]] = [["label"] * width for _ in range(height)]
        self._marks: dict[tuple[int, int], str] = {}

    @staticmethod
    def dots_up(style: Style) -> int:
        """How many dots there are above each other in a cell."""
        return 4 if style.unicode else 3

    def dot(self, x: int, y: int, style: str) -> None:
        """Set one dot; its cell takes the style."""
        row, column = self._height - 1 - y // self.up, x // self.across
        self._dots[row][column] |= _BRAILLE[x % 2][y % 4] if self.unicode else 1 << y % 3
        self._styles[row][column] = style

    def mark(self, x: int, y: int, character: str, style: str) -> None:
        """Fill the dot's whole cell with a character, so that a point that stands alone is seen."""
        row, column = self._height - 1 - y // self.up, x // self.across
        self._marks[row, column] = character
        self._styles[row][column] = style

    def line(self, x: int, y: int, to_x: int, to_y: int, style: str) -> None:
        """Set the dots of a straight line (Bresenham 1965)."""
        wide, tall = abs(to_x - x), -abs(to_y - y)
        step_x, step_y = (1 if to_x > x else -1), (1 if to_y > y else -1)
        error = wide + tall
        while True:
            self.dot(x, y, style)
            if x == to_x and y == to_y:
                return
            twice = 2 * error
            if twice >= tall:
                error += tall
                x += step_x
            if twice <= wide:
                error += wide
                y += step_y

    def rows(self) -> list[list[Cell]]:
        """Return the cells, from the top."""
        drawn: list[list[Cell]] = []
        for row, (dots, styles) in enumerate(zip(self._dots, self._styles, strict=True)):
            line: list[Cell] = []
            for column, (bits, style) in enumerate(zip(dots, styles, strict=True)):
                mark = self._marks.get((row, column))
                if mark is None:
                    mark = (chr(0x2800 + bits) if bits else " ") if self.unicode else _ASCII[bits]
                line.append((mark, style))
            drawn.append(line)
        return drawn
