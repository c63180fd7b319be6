"""A pen on a square of 100 x 100 for pictures and signs: round strokes, plates, discs, drawn large and scaled."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import cos, hypot, pi, sin

import pygame

from ui.themes import Rgb

OVER = 3
Point = tuple[float, float]


class Pen:
    """Draws on an opaque ground, so that every edge is smooth against what lies under it."""

    def __init__(self, side: int, ground: Rgb) -> None:
        self._side = max(1, side)
        self._k = self._side * OVER / 100
        self._surface = pygame.Surface((self._side * OVER, self._side * OVER), 0, 32)
        self._surface.fill(ground)
        self._ground = ground

    def done(self) -> pygame.Surface:
        small = pygame.transform.smoothscale(self._surface, (self._side, self._side))
        # The scaler rounds a plain colour down by a level or two, which would show as a faint square.
        with pygame.PixelArray(small) as pixels:
            pixels.replace(small.get_at((0, 0)), self._ground)
        return small

    def plate(self, x: float, y: float, w: float, h: float, radius: float, colour: Rgb) -> None:
        k = self._k
        rect = pygame.Rect(round(x * k), round(y * k), round(w * k), round(h * k))
        pygame.draw.rect(self._surface, colour, rect, border_radius=round(radius * k))

    def disc(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        k = self._k
        pygame.draw.circle(self._surface, colour, (x * k, y * k), radius * k)

    def shape(self, points: Sequence[Point], colour: Rgb, round_by: float = 0) -> None:
        """A filled polygon; `round_by` softens its corners."""
        k = self._k
        pygame.draw.polygon(self._surface, colour, [(x * k, y * k) for x, y in points])
        if round_by:
            self.stroke([*points, points[0]], 2 * round_by, colour)

    def stroke(self, points: Sequence[Point], width: float, colour: Rgb) -> None:
        """A line through `points` with round ends and joints."""
        k = self._k
        for x, y in points:
            pygame.draw.circle(self._surface, colour, (x * k, y * k), width * k / 2)
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            length = hypot(bx - ax, by - ay)
            if length == 0:
                continue
            nx, ny = (by - ay) / length * width / 2, -(bx - ax) / length * width / 2
            quad = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
            pygame.draw.polygon(self._surface, colour, [(x * k, y * k) for x, y in quad])

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, colour: Rgb) -> None:
        """Part of a circle; degrees clockwise from twelve."""
        steps = max(8, round(abs(end - start) / 3))
        points = []
        for step in range(steps + 1):
            turn = (start + (end - start) * step / steps) * pi / 180
            points.append((x + radius * sin(turn), y - radius * cos(turn)))
        self.stroke(points, width, colour)


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`share` of `b` in `a`."""
    red, green, blue = (round(one * (1 - share) + two * share) for one, two in zip(a, b, strict=True))
    return red, green, blue
