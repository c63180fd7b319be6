"""The sheet a screen is laid out on, and the column that stacks its pieces.

A piece says how high it wants to be at a scale of its text and places itself in the box it is given; it never
leaves that box. The column tries scales from large to small until all pieces fit, and only then cuts text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

from core.screens import Words
from core.words import word
from ui.marks import Box, Line, Placed
from ui.metrics import LINE_SHARE, Metrics
from ui.themes import Hue
from ui.wrap import Measure, balanced, clip, wrap

SCALES: Final = (1.0, 0.93, 0.86, 0.79, 0.72, 0.66, 0.6)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every piece needs: sizes, the measure of text, the language, and which row a long list starts with.

    `first_row` is None while nobody has scrolled: a list then shows its end, where the newest row is.
    """

    metrics: Metrics
    measure: Measure
    lang: str
    first_row: int | None = None

    def say(self, words: Words) -> str:
        return word(words, self.lang)

    def text(self, scale: float) -> int:
        return max(self.metrics.least, round(self.metrics.text * scale))

    def label(self, scale: float) -> int:
        return max(self.metrics.least, round(self.metrics.label * scale))

    def heading(self, scale: float) -> int:
        return max(self.metrics.least, round(self.metrics.heading * scale))

    def lines(self, text: str, size: int, bold: bool, width: int, even: bool = False) -> list[str]:
        return (balanced if even else wrap)(self.measure, text, size, bold, width)


def line_px(size: int) -> int:
    """Height of one line of that size."""
    return round(size * LINE_SHARE)


@dataclass(frozen=True, slots=True)
class Letters:
    """How a paragraph is set. `align`: 0 left, 1 middle, 2 right."""

    size: int
    bold: bool = False
    hue: Hue = Hue.INK
    align: int = 0
    even: bool = False


def paragraph(sheet: Sheet, text: str, letters: Letters, box: Box) -> tuple[Line, ...]:
    """The lines of `text` from the top of `box`; those that do not fit are cut with an ellipsis.

    A box lower than one line gets smaller letters: on a screen with far too much on it text may become tiny, but it
    never runs into its neighbour.
    """
    if box.h < line_px(letters.size):
        letters = replace(letters, size=max(1, min(letters.size, int(box.h / LINE_SHARE))))
    lines = sheet.lines(text, letters.size, letters.bold, box.w, letters.even)
    high = line_px(letters.size)
    most = max(1, box.h // high)
    lines = clip(sheet.measure, lines, letters.size, letters.bold, box.w, most)
    marks = []
    for number, line in enumerate(lines):
        wide = min(box.w, sheet.measure.width(line, letters.size, letters.bold))
        x = box.x + (box.w - wide) * letters.align // 2
        spot = Box(x, box.y + number * high, wide, min(high, box.h))
        marks.append(Line(spot, line, letters.size, letters.bold, letters.hue))
    return tuple(marks)


def paragraph_px(sheet: Sheet, text: str, letters: Letters, width: int) -> int:
    """How high the whole paragraph is in that width."""
    return line_px(letters.size) * len(sheet.lines(text, letters.size, letters.bold, width, letters.even))


class Piece(Protocol):
    """One block in a column."""

    @property
    def grows(self) -> bool:
        """Takes the room that is left over."""
        ...

    @property
    def gap(self) -> float:
        """Space above it, in grid units."""
        ...

    def tall(self, width: int, scale: float) -> int: ...

    def place(self, box: Box, scale: float) -> Placed: ...


def stack(sheet: Sheet, pieces: tuple[Piece, ...], box: Box, centred: bool = False) -> Placed:
    """The pieces from top to bottom in `box`, as large as they fit; room left over goes to those that grow."""
    talls, gaps, scale = _measured(sheet, pieces, box)
    spare = box.h - sum(talls) - sum(gaps)
    growers = [index for index, piece in enumerate(pieces) if piece.grows]
    y = box.y
    if spare > 0 and growers:
        for index in growers:
            talls[index] += spare // len(growers)
    elif spare > 0 and centred:
        y += spare // 2
    placed = Placed()
    for piece, tall, gap in zip(pieces, talls, gaps, strict=True):
        y += gap
        placed = placed.plus(piece.place(Box(box.x, y, box.w, tall), scale))
        y += tall
    return placed


def _measured(sheet: Sheet, pieces: tuple[Piece, ...], box: Box) -> tuple[list[int], list[int], float]:
    """Heights, gaps and the scale at which they fit; at the smallest scale everything is cut down alike."""
    talls: list[int] = []
    gaps: list[int] = []
    for scale in SCALES:
        talls = [piece.tall(box.w, scale) for piece in pieces]
        gaps = [sheet.metrics.px(piece.gap * scale * scale) if index else 0 for index, piece in enumerate(pieces)]
        if sum(talls) + sum(gaps) <= box.h:
            return talls, gaps, scale
    room, wanted = box.h - sum(gaps), sum(talls)
    return [tall * room // wanted for tall in talls], gaps, SCALES[-1]
