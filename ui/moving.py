"""The three things that move: a countdown's ring, the orbit of something under way, the camera picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from core.ports import Preview
from ui import shapes
from ui.fonts import Fonts
from ui.marks import Lens, Orbit, Ring
from ui.pen import mix
from ui.themes import Hue, Rgb
from ui.wrap import fit

ORBIT_MS: Final = 2_400  # one calm turn; faster reads as hurry
WARN_MS: Final = 10_000  # the last seconds of a quote: the ring takes the warning colour and stays a number
MINUTES_FROM: Final = 100  # seconds; from there on minutes and seconds are read more easily
PICTURE_MAX: Final = 4096  # pixels a side; a larger preview is a mistake of the camera's driver


@dataclass(frozen=True, slots=True)
class Moments:
    """Milliseconds on the monotonic clock: now, and when the screen was shown; and what the camera advises."""

    now_ms: int
    shown_ms: int
    still: bool
    hint: str = ""


def ring_left(mark: Ring, moments: Moments) -> int:
    """Milliseconds left of a countdown, never below nought."""
    return max(0, mark.left_ms - (moments.now_ms - moments.shown_ms))


def ring_step(mark: Ring, moments: Moments) -> int:
    """Changes when the ring has to be drawn again: every second when still, else every 80 ms."""
    return ring_left(mark, moments) // (1_000 if moments.still else 80)


def orbit_step(moments: Moments) -> int:
    """Changes when the orbit has to be drawn again: 20 times a second; 2 a second when motion is unwelcome."""
    return moments.now_ms // (500 if moments.still else 50)


def paint_ring(surface: pygame.Surface, mark: Ring, moments: Moments, colours: dict[Hue, Rgb], fonts: Fonts) -> None:
    left = ring_left(mark, moments)
    seconds = -(-left // 1_000)
    colour = colours[Hue.WARN if left <= WARN_MS else Hue.ACCENT]
    box = mark.box
    rect = pygame.Rect(box.x, box.y, box.w, box.h)
    width = max(3, round(box.w * 0.05))
    shown = seconds * 1_000 if moments.still else left
    surface.blit(shapes.ring(box.w, width, mix(colours[mark.ground], colour, 0.2)), rect)
    sweep = min(1.0, shown / max(1, mark.total_ms))
    shapes.arc(surface, rect, width, colour, 0.0, sweep)
    text = str(seconds) if seconds < MINUTES_FROM else f"{seconds // 60}:{seconds % 60:02d}"
    text, size = fit(fonts, text, mark.number, True, round(box.w * 0.72), mark.number // 2)
    drawn = fonts.render(text, size, True, colours[Hue.INK])
    x, y = box.centre
    surface.blit(drawn, (x - drawn.get_width() // 2, y - drawn.get_height() // 2))


def paint_orbit(surface: pygame.Surface, mark: Orbit, moments: Moments, colours: dict[Hue, Rgb]) -> None:
    box = mark.box
    rect = pygame.Rect(box.x, box.y, box.w, box.h)
    width = max(3, round(box.w * 0.075))
    accent = colours[mark.hue]
    surface.blit(shapes.ring(box.w, width, mix(colours[mark.ground], accent, 0.16)), rect)
    if moments.still:
        turn = (moments.now_ms // 500) % 4 / 4
    else:
        turn = (moments.now_ms % ORBIT_MS) / ORBIT_MS
    shapes.arc(surface, rect, width, accent, turn, 0.26)


def paint_lens(
    surface: pygame.Surface,
    mark: Lens,
    moments: Moments,
    colours: dict[Hue, Rgb],
    fonts: Fonts,
    preview: Preview | None,
) -> None:
    box = mark.box
    rect = pygame.Rect(box.x, box.y, box.w, box.h)
    hint = mark.starting if preview is None else moments.hint or mark.hint
    if preview is None:
        surface.fill(mix(colours[Hue.PAPER], colours[Hue.INK], 0.1), rect)
    else:
        surface.blit(_mirrored(preview, rect.w, rect.h), rect)
    surface.blit(shapes.corners(rect.w, rect.h, mark.radius, colours[Hue.PAPER]), rect)
    _brackets(surface, rect, colours[Hue.WHITE if preview is not None else Hue.ACCENT])
    if hint:
        _pill(surface, rect, hint, mark.hint_size, colours, fonts)


def _mirrored(preview: Preview, w: int, h: int) -> pygame.Surface:
    """The picture, mirrored like a looking-glass, filling the frame; what stands over is cut off evenly."""
    assert 0 < preview.width <= PICTURE_MAX
    assert 0 < preview.height <= PICTURE_MAX
    assert len(preview.luma) == preview.width * preview.height, "8-bit luma, row by row"
    grey = pygame.image.frombuffer(preview.luma, (preview.width, preview.height), "P")
    grey.set_palette([(level, level, level) for level in range(256)])
    scale = max(w / preview.width, h / preview.height)
    wide, high = min(preview.width, round(w / scale)), min(preview.height, round(h / scale))
    cut = pygame.Rect((preview.width - wide) // 2, (preview.height - high) // 2, wide, high)
    part = pygame.Surface(cut.size, 0, 32)
    part.blit(grey, (0, 0), cut)
    return pygame.transform.smoothscale(pygame.transform.flip(part, True, False), (w, h))


def _brackets(surface: pygame.Surface, rect: pygame.Rect, colour: Rgb) -> None:
    """Four corners: hold it in here."""
    side = round(min(rect.w, rect.h) * 0.62)
    frame = pygame.Rect(0, 0, side, side)
    frame.center = (rect.centerx, rect.centery - round(rect.h * 0.05))
    width = max(3, round(rect.h * 0.014))
    reach = side // 6
    for x, dx in ((frame.left, 1), (frame.right - width, -1)):
        for y, dy in ((frame.top, 1), (frame.bottom - width, -1)):
            across = pygame.Rect(x if dx > 0 else x + width - reach, y, reach, width)
            down = pygame.Rect(x, y if dy > 0 else y + width - reach, width, reach)
            shapes.plate(surface, across, width // 2, colour)
            shapes.plate(surface, down, width // 2, colour)


def _pill(
    surface: pygame.Surface, rect: pygame.Rect, text: str, size: int, colours: dict[Hue, Rgb], fonts: Fonts
) -> None:
    """The hint on its own ground, so that it reads over any picture."""
    side = max(6, size // 2)
    text, size = fit(fonts, text, size, False, rect.w - 4 * side, size // 2)
    drawn = fonts.render(text, size, False, colours[Hue.INK])
    ground = pygame.Rect(0, 0, drawn.get_width() + 2 * side, round(size * 1.7))
    ground.midbottom = (rect.centerx, rect.bottom - side)
    shapes.plate(surface, ground, ground.h // 2, colours[Hue.CARD])
    surface.blit(drawn, drawn.get_rect(center=ground.center))
