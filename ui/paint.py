"""Marks become pixels. Everything here needs pygame and is imported only when a face is opened."""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

import pygame

from core.ports import Preview
from ui import shapes
from ui.fonts import Fonts
from ui.marks import (
    Box,
    Disc,
    Drawn,
    EraseSign,
    Layout,
    Lens,
    Line,
    Look,
    Mark,
    Orbit,
    Plate,
    QrPlate,
    Ring,
    Sign,
    Static,
    Target,
)
from ui.metrics import Metrics
from ui.moving import Moments, paint_lens, paint_orbit, paint_ring
from ui.pen import Pen, mix
from ui.pictures import picture, sign
from ui.themes import THEMES, Hue, Rgb

QR_QUIET = 4  # modules of white around a QR code (ISO/IEC 18004, 6.3.8)


def rect_of(box: Box) -> pygame.Rect:
    return pygame.Rect(box.x, box.y, box.w, box.h)


class Painter:
    """Paints layouts in one theme. Keeps nothing of a screen but shapes that carry no words."""

    def __init__(self, theme: str, metrics: Metrics, fonts: Fonts) -> None:
        self.theme = theme
        self.colours: dict[Hue, Rgb] = THEMES[theme].table()
        self.metrics = metrics
        self.fonts = fonts

    def ground(self, surface: pygame.Surface, layout: Layout) -> None:
        """The still part of a screen: paper, header rule, every mark that does not move, targets at rest."""
        surface.fill(self.colours[Hue.PAPER])
        strip = layout.header
        surface.fill(self.colours[Hue.CARD], rect_of(strip))
        surface.fill(self.colours[Hue.LINE], pygame.Rect(0, strip.bottom - 1, strip.w, 1))
        for mark in layout.placed.marks:
            if not isinstance(mark, (Ring, Orbit, Lens)):
                self._static(surface, mark)
        for target in layout.placed.targets:
            self.target(surface, target)

    def moving(self, surface: pygame.Surface, mark: Mark, moments: Moments, preview: Preview | None) -> None:
        match mark:
            case Ring():
                paint_ring(surface, mark, moments, self.colours, self.fonts)
            case Orbit():
                paint_orbit(surface, mark, moments, self.colours)
            case Lens():
                paint_lens(surface, mark, moments, self.colours, self.fonts, preview)
            case _:
                raise AssertionError("a still mark was asked to move")

    def target(self, surface: pygame.Surface, target: Target, pressed: bool = False, focused: bool = False) -> None:
        rect = rect_of(target.box)
        fill, edge = self._target_colours(target.look)
        if pressed:
            fill = mix(fill, self.colours[Hue.INK], 0.16 if target.look is not Look.PRIMARY else 0.28)
        if focused:
            width = max(3, self.metrics.px(0.5))
            shapes.edged(surface, rect, target.radius, self.colours[Hue.PAPER], self.colours[Hue.INK], width)
            rect = rect.inflate(-4 * width, -4 * width)
        width = max(1, self.metrics.px(0.25)) if target.look == Look.DANGER or self.theme == "contrast" else 1
        shapes.edged(surface, rect, target.radius, fill, edge, width)
        for mark in target.inside:
            self._static(surface, mark)

    def _target_colours(self, look: Look) -> tuple[Rgb, Rgb]:
        """Fill and edge of a target at rest."""
        c = self.colours
        match look:
            case Look.PRIMARY:
                return c[Hue.ACCENT], c[Hue.ACCENT]
            case Look.DANGER:
                return c[Hue.CARD], c[Hue.STOP]
            case Look.KEY:
                return c[Hue.CARD], c[Hue.LINE]
            case Look.PLAIN | Look.CANCEL | Look.CARD | Look.BARE:
                return c[Hue.CARD], c[Hue.EDGE] if look is not Look.BARE else c[Hue.LINE]
            case _:
                assert_never(look)

    def _static(self, surface: pygame.Surface, mark: Static) -> None:
        box = mark.box
        match mark:
            case Line(box, text, size, bold, hue):
                drawn = self.fonts.render(text, size, bold, self.colours[hue])
                surface.blit(drawn, (box.x, box.y + (box.h - drawn.get_height()) // 2))
            case Plate(box, radius, fill, edge, edge_px):
                if fill is not None and edge is not None:
                    shapes.edged(surface, rect_of(box), radius, self.colours[fill], self.colours[edge], edge_px)
                elif fill is not None:
                    shapes.plate(surface, rect_of(box), radius, self.colours[fill])
            case Disc(box, fill):
                surface.blit(shapes.disc(box.w, self.colours[fill]), (box.x, box.y))
                self._disc_number(surface, mark)
            case Sign(box, tone, ground):
                surface.blit(sign(tone, box.w, ground, self.theme), (box.x, box.y))
            case Drawn(box, kind, ground):
                surface.blit(picture(kind, box.w, ground, self.theme), (box.x, box.y))
            case QrPlate(box, payload):
                self._qr(surface, box, payload)
            case EraseSign(box, hue):
                surface.blit(_erase(box.w, self.colours[hue], self.colours[Hue.CARD]), (box.x, box.y))
            case _:
                assert_never(mark)

    def _disc_number(self, surface: pygame.Surface, mark: Disc) -> None:
        number = {Hue.RED: "1", Hue.YELLOW: "2", Hue.BLUE: "3"}.get(mark.fill, "")
        colour = self.colours[Hue.WHITE if self.theme == "light" and mark.fill is not Hue.YELLOW else Hue.ON_DISC]
        drawn = self.fonts.render(number, round(mark.box.h * 0.68), True, colour)
        x, y = mark.box.centre
        surface.blit(drawn, (x - drawn.get_width() // 2, y - drawn.get_height() // 2))

    def _qr(self, surface: pygame.Surface, box: Box, payload: str) -> None:
        """Whole pixels for each module: a scaled code with uneven modules reads badly."""
        shapes.edged(surface, rect_of(box), self.metrics.px(2), self.colours[Hue.WHITE], self.colours[Hue.LINE], 1)
        rows = matrix(payload)
        module = max(1, box.w // (len(rows) + 2 * QR_QUIET))
        side = module * len(rows)
        left, top = box.x + (box.w - side) // 2, box.y + (box.h - side) // 2
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    surface.fill((0, 0, 0), pygame.Rect(left + x * module, top + y * module, module, module))


def matrix(payload: str) -> tuple[bytes, ...]:
    """The modules of a QR code, error correction M, never a Micro QR."""
    import segno

    return tuple(bytes(row) for row in segno.make_qr(payload, error="m").matrix)


@lru_cache(maxsize=4)
def _erase(side: int, ink: Rgb, ground: Rgb) -> pygame.Surface:
    pen = Pen(side, ground)
    pen.shape([(34, 20), (92, 20), (92, 80), (34, 80), (7, 50)], ink, 5)
    pen.shape([(37, 27), (89, 27), (89, 73), (37, 73), (16, 50)], ground, 2)
    pen.stroke([(50, 38), (74, 62)], 7, ink)
    pen.stroke([(74, 38), (50, 62)], 7, ink)
    return pen.done()
