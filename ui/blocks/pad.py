"""The number pad: twelve keys that fill the right of the screen, each at least 15 mm high."""

from __future__ import annotations

from core.screens import Keypad, say
from core.words import word
from ui.marks import Box, EraseSign, Look, Placed, Static, Target
from ui.sheet import Letters, Sheet, line_px, paragraph

ROWS = ("123", "456", "789")
GAP = 1.0  # grid units between keys


def pad(sheet: Sheet, block: Keypad, box: Box) -> Placed:
    """The keys in `box`, calculator figures in telephone order (1 on top), as on every card terminal."""
    gap = sheet.metrics.px(GAP)
    wide, high = (box.w - 2 * gap) // 3, (box.h - 3 * gap) // 4

    def key_box(column: int, row: int) -> Box:
        return Box(box.x + column * (wide + gap), box.y + row * (high + gap), wide, high)

    targets = [
        _key(sheet, f"digit:{digit}", digit, (digit,), key_box(column, row))
        for row, digits in enumerate(ROWS)
        for column, digit in enumerate(digits)
    ]
    nought = key_box(1, 3)
    if block.double_zero:
        targets.append(_key(sheet, "digit:00", "00", (), key_box(0, 3)))
    else:
        nought = Box(box.x, nought.y, 2 * wide + gap, high)
    targets.append(_key(sheet, "digit:0", "0", ("0",), nought))
    erase = key_box(2, 3)
    side = sheet.metrics.px(4.5)
    label = word(say("faces.erase"), sheet.lang)
    inside: tuple[Static, ...] = (EraseSign(erase.middle(side, side)),)
    radius = sheet.metrics.px(1.5)
    targets.append(Target("erase", erase, erase, Look.KEY, label, ("backspace",), inside, radius))
    return Placed((), tuple(targets))


def _key(sheet: Sheet, action: str, text: str, keys: tuple[str, ...], box: Box) -> Target:
    size = min(sheet.metrics.px(5), round(box.h * 0.5))
    letters = Letters(size, True, align=1)
    inside = paragraph(sheet, text, letters, box.middle(box.w, line_px(size)))
    return Target(action, box, box, Look.KEY, text, keys, inside, sheet.metrics.px(1.5))
