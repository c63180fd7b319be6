"""The header: whose machine it is, the time, the other language, help. It stands still when screens change."""

from __future__ import annotations

from dataclasses import dataclass

from core.screens import say
from core.words import word
from ui.marks import Box, Look, Mark, Placed, Plate, Static, Target
from ui.sheet import Letters, Sheet, line_px, paragraph
from ui.themes import Hue
from ui.wrap import fit

PRODUCT = "Tillmark"  # stands there while the machine has no name
HEIGHT = 7.0  # grid units
LANGUAGE = "language"  # the action id the device hears
HELP = "help"  # answered by the face itself


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """What stands in the header. `clock` is ready to read ("18:30")."""

    place: str
    clock: str
    languages: bool
    help: bool


def header(sheet: Sheet, words: HeaderWords) -> tuple[Placed, Box]:
    px, metrics = sheet.metrics.px, sheet.metrics
    strip = Box(0, 0, metrics.width, px(HEIGHT))
    size = metrics.label
    targets: list[Target] = []
    right = metrics.width - px(3)
    # A finger may land well below a small sign: the hit box reaches down to the 15 mm the law of this screen asks.
    reach = max(metrics.touch, strip.h)
    if words.help:
        box = Box(right - px(5), px(1), px(5), px(5))
        text = paragraph(sheet, "?", Letters(size, True, align=1), box.middle(box.w, line_px(size)))
        targets.append(_target(sheet, HELP, word(say("faces.help"), sheet.lang), box, reach, text))
        right = box.x - px(1.25)
    if words.languages:
        other = word(say("faces.other_language"), sheet.lang)
        wide = max(px(10), sheet.measure.width(other, size, False) + px(3))
        box = Box(right - wide, px(1), wide, px(5))
        text = paragraph(sheet, other, Letters(size, align=1), box.middle(box.w, line_px(size)))
        targets.append(_target(sheet, LANGUAGE, other, box, reach, text))
        right = box.x - px(2)
    marks: list[Mark] = []
    if words.clock:
        wide = sheet.measure.width(words.clock, size, False)
        box = Box(right - wide, (strip.h - line_px(size)) // 2, wide, line_px(size))
        marks.extend(paragraph(sheet, words.clock, Letters(size, False, Hue.QUIET), box))
        right = box.x - px(2)
    bar = Box(px(3), px(2), max(4, px(0.75)), px(3))
    marks.append(Plate(bar, bar.w // 2, Hue.ACCENT))
    left = bar.right + px(1.25)
    room = max(1, right - left)
    name, _ = fit(sheet.measure, words.place or PRODUCT, size, True, room, metrics.least)
    box = Box(left, (strip.h - line_px(size)) // 2, room, line_px(size))
    marks.extend(paragraph(sheet, name, Letters(size, True), box))
    return Placed(tuple(marks), tuple(targets)), strip


def _target(sheet: Sheet, action: str, label: str, box: Box, reach: int, inside: tuple[Static, ...]) -> Target:
    wide = max(box.w, sheet.metrics.px(6.25))
    hit = Box(min(box.x - (wide - box.w) // 2, sheet.metrics.width - wide), 0, wide, reach)
    return Target(action, box, hit, Look.BARE, label, (), inside, box.h // 2)
