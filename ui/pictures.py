"""The pictures and signs, drawn by code: a few flat shapes each, in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, assert_never

import pygame

from core.screens import Picture, Tone
from ui.blocks.prose import FULL
from ui.pen import Pen, mix
from ui.themes import THEMES, Hue, Rgb

# Modules of the little code on the phone's screen, a 7 x 7 sketch and not a readable code.
_SKETCH: Final = ("1110101", "1010011", "1110110", "0001011", "1101101", "0110010", "1011101")


_FULL_OF: Final = {Hue.GOOD_SOFT: Hue.GOOD, Hue.WARN_SOFT: Hue.WARN, Hue.STOP_SOFT: Hue.STOP}


class Inks:
    """The colours a picture is drawn with."""

    def __init__(self, theme: str, ground: Hue) -> None:
        table = THEMES[theme].table()
        self.ground = table[ground]
        self.paper = table[Hue.CARD] if theme != "contrast" else (0, 0, 0)
        self.ink = table[Hue.INK]
        self.accent = table[Hue.ACCENT]
        self.on_accent = table[Hue.ON_ACCENT]
        self.good = table[Hue.GOOD]
        self.warn = table[Hue.WARN]
        self.stop = table[Hue.STOP]
        self.on_tone = table[Hue.ON_TONE]
        self.pale = mix(self.ground, self.accent, 0.26)
        self.shade = mix(self.ground, table[_FULL_OF.get(ground, Hue.ACCENT)], 0.13)


@lru_cache(maxsize=24)
def picture(kind: Picture, side: int, ground: Hue, theme: str) -> pygame.Surface:
    """The picture `side` pixels wide on its ground; drawn once, kept while the theme stands."""
    inks = Inks(theme, ground)
    pen = Pen(side, inks.ground)
    match kind:
        case Picture.PHONE:
            _phone(pen, inks)
        case Picture.TAP:
            _tap(pen, inks)
        case Picture.TICK:
            _result(pen, inks, inks.good)
            pen.stroke([(31, 52), (44.5, 65.5), (70, 37)], 8, inks.on_tone)
        case Picture.CROSS:
            _result(pen, inks, inks.stop)
            pen.stroke([(36, 36), (64, 64)], 8, inks.on_tone)
            pen.stroke([(64, 36), (36, 64)], 8, inks.on_tone)
        case Picture.PAPER:
            _paper(pen, inks)
        case Picture.CLOCK:
            _clock(pen, inks)
        case Picture.LINE:
            _line(pen, inks)
        case Picture.SHOP:
            _shop(pen, inks)
        case Picture.NOTES:
            _notes(pen, inks)
        case _:
            assert_never(kind)
    return pen.done()


@lru_cache(maxsize=24)
def sign(tone: Tone, side: int, ground: Hue, theme: str) -> pygame.Surface:
    """The sign of a tone: each has a shape of its own."""
    table = THEMES[theme].table()
    colour, on = table[FULL[tone]], table[Hue.ON_ACCENT if tone is Tone.CALM else Hue.ON_TONE]
    pen = Pen(side, table[ground])
    match tone:
        case Tone.CALM:
            pen.disc(50, 50, 46, colour)
            pen.disc(50, 30, 7, on)
            pen.stroke([(50, 48), (50, 71)], 11, on)
        case Tone.GOOD:
            pen.disc(50, 50, 46, colour)
            pen.stroke([(30, 52), (44, 66), (70, 36)], 11, on)
        case Tone.WARN:
            pen.shape([(50, 14), (90, 82), (10, 82)], colour, 7)
            pen.stroke([(50, 37), (50, 57)], 10, on)
            pen.disc(50, 73, 6, on)
        case Tone.STOP:
            corners = [(31, 6), (69, 6), (94, 31), (94, 69), (69, 94), (31, 94), (6, 69), (6, 31)]
            pen.shape(corners, colour, 2)
            pen.stroke([(29, 50), (71, 50)], 13, on)
        case _:
            assert_never(tone)
    return pen.done()


def _result(pen: Pen, inks: Inks, colour: Rgb) -> None:
    """Two halos and a disc: the end of something, seen from across the counter."""
    pen.disc(50, 50, 49, mix(inks.ground, colour, 0.10))
    pen.disc(50, 50, 41.5, mix(inks.ground, colour, 0.22))
    pen.disc(50, 50, 34, colour)


def _handset(pen: Pen, inks: Inks, x: float, y: float, w: float, h: float) -> None:
    """A phone with a small code on its screen."""
    pen.plate(x, y, w, h, w * 0.17, inks.ink)
    edge = w * 0.065
    pen.plate(x + edge, y + edge, w - 2 * edge, h - 2 * edge, w * 0.115, inks.paper)
    pen.plate(x + w * 0.38, y + edge + w * 0.045, w * 0.24, w * 0.055, w * 0.03, inks.ink)
    side = w * 0.62
    cell, left, top = side / 7, x + (w - side) / 2, y + h * 0.2
    for row, marks in enumerate(_SKETCH):
        for column, mark in enumerate(marks):
            if mark == "1":
                pen.plate(left + column * cell, top + row * cell, cell * 0.94, cell * 0.94, cell * 0.2, inks.accent)
    below = top + side + h * 0.07
    pen.plate(left, below, side, h * 0.035, h * 0.018, inks.pale)
    pen.plate(left + side * 0.18, below + h * 0.075, side * 0.64, h * 0.035, h * 0.018, inks.pale)


def _phone(pen: Pen, inks: Inks) -> None:
    """A phone in front of a camera's view: four corners say where to hold it."""
    pen.disc(50, 50, 47, inks.shade)
    _handset(pen, inks, 29, 12, 42, 76)
    for cx, cy, start in ((14, 14, 270), (86, 14, 0), (86, 86, 90), (14, 86, 180)):
        inner_x, inner_y = (cx + 7 if cx < 50 else cx - 7), (cy + 7 if cy < 50 else cy - 7)
        pen.arc(inner_x, inner_y, 7, start, start + 90, 4, inks.accent)
        pen.stroke([(cx, inner_y), (cx, inner_y + (5 if cy < 50 else -5))], 4, inks.accent)
        pen.stroke([(inner_x, cy), (inner_x + (5 if cx < 50 else -5), cy)], 4, inks.accent)


def _tap(pen: Pen, inks: Inks) -> None:
    """A phone over a reader, waves between them."""
    pen.disc(50, 50, 47, inks.shade)
    _handset(pen, inks, 16, 13, 34, 62)
    for number, radius in enumerate((12, 21, 30)):
        pen.arc(52, 44, radius, 45, 135, 4.6, mix(inks.accent, inks.ground, 0.22 * number))
    pen.plate(20, 82, 60, 9, 4.5, inks.ink)
    pen.disc(72, 86.5, 1.9, inks.paper)


def _paper(pen: Pen, inks: Inks) -> None:
    """A receipt coming out of its slot, cut below."""
    pen.disc(50, 50, 47, inks.shade)
    teeth = [(28 + 5.5 * step, 84 if step % 2 else 89) for step in range(9)]
    pen.shape([(28, 22), (72, 22), *reversed(teeth)], inks.paper)
    pen.plate(17, 14, 66, 12, 6, inks.ink)
    pen.plate(24, 18.5, 52, 3, 1.5, mix(inks.ink, inks.paper, 0.35))
    for y, wide in ((34, 16), (43, 32), (50.5, 32), (58, 22)):
        pen.plate(34, y, wide, 3.4, 1.7, inks.pale)
    pen.plate(34, 68, 13, 4.6, 2.3, inks.pale)
    pen.plate(50, 67.4, 16, 6, 3, inks.accent)


def _clock(pen: Pen, inks: Inks) -> None:
    pen.disc(50, 50, 47, inks.shade)
    pen.disc(50, 50, 36, inks.ink)
    pen.disc(50, 50, 31, inks.paper)
    for x, y in ((50.0, 24.5), (75.5, 50.0), (50.0, 75.5), (24.5, 50.0)):
        pen.disc(x, y, 2, inks.pale)
    pen.stroke([(50, 50), (50, 32)], 5, inks.ink)
    pen.stroke([(50, 50), (63, 57.5)], 5, inks.accent)
    pen.disc(50, 50, 4.2, inks.ink)


def _line(pen: Pen, inks: Inks) -> None:
    """The line to the exchange: a terminal and a house of money, the wire between them open."""
    pen.disc(50, 50, 47, inks.shade)
    pen.plate(9, 36, 25, 34, 5, inks.ink)
    pen.plate(12.5, 39.5, 18, 17, 2.5, inks.paper)
    for x in (15, 20, 25):
        pen.disc(x + 1.5, 63, 1.8, inks.paper)
    pen.shape([(64, 44), (78.5, 33), (93, 44)], inks.ink, 1.5)
    for column in (66.5, 76.0, 85.5):
        pen.plate(column, 47.5, 5, 15, 1.5, inks.ink)
    pen.plate(62.5, 65, 32, 5.5, 2, inks.ink)
    pen.stroke([(36.5, 53), (40, 53)], 3.6, inks.ink)
    pen.stroke([(56.5, 53), (60, 53)], 3.6, inks.ink)
    pen.stroke([(44, 48.8), (52.4, 57.2)], 3.8, inks.stop)
    pen.stroke([(52.4, 48.8), (44, 57.2)], 3.8, inks.stop)


def _shop(pen: Pen, inks: Inks) -> None:
    """A shop front with its awning."""
    pen.disc(50, 50, 47, inks.shade)
    pen.plate(20, 40, 60, 45, 3, inks.paper)
    pen.plate(20, 81, 60, 5, 2, inks.ink)
    pen.plate(27, 53, 25, 18, 2.5, inks.pale)
    pen.stroke([(31, 66), (38, 58)], 2.2, inks.paper)
    pen.plate(58, 53, 15, 29, 2.5, inks.ink)
    pen.disc(69.5, 68, 1.5, inks.paper)
    wide = 72 / 6
    for stripe in range(6):
        colour = inks.accent if stripe % 2 == 0 else inks.paper
        left = 14 + stripe * wide
        top_left, top_right = 21 + stripe * 58 / 6, 21 + (stripe + 1) * 58 / 6
        pen.shape([(top_left, 18), (top_right, 18), (left + wide, 38), (left, 38)], colour)
        pen.disc(left + wide / 2, 39, wide / 2, colour)
    pen.plate(20, 14.5, 60, 5.5, 2.7, inks.ink)


def _notes(pen: Pen, inks: Inks) -> None:
    """Banknotes coming out of their slot, for a hand to take."""
    pen.disc(50, 50, 47, inks.shade)
    for left, top, tall, colour in ((34, 26, 58, mix(inks.accent, inks.ink, 0.35)), (30, 26, 52, inks.accent)):
        pen.plate(left, top, 40, tall, 3, colour)
    pen.plate(33, 26, 34, 49, 2, inks.paper)
    pen.disc(50, 53, 11, inks.pale)
    pen.disc(50, 53, 7.5, inks.paper)
    pen.plate(48.2, 49, 3.6, 8, 1.8, inks.accent)
    for x, y in ((37, 40), (57, 66)):
        pen.plate(x, y, 6, 3, 1.5, inks.pale)
    pen.plate(16, 17, 68, 13, 6.5, inks.ink)
    pen.plate(24, 22, 52, 3, 1.5, mix(inks.ink, inks.paper, 0.35))
