"""Smooth shapes: rounded plates, rings and arcs, drawn large once, scaled down and kept."""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin

import pygame

from ui.themes import Rgb

OVER = 4  # drawn this much larger, then scaled down: sixteen samples a pixel
WEDGE_STEPS = 48  # corners of a full wedge's outline; it only cuts, so it need not be smooth


def clear(w: int, h: int, colour: Rgb = (0, 0, 0)) -> pygame.Surface:
    """A see-through surface whose hidden colour is `colour`, so that scaled edges have no dark seam."""
    surface = pygame.Surface((max(1, w), max(1, h)), pygame.SRCALPHA, 32)
    surface.fill((*colour, 0))
    return surface


@lru_cache(maxsize=256)
def disc(diameter: int, colour: Rgb) -> pygame.Surface:
    large = clear(diameter * OVER, diameter * OVER, colour)
    pygame.draw.circle(large, (*colour, 255), (diameter * OVER // 2, diameter * OVER // 2), diameter * OVER // 2)
    return pygame.transform.smoothscale(large, (max(1, diameter), max(1, diameter)))


def plate(surface: pygame.Surface, rect: pygame.Rect, radius: int, colour: Rgb) -> None:
    """A filled rounded rectangle with smooth corners."""
    radius = min(radius, rect.w // 2, rect.h // 2)
    if radius <= 1:
        surface.fill(colour, rect)
        return
    surface.fill(colour, pygame.Rect(rect.x, rect.y + radius, rect.w, rect.h - 2 * radius))
    for y in (rect.y, rect.bottom - radius):
        surface.fill(colour, pygame.Rect(rect.x + radius, y, rect.w - 2 * radius, radius))
    corner = disc(2 * radius, colour)
    for x, sx in ((rect.x, 0), (rect.right - radius, radius)):
        for y, sy in ((rect.y, 0), (rect.bottom - radius, radius)):
            surface.blit(corner, (x, y), pygame.Rect(sx, sy, radius, radius))


def edged(surface: pygame.Surface, rect: pygame.Rect, radius: int, fill: Rgb, edge: Rgb, width: int) -> None:
    """A rounded rectangle with an edge inside its bounds."""
    plate(surface, rect, radius, edge)
    plate(surface, rect.inflate(-2 * width, -2 * width), max(0, radius - width), fill)


@lru_cache(maxsize=32)
def ring(diameter: int, width: int, colour: Rgb) -> pygame.Surface:
    large = clear(diameter * OVER, diameter * OVER, colour)
    middle = diameter * OVER // 2
    pygame.draw.circle(large, (*colour, 255), (middle, middle), middle)
    pygame.draw.circle(large, (*colour, 0), (middle, middle), middle - width * OVER)
    return pygame.transform.smoothscale(large, (max(1, diameter), max(1, diameter)))


def arc(surface: pygame.Surface, rect: pygame.Rect, width: int, colour: Rgb, start: float, sweep: float) -> None:
    """Part of a ring with round ends; turns are shares of a circle, clockwise from twelve."""
    sweep = max(0.0, min(1.0, sweep))
    if sweep == 0:
        return
    whole = ring(rect.w, width, colour)
    if sweep >= 1:
        surface.blit(whole, rect)
        return
    part = whole.copy()
    middle = rect.w / 2
    outline = [(middle, middle)]
    left_out = 1 - sweep
    for step in range(WEDGE_STEPS + 1):
        turn = (start + sweep + left_out * step / WEDGE_STEPS) * 2 * pi
        outline.append((middle + rect.w * sin(turn), middle - rect.w * cos(turn)))
    pygame.draw.polygon(part, (*colour, 0), outline)
    surface.blit(part, rect)
    cap = disc(width, colour)
    reach = (rect.w - width) / 2
    for turn in (start * 2 * pi, (start + sweep) * 2 * pi):
        x = rect.x + middle + reach * sin(turn) - width / 2
        y = rect.y + middle - reach * cos(turn) - width / 2
        surface.blit(cap, (round(x), round(y)))


@lru_cache(maxsize=8)
def corners(w: int, h: int, radius: int, colour: Rgb) -> pygame.Surface:
    """A mask that lays `colour` over the four corners outside a rounded rectangle: the frame of a picture."""
    mask = clear(w, h, colour)
    hole = clear(2 * radius * OVER, 2 * radius * OVER, colour)
    hole.fill((*colour, 255))
    pygame.draw.circle(hole, (*colour, 0), (radius * OVER, radius * OVER), radius * OVER)
    small = pygame.transform.smoothscale(hole, (2 * radius, 2 * radius))
    for x, sx in ((0, 0), (w - radius, radius)):
        for y, sy in ((0, 0), (h - radius, radius)):
            mask.blit(small, (x, y), pygame.Rect(sx, sy, radius, radius), pygame.BLEND_RGBA_MAX)
    return mask
