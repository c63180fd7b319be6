"""The amount: the biggest number on the screen, its label over it, coin quantity, rate and fee under it."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import Amount
from ui.marks import Box, Line, Mark, Placed
from ui.sheet import Letters, Sheet, line_px, paragraph, paragraph_px
from ui.sums import figures_and_unit
from ui.themes import Hue

UNIT_SHARE = 0.56  # the unit is said once and never competes with the figures
TIGHT = 1.12  # line of the big figures: they have no descenders


@dataclass(frozen=True, slots=True)
class AmountPiece:
    """`compact`: a screen that is mostly a list keeps the amount smaller, still the biggest number."""

    sheet: Sheet
    block: Amount
    compact: bool = False
    grows: bool = False
    gap: float = 1.25

    def _number(self, width: int, scale: float) -> tuple[int, str, str]:
        """Size, figures and unit so that both stand on one line of `width`."""
        figures, unit = figures_and_unit(self.block.amount, self.sheet.lang)
        size = round(self.sheet.metrics.number * (0.8 if self.compact else 1.0) * max(scale, 0.62))
        least = self.sheet.metrics.least
        while size > least and self._wide(figures, unit, size) > width:
            size -= 1
        return size, figures, unit

    def _space(self, unit: str, size: int) -> int:
        return round(size * (0.06 if unit == "원" else 0.16))

    def _wide(self, figures: str, unit: str, size: int) -> int:
        measure = self.sheet.measure
        unit_px = round(size * UNIT_SHARE)
        return measure.width(figures, size, True) + self._space(unit, size) + measure.width(unit, unit_px, True)

    def _rows(self, scale: float) -> tuple[tuple[str, Letters], ...]:
        """The lines under the number: coin, rate and fee in ink, the note quiet."""
        say, rows = self.sheet.say, []
        if self.block.under is not None:
            rows.append((say(self.block.under), Letters(self.sheet.label(scale * 1.06), False, Hue.INK)))
        if self.block.note is not None:
            rows.append((say(self.block.note), Letters(self.sheet.label(scale), False, Hue.QUIET)))
        return tuple(rows)

    def _label(self, scale: float) -> Letters:
        return Letters(self.sheet.label(scale), False, Hue.QUIET)

    def tall(self, width: int, scale: float) -> int:
        size, _, _ = self._number(width, scale)
        high = round(size * TIGHT)
        if self.block.label is not None:
            high += paragraph_px(self.sheet, self.sheet.say(self.block.label), self._label(scale), width)
        for text, letters in self._rows(scale):
            high += paragraph_px(self.sheet, text, letters, width) + self.sheet.metrics.px(0.25)
        return high

    def place(self, box: Box, scale: float) -> Placed:
        sheet = self.sheet
        size, figures, unit = self._number(box.w, scale)
        wanted = self.tall(box.w, scale)
        if wanted > box.h:  # not even the smallest scale fits: the number gives way last but it gives way
            size = max(sheet.metrics.least, size * box.h // wanted)
        marks: list[Mark] = []
        y = box.y
        if self.block.label is not None:
            letters = self._label(scale)
            text = sheet.say(self.block.label)
            room = min(paragraph_px(sheet, text, letters, box.w), max(line_px(letters.size), box.h // 3))
            marks.extend(paragraph(sheet, text, letters, Box(box.x, y, box.w, room)))
            y += room
        high = max(1, min(round(size * TIGHT), box.bottom - y))
        size = max(1, min(size, high))
        marks.extend(self._figures(Box(box.x, y, box.w, high), size, figures, unit))
        y += high
        for text, letters in self._rows(scale):
            y += sheet.metrics.px(0.25)
            room = min(paragraph_px(sheet, text, letters, box.w), box.bottom - y)
            if room < line_px(letters.size):
                break
            marks.extend(paragraph(sheet, text, letters, Box(box.x, y, box.w, room)))
            y += room
        return Placed(tuple(marks))

    def _figures(self, box: Box, size: int, figures: str, unit: str) -> tuple[Line, Line]:
        measure = self.sheet.measure
        unit_px = round(size * UNIT_SHARE)
        wide = measure.width(figures, size, True)
        unit_wide = measure.width(unit, unit_px, True)
        # Both stand on one base line: a font's ascent is 0.92 of its size.
        drop = round((size - unit_px) * 0.92)
        tail = Box(box.x + wide + self._space(unit, size), box.y + drop, unit_wide, max(1, box.h - drop))
        return (
            Line(Box(box.x, box.y, wide, box.h), figures, size, True, Hue.INK),
            Line(tail, unit, unit_px, True, Hue.INK),
        )
