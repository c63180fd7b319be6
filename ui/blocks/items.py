"""What is being bought: rows that scroll under a total that never leaves the screen."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import Items, say
from core.words import word
from ui.marks import Box, Mark, Placed, Plate, Scroll
from ui.sheet import Letters, Sheet, line_px, paragraph
from ui.sums import amount_text
from ui.themes import Hue
from ui.wrap import fit

ROWS_LEAST = 2  # a list that shows fewer rows cannot be read as a list


@dataclass(frozen=True, slots=True)
class ItemsPiece:
    """`roomy`: no number pad beside it, so the total is as large as an amount."""

    sheet: Sheet
    block: Items
    roomy: bool = False
    grows: bool = True
    gap: float = 1.25

    def _row_px(self, scale: float) -> int:
        return line_px(self.sheet.label(scale)) + self.sheet.metrics.px(0.75 * scale)

    def _total_px(self, scale: float) -> int:
        return line_px(self._number_px(scale)) + self.sheet.metrics.px(0.5 * scale)

    def _number_px(self, scale: float) -> int:
        if self.roomy:
            return round(self.sheet.metrics.number * 0.8 * max(scale, 0.7))
        return self.sheet.heading(scale)

    def tall(self, width: int, scale: float) -> int:
        return min(len(self.block.rows), ROWS_LEAST) * self._row_px(scale) + self._total_px(scale)

    def place(self, box: Box, scale: float) -> Placed:
        total_px = min(self._total_px(scale), box.h)
        total = Box(box.x, box.bottom - total_px, box.w, total_px)
        room = Box(box.x, box.y, box.w, box.h - total_px)
        row_px = min(self._row_px(scale), max(1, room.h))
        fits = room.h // row_px
        rows = self.block.rows
        last_first = max(0, len(rows) - fits)
        wished = self.sheet.first_row
        first = last_first if wished is None else max(0, min(wished, last_first))
        marks: list[Mark] = []
        for index, row in enumerate(rows[first : first + fits]):
            line = Box(box.x, room.y + index * row_px, box.w, row_px)
            if index:
                marks.append(Plate(Box(line.x, line.y, line.w, 1), 0, Hue.LINE))
            name = f"{row.count} × {row.name}" if row.count != 1 else row.name
            marks.extend(self._pair(line, name, amount_text(row.amount, self.sheet.lang), scale))
        if last_first:
            marks.append(self._bar(room, first, fits, len(rows)))
        marks.extend(self._total(total, scale))
        scroll = Scroll(room, first, last_first, row_px) if last_first else None
        return Placed(tuple(marks), (), scroll)

    def _pair(self, box: Box, name: str, value: str, scale: float) -> tuple[Mark, ...]:
        sheet, size = self.sheet, self.sheet.label(scale)
        gap, bar = sheet.metrics.px(1.5), sheet.metrics.px(1.5)
        high = min(line_px(size), box.h)
        y = box.y + (box.h - high) // 2
        right = box.right - bar
        value, value_size = fit(sheet.measure, value, size, True, (right - box.x) * 3 // 5, sheet.metrics.least)
        wide = sheet.measure.width(value, value_size, True)
        name, _ = fit(sheet.measure, name, size, False, right - box.x - wide - gap, size)
        return (
            *paragraph(sheet, name, Letters(size), Box(box.x, y, right - box.x - wide - gap, high)),
            *paragraph(sheet, value, Letters(value_size, True, align=2), Box(right - wide, y, wide, high)),
        )

    def _bar(self, room: Box, first: int, fits: int, rows: int) -> Plate:
        """A thin scroll bar: that there is more is said by shape."""
        wide = max(4, self.sheet.metrics.px(0.5))
        high = max(wide * 3, room.h * fits // rows)
        y = room.y + (room.h - high) * first // max(1, rows - fits)
        return Plate(Box(room.right - wide, y, wide, high), wide // 2, Hue.EDGE)

    def _total(self, box: Box, scale: float) -> tuple[Mark, ...]:
        sheet = self.sheet
        rule = max(2, sheet.metrics.px(0.25))
        size = self._number_px(scale)
        text = amount_text(self.block.total, sheet.lang)
        text, number_px = fit(sheet.measure, text, size, True, box.w * 2 // 3, sheet.metrics.least)
        wide = sheet.measure.width(text, number_px, True)
        inner = Box(box.x, box.y + rule, box.w, max(1, box.h - rule))
        high = min(line_px(number_px), inner.h)
        number = Box(box.right - wide, inner.y + (inner.h - high) // 2, wide, high)
        label = sheet.label(scale)
        name_px = max(1, box.w - wide - sheet.metrics.px(2))
        name, _ = fit(sheet.measure, word(say("faces.total"), sheet.lang), label, False, name_px, label)
        low = min(line_px(label), inner.h)
        spot = Box(box.x, inner.y + (inner.h - low) // 2, name_px, low)
        return (
            Plate(Box(box.x, box.y, box.w, rule), rule // 2, Hue.INK),
            *paragraph(sheet, name, Letters(label, False, Hue.QUIET), spot),
            *paragraph(sheet, text, Letters(number_px, True), number),
        )
