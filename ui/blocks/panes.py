"""The pane on the right of a screen: the camera, a QR code, a picture, a countdown, something under way."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import Countdown, Drawing, QrCode, Tone, Viewfinder, Waiting, say
from ui.blocks.prose import FULL, SOFT
from ui.marks import Box, Drawn, Lens, Mark, Orbit, Placed, Plate, QrPlate, Ring
from ui.sheet import Letters, Piece, Sheet, line_px, paragraph, paragraph_px
from ui.themes import Hue


def lens(sheet: Sheet, block: Viewfinder, box: Box) -> Placed:
    """The camera picture fills the pane; the hint stands at its foot."""
    hint = sheet.say(block.hint if block.hint is not None else say("faces.hold_here"))
    starting = sheet.say(say("faces.camera_starting"))
    return Placed((Lens(box, hint, starting, sheet.metrics.label, sheet.metrics.px(2)),))


def qr(sheet: Sheet, block: QrCode, box: Box) -> Placed:
    """The code on white, square, as large as the pane allows, its caption below."""
    marks: list[Mark] = []
    side_room = box
    if block.caption is not None:
        text, letters = sheet.say(block.caption), Letters(sheet.metrics.label, False, Hue.QUIET, align=1, even=True)
        high = min(paragraph_px(sheet, text, letters, box.w), 2 * line_px(letters.size))
        side_room = Box(box.x, box.y, box.w, box.h - high - sheet.metrics.px(1))
        marks.extend(paragraph(sheet, text, letters, Box(box.x, box.bottom - high, box.w, high)))
    side = min(side_room.w, side_room.h)
    return Placed((QrPlate(side_room.middle(side, side), block.payload), *marks))


def picture(sheet: Sheet, block: Drawing, tone: Tone, box: Box) -> Placed:
    """A picture on a soft ground of the screen's tone."""
    ground = SOFT[tone]
    side = round(min(box.w, box.h) * 0.84)
    plate = Plate(box, sheet.metrics.px(3), ground)
    return Placed((plate, Drawn(box.middle(side, side), block.picture, ground)))


def under_way(sheet: Sheet, tone: Tone, box: Box) -> Placed:
    """A large orbit on a soft ground of the screen's tone."""
    side = round(min(box.w, box.h) * 0.52)
    plate = Plate(box, sheet.metrics.px(3), SOFT[tone])
    return Placed((plate, Orbit(box.middle(side, side), SOFT[tone], FULL[tone])))


def qr_width(sheet: Sheet, block: QrCode, high: int) -> int:
    """How wide a QR pane is that is `high`: the square and nothing beside it."""
    if block.caption is None:
        return high
    return high - line_px(sheet.metrics.label) - sheet.metrics.px(1)


def ring(sheet: Sheet, block: Countdown, box: Box) -> Placed:
    """A large ring with its seconds; what it counts down to stands under it."""
    px = sheet.metrics.px
    high, words = 0, ""
    letters = Letters(sheet.metrics.label, False, Hue.QUIET, align=1, even=True)
    if block.label is not None:
        words = sheet.say(block.label)
        high = min(paragraph_px(sheet, words, letters, box.w), 3 * line_px(letters.size), box.h // 2)
    side = min(box.w, box.h - high - px(1), px(21))
    top = box.y + (box.h - side - high - (px(1) if high else 0)) // 2
    spot = Box(box.x + (box.w - side) // 2, top, side, side)
    marks: list[Mark] = [Ring(spot, block.left_ms, block.total_ms, round(side * 0.34), Hue.PAPER)]
    if high:
        marks.extend(paragraph(sheet, words, letters, Box(box.x, spot.bottom + px(1), box.w, high)))
    return Placed(tuple(marks))


@dataclass(frozen=True, slots=True)
class RingRow:
    """A countdown in a column: a small ring and its words beside it."""

    sheet: Sheet
    block: Countdown
    grows: bool = False
    gap: float = 1.5

    def _side(self, scale: float) -> int:
        return self.sheet.metrics.px(8 * scale)

    def tall(self, width: int, scale: float) -> int:
        return self._side(scale)

    def place(self, box: Box, scale: float) -> Placed:
        side = min(self._side(scale), box.h)
        spot = Box(box.x, box.y, side, side)
        marks: list[Mark] = [Ring(spot, self.block.left_ms, self.block.total_ms, round(side * 0.36), Hue.PAPER)]
        if self.block.label is not None:
            words = Box(spot.right + self.sheet.metrics.px(1.5), box.y, 0, box.h)
            words = Box(words.x, box.y, max(1, box.right - words.x), box.h)
            letters = Letters(self.sheet.label(scale), False, Hue.QUIET)
            marks.extend(_beside(self.sheet, self.sheet.say(self.block.label), letters, words))
        return Placed(tuple(marks))


@dataclass(frozen=True, slots=True)
class Beside:
    """A countdown at the right of the amount, on a screen that is mostly a list."""

    sheet: Sheet
    left: Piece
    ring: RingRow
    grows: bool = False
    gap: float = 1.25

    def _ring_px(self, width: int) -> int:
        return min(width // 2, self.sheet.metrics.px(34 if self.ring.block.label is not None else 9))

    def _left_px(self, width: int) -> int:
        return width - self._ring_px(width) - self.sheet.metrics.px(2)

    def tall(self, width: int, scale: float) -> int:
        return max(self.left.tall(self._left_px(width), scale), self.ring.tall(self._ring_px(width), scale))

    def place(self, box: Box, scale: float) -> Placed:
        ring_px = self._ring_px(box.w)
        high = min(self.ring.tall(ring_px, scale), box.h)
        left = self.left.place(Box(box.x, box.y, self._left_px(box.w), box.h), scale)
        spot = Box(box.right - ring_px, box.y + (box.h - high) // 2, ring_px, high)
        return left.plus(self.ring.place(spot, scale))


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Something under way beside a picture: a small orbit and its words."""

    sheet: Sheet
    block: Waiting
    grows: bool = False
    gap: float = 1.5

    def _letters(self, scale: float) -> Letters:
        return Letters(self.sheet.text(scale), False, Hue.QUIET)

    def _side(self, scale: float) -> int:
        return self.sheet.metrics.px(5 * scale)

    def _words_px(self, width: int, scale: float) -> int:
        return width - self._side(scale) - self.sheet.metrics.px(1.5)

    def tall(self, width: int, scale: float) -> int:
        text = self.sheet.say(self.block.words)
        return max(
            self._side(scale), paragraph_px(self.sheet, text, self._letters(scale), self._words_px(width, scale))
        )

    def place(self, box: Box, scale: float) -> Placed:
        side = min(self._side(scale), box.h)
        words = Box(box.right - self._words_px(box.w, scale), box.y, self._words_px(box.w, scale), box.h)
        lines = _beside(self.sheet, self.sheet.say(self.block.words), self._letters(scale), words)
        middle = Box(box.x, box.y + (box.h - side) // 2, side, side)
        return Placed((Orbit(middle, Hue.PAPER), *lines))


@dataclass(frozen=True, slots=True)
class LensPiece:
    """The camera in a column, when the pane holds a number pad: as high as what is left."""

    sheet: Sheet
    block: Viewfinder
    grows: bool = True
    gap: float = 1.5

    def tall(self, width: int, scale: float) -> int:
        return self.sheet.metrics.px(13 * scale)

    def place(self, box: Box, scale: float) -> Placed:
        return lens(self.sheet, self.block, box)


@dataclass(frozen=True, slots=True)
class QrPiece:
    """A QR code in a column, when the pane holds something else."""

    sheet: Sheet
    block: QrCode
    grows: bool = True
    gap: float = 1.5

    def tall(self, width: int, scale: float) -> int:
        return self.sheet.metrics.px(18 * scale)

    def place(self, box: Box, scale: float) -> Placed:
        return qr(self.sheet, self.block, box)


def _beside(sheet: Sheet, text: str, letters: Letters, box: Box) -> tuple[Mark, ...]:
    """Words in the middle of the height of `box`."""
    high = min(paragraph_px(sheet, text, letters, box.w), box.h)
    return paragraph(sheet, text, letters, Box(box.x, box.y + (box.h - high) // 2, box.w, high))
