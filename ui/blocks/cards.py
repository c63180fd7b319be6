"""Choices: at most five ways on, each a card that can be pressed anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import Choice, Choices
from ui.marks import Box, Disc, Look, Placed, Static, Target
from ui.sheet import Letters, Sheet, line_px, paragraph, paragraph_px
from ui.sums import amount_text
from ui.themes import Hue
from ui.wrap import fit

GAP = 1.5  # grid units between cards
COLUMN_LEAST = 27  # grid units: a card narrower than this breaks its words
DISCS = {1: Hue.RED, 2: Hue.YELLOW, 3: Hue.BLUE}


@dataclass(frozen=True, slots=True)
class CardsPiece:
    sheet: Sheet
    block: Choices
    grows: bool = True
    gap: float = 2

    def _grid(self, width: int) -> tuple[int, int]:
        """Columns and rows: one row while the cards are wide enough, else two even rows."""
        count = len(self.block.options)
        most = max(1, min(3, (width + self.sheet.metrics.px(GAP)) // self.sheet.metrics.px(COLUMN_LEAST + GAP)))
        rows = -(-count // most)
        return -(-count // rows), rows

    def _column_px(self, width: int) -> int:
        columns, _ = self._grid(width)
        return (width - (columns - 1) * self.sheet.metrics.px(GAP)) // columns

    def tall(self, width: int, scale: float) -> int:
        _, rows = self._grid(width)
        inner = self._column_px(width) - 2 * self._pad(scale)
        card = max(self._inside_px(option, inner, scale) for option in self.block.options) + 2 * self._pad(scale)
        return rows * max(card, self.sheet.metrics.touch) + (rows - 1) * self.sheet.metrics.px(GAP)

    def _pad(self, scale: float) -> int:
        return self.sheet.metrics.px(1.75 * scale)

    def _letters(self, scale: float) -> tuple[Letters, Letters, Letters]:
        """Of title, amount and detail. A card with a title alone says it larger."""
        sheet = self.sheet
        alone = all(option.amount is None and option.detail is None for option in self.block.options)
        return (
            Letters(sheet.heading(scale * 0.9) if alone else sheet.text(scale * 0.94), True),
            Letters(sheet.heading(scale), True),
            Letters(sheet.label(scale), False, Hue.QUIET, even=True),
        )

    def _disc_px(self, option: Choice, scale: float) -> int:
        return round(self.sheet.text(scale) * 0.95) if option.wallet in DISCS else 0

    def _title_px(self, option: Choice, width: int, scale: float) -> int:
        disc = self._disc_px(option, scale)
        return width - (disc + self.sheet.metrics.px(1) if disc else 0)

    def _inside_px(self, option: Choice, width: int, scale: float) -> int:
        title, amount, detail = self._letters(scale)
        say = self.sheet.say
        high = paragraph_px(self.sheet, say(option.title), title, self._title_px(option, width, scale))
        if option.amount is not None:
            high += line_px(amount.size)
        if option.detail is not None:
            high += paragraph_px(self.sheet, say(option.detail), detail, width)
        return high

    def place(self, box: Box, scale: float) -> Placed:
        columns, rows = self._grid(box.w)
        gap = self.sheet.metrics.px(GAP)
        wide = self._column_px(box.w)
        # Cards grow with the room, but a lone row of huge cards looks lost: three touch heights are enough.
        high = min((box.h - (rows - 1) * gap) // rows, self.sheet.metrics.px(30))
        targets = []
        for index, option in enumerate(self.block.options):
            row, column = divmod(index, columns)
            spot = Box(box.x + column * (wide + gap), box.y + row * (high + gap), wide, high)
            targets.append(self._card(option, index, spot, scale))
        return Placed((), tuple(targets))

    def _card(self, option: Choice, index: int, box: Box, scale: float) -> Target:
        sheet, say = self.sheet, self.sheet.say
        pad = min(self._pad(scale), box.h // 8)
        inner = box.inset(self._pad(scale), pad)
        title, amount, detail = self._letters(scale)
        inside: list[Static] = []
        disc = self._disc_px(option, scale)
        title_text = say(option.title)
        title_px = self._title_px(option, inner.w, scale)
        wanted = self._inside_px(option, inner.w, scale)
        y = inner.y + max(0, (inner.h - wanted) // 2)
        rest = (line_px(amount.size) if option.amount is not None else 0) + (
            line_px(detail.size) if option.detail is not None else 0
        )
        room = max(line_px(title.size), min(paragraph_px(sheet, title_text, title, title_px), inner.h - rest))
        if disc:
            spot = Box(inner.x, y + (line_px(title.size) - disc) // 2, disc, disc)
            inside.append(Disc(spot, DISCS[option.wallet]))
        inside.extend(paragraph(sheet, title_text, title, Box(inner.right - title_px, y, title_px, room)))
        y += room
        if option.amount is not None and y + line_px(amount.size) <= inner.bottom:
            text, size = fit(
                sheet.measure, amount_text(option.amount, sheet.lang), amount.size, True, inner.w, sheet.metrics.least
            )
            spot = Box(inner.x, y, inner.w, line_px(size))
            inside.extend(paragraph(sheet, text, Letters(size, True, Hue.ACCENT), spot))
            y += line_px(size)
        if option.detail is not None and y + line_px(detail.size) <= inner.bottom:
            inside.extend(paragraph(sheet, say(option.detail), detail, Box(inner.x, y, inner.w, inner.bottom - y)))
        keys = (str(index + 1),)
        radius = sheet.metrics.px(1.75)
        return Target(option.id, box, box, Look.CARD, title_text, keys, tuple(inside), radius)
