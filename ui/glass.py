"""The glass a face is drawn on: memory, a window or the whole display. Imported only when a face is opened."""

from __future__ import annotations

import os
from typing import Final, Protocol

import pygame

from ui.captions import Caption
from ui.inputs import INPUTS_MAX, Down, Input, KeyHit, Moved, Uncovered, Up
from ui.settings import ScreenRefused, Settings

TITLE: Final = "Tillmark"


class Glass(Protocol):
    """Something with pixels to draw on and hands before it."""

    surface: pygame.Surface

    def inputs(self) -> tuple[Input, ...]:
        """What was done since the last call, at most `INPUTS_MAX`."""
        ...

    def lines(self) -> tuple[int, ...]:
        """File descriptors that can be read when something was done; none for a glass that has to be asked."""
        ...

    def tell(self, caption: Caption) -> None:
        """What the pixels mean, for a glass that passes it on."""
        ...

    def present(self, changed: tuple[pygame.Rect, ...]) -> None:
        """The pixels in `changed` are final: show them."""
        ...

    def pump(self, now_ms: int) -> None:
        """Once a frame, drawn or not: move bytes, never wait."""
        ...

    def close(self) -> None: ...


class Memory:
    """No display at all: pictures for tests, a bench or a log of screens. Inputs come by `put`."""

    def __init__(self, settings: Settings) -> None:
        self.surface = pygame.Surface((settings.width, settings.height), 0, 32)
        self._inputs: list[Input] = []

    def put(self, done: Input) -> None:
        if len(self._inputs) < INPUTS_MAX:  # as on a real panel: what nobody reads is lost, not hoarded
            self._inputs.append(done)

    def inputs(self) -> tuple[Input, ...]:
        done, self._inputs = tuple(self._inputs), []
        return done

    def lines(self) -> tuple[int, ...]:
        return ()

    def tell(self, caption: Caption) -> None:
        pass

    def present(self, changed: tuple[pygame.Rect, ...]) -> None:
        pass

    def pump(self, now_ms: int) -> None:
        pass

    def close(self) -> None:
        self._inputs.clear()


class Display:
    """A window of SDL, or the whole display. Closing the window is the same as Ctrl-C."""

    def __init__(self, settings: Settings) -> None:
        os.environ.setdefault("SDL_VIDEO_ALLOW_SCREENSAVER", "0")
        flags = pygame.FULLSCREEN if settings.mode == "fullscreen" else 0
        try:
            pygame.display.init()
            self.surface = pygame.display.set_mode((settings.width, settings.height), flags)
        except pygame.error as error:
            pygame.display.quit()
            raise ScreenRefused("TM-SCR-004", f"{settings.mode}: {error}") from None
        pygame.display.set_caption(TITLE)
        if settings.mode == "fullscreen":
            pygame.mouse.set_visible(False)
        pygame.event.set_allowed(None)
        pygame.event.set_allowed(
            [
                pygame.QUIT,
                pygame.KEYDOWN,
                pygame.MOUSEBUTTONDOWN,
                pygame.MOUSEBUTTONUP,
                pygame.MOUSEMOTION,
                pygame.WINDOWEXPOSED,
            ]
        )

    def inputs(self) -> tuple[Input, ...]:
        """SDL makes a mouse of the first finger, so fingers are not heard a second time as FINGERDOWN."""
        done: list[Input] = []
        while len(done) < INPUTS_MAX:
            event = pygame.event.poll()
            if event.type == pygame.NOEVENT:
                break
            if event.type == pygame.QUIT:
                raise KeyboardInterrupt
            heard = _heard(event)
            if heard is not None:
                done.append(heard)
        return tuple(done)

    def lines(self) -> tuple[int, ...]:
        return ()  # SDL keeps its lines to itself

    def tell(self, caption: Caption) -> None:
        pass

    def present(self, changed: tuple[pygame.Rect, ...]) -> None:
        pygame.display.update(list(changed))

    def pump(self, now_ms: int) -> None:
        pass

    def close(self) -> None:
        pygame.display.quit()


def _heard(event: pygame.event.Event) -> Input | None:
    if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
        return Down(*event.pos)
    if event.type == pygame.MOUSEBUTTONUP and event.button == 1:
        return Up(*event.pos)
    if event.type == pygame.MOUSEMOTION and event.buttons[0]:
        return Moved(*event.pos)
    if event.type == pygame.WINDOWEXPOSED:
        return Uncovered()
    if event.type == pygame.KEYDOWN:
        name = _key_name(event.key, bool(event.mod & pygame.KMOD_SHIFT))
        return KeyHit(name) if name else None
    return None


def _key_name(key: int, shifted: bool) -> str:
    if pygame.K_0 <= key <= pygame.K_9:
        return str(key - pygame.K_0)
    if key == pygame.K_KP_0 or pygame.K_KP_1 <= key <= pygame.K_KP_9:
        return str((key - pygame.K_KP_1 + 1) % 10)
    if key == pygame.K_TAB:
        return "back_tab" if shifted else "tab"
    return {
        pygame.K_RETURN: "enter",
        pygame.K_KP_ENTER: "enter",
        pygame.K_SPACE: "enter",
        pygame.K_ESCAPE: "escape",
        pygame.K_BACKSPACE: "backspace",
        pygame.K_DELETE: "backspace",
        pygame.K_UP: "up",
        pygame.K_DOWN: "down",
        pygame.K_LEFT: "left",
        pygame.K_RIGHT: "right",
        pygame.K_PAGEUP: "page_up",
        pygame.K_PAGEDOWN: "page_down",
    }.get(key, "")
