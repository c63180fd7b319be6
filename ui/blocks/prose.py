"""Pieces of words: the heading, a paragraph, a notice with its sign, what has been typed, a caption."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import Drawing, Tone
from ui.marks import Box, Drawn, Placed, Plate, Sign
from ui.sheet import Letters, Sheet, line_px, paragraph, paragraph_px
from ui.sums import unit_text
from ui.themes import Hue
from ui.wrap import fit

CODE_LINE = "000 000 000"  # half of a personal code: what one line of a typed code must hold
CURSOR = "–"

SOFT = {
    Tone.CALM: Hue.ACCENT_SOFT,
    Tone.GOOD: Hue.GOOD_SOFT,
    Tone.WARN: Hue.WARN_SOFT,
    Tone.STOP: Hue.STOP_SOFT,
}
FULL = {Tone.CALM: Hue.ACCENT, Tone.GOOD: Hue.GOOD, Tone.WARN: Hue.WARN, Tone.STOP: Hue.STOP}


@dataclass(frozen=True, slots=True)
class Heading:
    """The one thing to do now.

    `beside`: a small picture before it, when the pane is needed for something else. `one_line`: in a narrow column
    the heading gets smaller, down to the size of text, before it takes a second line.
    """

    sheet: Sheet
    text: str
    beside: Drawing | None = None
    one_line: bool = False
    grows: bool = False
    gap: float = 0

    def _letters(self, width: int, scale: float) -> Letters:
        size = self.sheet.heading(scale)
        if self.one_line:
            least = self.sheet.text(scale * 0.9)
            _, smaller = fit(self.sheet.measure, self.text, size, True, width, least)
            if self.sheet.measure.width(self.text, smaller, True) <= width:
                size = smaller
        return Letters(size, True, Hue.INK, even=True)

    def _picture_px(self, scale: float) -> int:
        return 0 if self.beside is None else round(self.sheet.heading(scale) * 1.3)

    def _words_px(self, width: int, scale: float) -> int:
        picture = self._picture_px(scale)
        return width - (picture + self.sheet.metrics.px(1.25) if picture else 0)

    def tall(self, width: int, scale: float) -> int:
        words = self._words_px(width, scale)
        high = paragraph_px(self.sheet, self.text, self._letters(words, scale), words)
        return max(high, self._picture_px(scale))

    def place(self, box: Box, scale: float) -> Placed:
        wide = self._words_px(box.w, scale)
        words = Box(box.right - wide, box.y, wide, box.h)
        lines = paragraph(self.sheet, self.text, self._letters(wide, scale), words)
        if self.beside is None:
            return Placed(lines)
        side = min(self._picture_px(scale), box.h)
        return Placed((Drawn(Box(box.x, box.y, side, side), self.beside.picture, Hue.PAPER), *lines))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words beside the heading: what a picture shows, what is awaited."""

    sheet: Sheet
    text: str
    hue: Hue = Hue.QUIET
    align: int = 0
    grows: bool = False
    gap: float = 1.25

    def _letters(self, scale: float) -> Letters:
        return Letters(self.sheet.text(scale), False, self.hue, self.align)

    def tall(self, width: int, scale: float) -> int:
        return paragraph_px(self.sheet, self.text, self._letters(scale), width)

    def place(self, box: Box, scale: float) -> Placed:
        return Placed(paragraph(self.sheet, self.text, self._letters(scale), box))


@dataclass(frozen=True, slots=True)
class NoticeBar:
    """Where is my money: a soft ground in the tone's colour, its sign, and the words."""

    sheet: Sheet
    text: str
    tone: Tone
    grows: bool = False
    gap: float = 2

    def _letters(self, scale: float) -> Letters:
        return Letters(self.sheet.text(scale), False, Hue.INK, even=True)

    def _pads(self, scale: float) -> tuple[int, int, int]:
        """Side pad, top pad, side of the sign."""
        px = self.sheet.metrics.px
        return px(2 * scale), px(1.5 * scale), round(self.sheet.text(scale) * 1.1)

    def tall(self, width: int, scale: float) -> int:
        side, top, sign = self._pads(scale)
        inner = width - 3 * side - sign
        return paragraph_px(self.sheet, self.text, self._letters(scale), inner) + 2 * top

    def place(self, box: Box, scale: float) -> Placed:
        side, top, sign = self._pads(scale)
        letters = self._letters(scale)
        top = min(top, max(0, (box.h - line_px(letters.size)) // 2))
        words = Box(box.x + 2 * side + sign, box.y + top, box.w - 3 * side - sign, box.h - 2 * top)
        ground = SOFT[self.tone]
        first = Box(box.x + side, words.y, sign, min(words.h, line_px(letters.size)))
        return Placed(
            (
                Plate(box, self.sheet.metrics.px(1.5), ground),
                Sign(first.middle(min(sign, first.h), min(sign, first.h)), self.tone, ground),
                *paragraph(self.sheet, self.text, letters, words),
            )
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """What has been typed on the pad: large figures over an accent line.

    With a unit it is an amount on one line. Without one it is a code: figures of one size from the first digit to
    the last, on two lines of three groups. `compact`: under a list or a camera picture it is smaller and has one
    line until it needs two.
    """

    sheet: Sheet
    shown: str
    unit: str
    compact: bool = False
    grows: bool = False
    gap: float = 1.5

    def tall(self, width: int, scale: float) -> int:
        size, lines = self._set(width, scale)
        least = 1 if self._unit or self.compact else 2
        return line_px(size) * max(least, len(lines)) + self.sheet.metrics.px(1)

    def _set(self, width: int, scale: float) -> tuple[int, list[str]]:
        sheet = self.sheet
        wanted = round(sheet.metrics.number * (0.56 if self.compact else 0.86) * scale)
        if self._unit:
            room = width - self._tail_px(scale)
            text, size = fit(sheet.measure, self.shown or "0", wanted, True, room, sheet.text(scale))
            return size, [text]
        _, size = fit(sheet.measure, CODE_LINE, round(wanted * 0.86), True, width, sheet.metrics.least)
        lines = sheet.lines(self.shown or CURSOR, size, True, width)
        while len(lines) > 2 and size > sheet.metrics.least:
            size -= 1
            lines = sheet.lines(self.shown, size, True, width)
        return size, lines

    @property
    def _unit(self) -> str:
        """An asset's code becomes its sign: "KRW" is read as ₩ or 원."""
        return unit_text(self.unit, self.sheet.lang)

    def _tail_px(self, scale: float) -> int:
        return self.sheet.measure.width(self._unit, self.sheet.heading(scale), False) + self.sheet.metrics.px(1)

    def place(self, box: Box, scale: float) -> Placed:
        sheet, px = self.sheet, self.sheet.metrics.px
        size, lines = self._set(box.w, scale)
        hue = Hue.INK if self.shown else Hue.QUIET
        rule = max(2, px(0.375))
        words = Box(box.x, box.y, box.w, max(1, box.h - px(1)))
        marks = paragraph(sheet, "\n".join(lines), Letters(size, True, hue), words)
        line = Plate(Box(box.x, box.bottom - rule, box.w, rule), rule // 2, Hue.ACCENT)
        if not self._unit:
            return Placed((*marks, line))
        unit_px = sheet.heading(scale)
        wide = sheet.measure.width(self._unit, unit_px, False)
        base = marks[0].box.y + (marks[0].box.h - line_px(unit_px)) // 2
        spot = Box(box.right - wide, base, wide, min(line_px(unit_px), box.bottom - rule - base))
        unit = paragraph(sheet, self._unit, Letters(unit_px, False, Hue.QUIET), spot)
        return Placed((*marks, *unit, line))
