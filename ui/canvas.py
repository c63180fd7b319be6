"""The canvas: keeps the still part of a screen painted once, and redraws only what changed or moves.

A new screen rises calmly into place over clean paper (180 ms, ease-out). The old one is gone from the first frame
on: nothing private shines through. Imported only when a face is opened.
"""

from __future__ import annotations

from typing import Final

import pygame

from core.ports import Preview
from ui.fonts import Fonts
from ui.marks import Box, Layout, Lens, Moving, Orbit, Ring, Target
from ui.metrics import Metrics
from ui.moving import Moments, orbit_step, ring_step
from ui.paint import Painter, rect_of
from ui.settings import Settings
from ui.themes import Hue

ARRIVE_MS: Final = 180
FIRST_ALPHA: Final = 0.5  # readable from the first frame; the rest is calm
# Where the picture wanders to, minute by minute, in half grid units: no pixel shows the same edge for an hour.
WANDER: Final = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (1, 1))


class Canvas:
    """Draws one layout at a time onto the glass's surface."""

    def __init__(self, settings: Settings, metrics: Metrics, fonts: Fonts, surface: pygame.Surface) -> None:
        self.metrics = metrics
        self.fonts = fonts
        self._painter = Painter(settings.theme, metrics, fonts)
        self._still = settings.reduced_motion
        self._surface = surface
        self._base = pygame.Surface(surface.get_size(), 0, 32)
        self._layout: Layout | None = None
        self._movers: tuple[Moving, ...] = ()
        self._preview: Preview | None = None
        self._hint = ""
        self._shown_ms = 0
        self._arrive_ms: int | None = None
        self._whole = True
        self._steps: dict[int, object] = {}
        self._touched: tuple[Target | None, Target | None] = (None, None)
        self._offset = (0, 0)
        self._preview_number = 0

    @property
    def arriving_unseen(self) -> bool:
        """A new screen has not been drawn yet: it must not wait for the next thirtieth of a second."""
        return self._whole

    @property
    def arriving(self) -> bool:
        """A new screen is still moving into place."""
        return self._arrive_ms is not None

    def arrive(self, layout: Layout, now_ms: int, shown_ms: int, another: bool) -> None:
        """Another layout. The base is painted over in place, so nothing of the old screen stays in memory.

        `shown_ms` is when the step showed this screen, on the monotonic clock: a countdown counts from there, however
        often the screen is laid out again (another language, the next minute, help opened and closed).
        """
        self._layout = layout
        self._movers = tuple(mark for mark in layout.placed.marks if isinstance(mark, (Ring, Orbit, Lens)))
        if another or not any(isinstance(mark, Lens) for mark in self._movers):
            self._preview, self._hint = None, ""
        self._painter.ground(self._base, layout)
        self._shown_ms = shown_ms
        self._arrive_ms = now_ms if another and not self._still else None
        self._touched = (None, None)
        self._whole = True

    def preview(self, picture: Preview, hint: str) -> None:
        if any(isinstance(mark, Lens) for mark in self._movers):
            self._preview, self._hint = picture, hint
            self._preview_number += 1

    def again(self) -> None:
        self._whole = True

    def wipe(self) -> None:
        """Nothing of any screen stays: neither on the glass nor in memory."""
        for surface in (self._surface, self._base):
            surface.fill((0, 0, 0))
        self._preview, self._hint, self._layout, self._movers = None, "", None, ()
        self.fonts.forget()

    def draw(self, now_ms: int, pressed: Target | None, focused: Target | None, minute: int) -> tuple[pygame.Rect, ...]:
        """Draw what changed since the last call; the rectangles that changed, none when nothing did."""
        offset = self._wander(minute)
        if offset != self._offset:
            self._offset, self._whole = offset, True
        if self._arrive_ms is not None:
            share = (now_ms - self._arrive_ms) / ARRIVE_MS
            if share < 1:
                self._arriving(now_ms, share)
                self._whole = False
                return (self._surface.get_rect(),)
            self._arrive_ms, self._whole = None, True
        if self._whole:
            self._whole = False
            self._put_all(self._surface, now_ms, pressed, focused)
            return (self._surface.get_rect(),)
        return self._partly(now_ms, pressed, focused)

    def settled(self, now_ms: int) -> pygame.Surface:
        """The whole screen on a surface of its own, at rest."""
        surface = pygame.Surface(self._surface.get_size(), 0, 32)
        kept, self._offset = self._offset, (0, 0)
        pressed, focused = self._touched
        self._put_all(surface, now_ms, pressed, focused)
        self._offset = kept
        return surface

    def _moments(self, now_ms: int) -> Moments:
        return Moments(now_ms, self._shown_ms, self._still, self._hint)

    def _wander(self, minute: int) -> tuple[int, int]:
        dx, dy = WANDER[minute % len(WANDER)]
        half = max(1, self.metrics.px(0.5))
        return dx * half, dy * half

    def _put_all(self, surface: pygame.Surface, now_ms: int, pressed: Target | None, focused: Target | None) -> None:
        surface.fill(self._painter.colours[Hue.PAPER])
        surface.blit(self._base, self._offset)
        moments = self._moments(now_ms)
        shifted = surface.subsurface(surface.get_rect()) if self._offset == (0, 0) else self._window(surface)
        for mark in self._movers:
            self._painter.moving(shifted, mark, moments, self._preview)
            self._steps[id(mark)] = self._step(mark, moments)
        for target in {pressed, focused} - {None}:
            assert target is not None
            self._painter.target(shifted, target, target is pressed, target is focused)
        if surface is self._surface:
            self._touched = (pressed, focused)

    def _window(self, surface: pygame.Surface) -> pygame.Surface:
        """The part of `surface` that the wandering picture covers, so that marks keep their places in it.

        Marks never reach the outermost grid unit, so what the shift cuts off right and below carries nothing.
        """
        dx, dy = self._offset
        w, h = surface.get_size()
        return surface.subsurface(pygame.Rect(dx, dy, w - dx, h - dy))

    def _partly(self, now_ms: int, pressed: Target | None, focused: Target | None) -> tuple[pygame.Rect, ...]:
        changed: list[pygame.Rect] = []
        moments = self._moments(now_ms)
        for mark in self._movers:
            step = self._step(mark, moments)
            if self._steps.get(id(mark)) != step:
                self._steps[id(mark)] = step
                rect = self._restore(mark.box)
                self._painter.moving(self._shifted(), mark, moments, self._preview)
                changed.append(rect)
        if (pressed, focused) != self._touched:
            for target in {*self._touched, pressed, focused} - {None}:
                assert target is not None
                changed.append(self._restore(target.box))
                if target in (pressed, focused):
                    self._painter.target(self._shifted(), target, target == pressed, target == focused)
            self._touched = (pressed, focused)
        return tuple(changed)

    def _shifted(self) -> pygame.Surface:
        return self._surface if self._offset == (0, 0) else self._window(self._surface)

    def _restore(self, box: Box) -> pygame.Rect:
        rect = rect_of(box)
        moved = rect.move(self._offset)
        self._surface.blit(self._base, moved, rect)
        return moved.clip(self._surface.get_rect())

    def _step(self, mark: Moving, moments: Moments) -> object:
        match mark:
            case Ring():
                return ring_step(mark, moments)
            case Orbit():
                return orbit_step(moments)
            case Lens():
                return (self._preview_number, self._hint)

    def _arriving(self, now_ms: int, share: float) -> None:
        """The body rises by a grid unit and a half while it fades in; the header stands still."""
        assert self._layout is not None
        eased = 1 - (1 - share) ** 3
        surface = self._surface
        strip = rect_of(self._layout.header)
        surface.fill(self._painter.colours[Hue.PAPER])
        surface.blit(self._base, strip, strip)
        body = pygame.Rect(0, strip.bottom, surface.get_width(), surface.get_height() - strip.bottom)
        rise = round(self.metrics.px(1.5) * (1 - eased))
        self._base.set_alpha(round(255 * (FIRST_ALPHA + (1 - FIRST_ALPHA) * eased)))
        surface.blit(self._base, (0, strip.bottom + rise), body)
        self._base.set_alpha(None)
        moments = self._moments(now_ms)
        for mark in self._movers:
            self._painter.moving(surface, mark, moments, self._preview)
