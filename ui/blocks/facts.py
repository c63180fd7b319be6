"""Names and values in two columns with hairlines between."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.screens import Facts
from ui.marks import Box, Mark, Placed, Plate
from ui.sheet import Letters, Sheet, line_px, paragraph, paragraph_px
from ui.themes import Hue

MANY = 5  # rows; from there on two columns on a wide screen
WIDE = 80  # grid units
SHRINK_LEAST = 0.8  # below that a second line reads better than small letters
NAME_SHARE = 0.42  # of the width, when name and value do not stand on one line


@dataclass(frozen=True, slots=True)
class FactsPiece:
    sheet: Sheet
    block: Facts
    grows: bool = False
    gap: float = 1.5

    def _letters(self, width: int, scale: float) -> tuple[Letters, Letters]:
        """Of names and values: a little smaller when that keeps every row on one line."""
        sheet = self.sheet
        size, strong = sheet.label(scale), sheet.label(scale * 1.06)
        measure, gap = sheet.measure, sheet.metrics.px(2)
        widest = max(
            (measure.width(name, size, False) + measure.width(value, strong, True) for name, value in self._texts()),
            default=0,
        )
        share = (width - gap) / max(1, widest)
        if SHRINK_LEAST <= share < 1:
            size = max(sheet.metrics.least, int(size * share * 0.99))
            strong = max(sheet.metrics.least, int(strong * share * 0.99))
        return Letters(size, False, Hue.QUIET), Letters(strong, True, Hue.INK, align=2)

    def _texts(self) -> tuple[tuple[str, str], ...]:
        return tuple((self.sheet.say(name), self.sheet.say(value)) for name, value in self.block.rows)

    def _columns(self, name: str, value: str, width: int, scale: float) -> tuple[int, int]:
        """Widths of name and value: natural when they fit beside one another, else shared."""
        measure, gap = self.sheet.measure, self.sheet.metrics.px(2)
        letters, strong = self._letters(width, scale)
        natural = measure.width(name, letters.size, False)
        strong_px = measure.width(value, strong.size, True)
        if natural + strong_px + gap <= width:
            return natural, width - natural - gap
        if strong_px <= width * (1 - NAME_SHARE) - gap:
            return width - strong_px - gap, strong_px
        name_px = min(natural, round(width * NAME_SHARE))
        return name_px, width - name_px - gap

    def _pad(self, scale: float) -> int:
        return self.sheet.metrics.px(0.75 * scale)

    def _row_px(self, name: str, value: str, width: int, scale: float) -> int:
        letters, strong = self._letters(width, scale)
        name_px, value_px = self._columns(name, value, width, scale)
        high = max(paragraph_px(self.sheet, name, letters, name_px), paragraph_px(self.sheet, value, strong, value_px))
        return high + 2 * self._pad(scale)

    def _columns_of_rows(self, width: int) -> int:
        """Many rows on a wide screen stand in two columns, read down the first and then down the second."""
        wide = width >= self.sheet.metrics.px(WIDE)
        return 2 if wide and len(self.block.rows) >= MANY else 1

    def _parts(self, width: int) -> tuple[tuple[tuple[str, str], ...], ...]:
        texts, columns = self._texts(), self._columns_of_rows(width)
        half = -(-len(texts) // columns)
        return tuple(texts[start : start + half] for start in range(0, len(texts), half))

    def _part_px(self, width: int) -> int:
        columns = self._columns_of_rows(width)
        return (width - (columns - 1) * self.sheet.metrics.px(4)) // columns

    def tall(self, width: int, scale: float) -> int:
        inner = self._part_px(width)
        return max(
            (sum(self._row_px(name, value, inner, scale) for name, value in part) for part in self._parts(width)),
            default=0,
        )

    def place(self, box: Box, scale: float) -> Placed:
        inner = self._part_px(box.w)
        placed = Placed()
        for number, part in enumerate(self._parts(box.w)):
            spot = Box(box.x + number * (inner + self.sheet.metrics.px(4)), box.y, inner, box.h)
            placed = placed.plus(self._rows(part, spot, scale))
        return placed

    def _rows(self, texts: tuple[tuple[str, str], ...], box: Box, scale: float) -> Placed:
        talls = [self._row_px(name, value, box.w, scale) for name, value in texts]
        wanted = sum(talls)
        if wanted > box.h:
            talls = [tall * box.h // wanted for tall in talls]
        letters, strong = self._letters(box.w, scale)
        marks: list[Mark] = []
        y = box.y
        for number, ((name, value), tall) in enumerate(zip(texts, talls, strict=True)):
            if number:
                marks.append(Plate(Box(box.x, y, box.w, 1), 0, Hue.LINE))
            pad = min(self._pad(scale), max(1, (tall - line_px(strong.size)) // 2))
            name_px, value_px = self._columns(name, value, box.w, scale)
            high = max(1, tall - 2 * pad)
            marks.extend(paragraph(self.sheet, name, letters, Box(box.x, y + pad, name_px, high)))
            broken = len(self.sheet.lines(value, strong.size, True, value_px)) > 1
            letters_of_value = replace(strong, align=0) if broken else strong  # a sentence reads from the left
            spot = Box(box.right - value_px, y + pad, value_px, high)
            marks.extend(paragraph(self.sheet, value, letters_of_value, spot))
            y += tall
        return Placed(tuple(marks))
