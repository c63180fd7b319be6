"""The face: shows the screen it is told to show and says what was pressed (`core.ports.Face`).

`open_face` is the only door. pygame is imported there, not before. One thread owns the face; `frame` is called by
the loop as often as it likes, draws at most 30 times a second and only when something changed or moves, and always
returns at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.events import Event, Pressed
from core.ports import Clock, Preview
from core.screens import Facts, Screen
from core.wire.panel import Button
from core.words import LANGS, WORDS
from ui.captions import Caption
from ui.finger import Finger
from ui.focus import Focus
from ui.header import HELP, LANGUAGE, HeaderWords
from ui.help import HELP_BACK, HELP_MS, help_screen
from ui.inputs import Down, Input, KeyHit, Moved, Uncovered, Up
from ui.layout import lay_out
from ui.marks import Layout, Moving, Orbit, Ring, Target
from ui.metrics import metrics_of
from ui.settings import Settings, check
from ui.sheet import Sheet
from ui.spoken import spoken

if TYPE_CHECKING:
    import pygame

    from ui.canvas import Canvas
    from ui.glass import Glass

FRAME_MS: Final = 33  # 30 frames a second
STILL_MS: Final = 60_000  # a screen that stood this long starts to wander against burn-in


class TillFace:
    """See `open_face`. `revision` counts the screens shown, help included; `screen` is what stands now."""

    def __init__(self, settings: Settings, clock: Clock, canvas: Canvas, glass: Glass) -> None:
        self._settings = settings
        self._clock = clock
        self._canvas = canvas
        self._glass = glass
        self._metrics = canvas.metrics
        self._finger = Finger(self._metrics.touch)
        self._focus = Focus()
        self._lang = settings.lang
        self._shown: Screen | None = None
        self._helping_since: int | None = None
        self._layout: Layout | None = None
        self._first_row: int | None = None
        self._clock_text = ""
        self._drawn_ms: int | None = None
        self._shown_ms = 0
        self._touched_ms = 0
        self._told_settled = True
        self.revision = 0

    # -- what the loop tells ------------------------------------------------------------------------------

    @property
    def screen(self) -> Screen | None:
        """The screen that is visible, the help page included."""
        if self._helping_since is not None:
            return help_screen()
        return self._shown

    @property
    def lang(self) -> str:
        return self._lang

    @property
    def layout(self) -> Layout | None:
        """Where everything stands; for tests and for a bench that wants to touch a button by its name."""
        return self._layout

    def show(self, screen: Screen, lang: str) -> None:
        """Make this the screen from the next frame on. The same screen again changes nothing but a countdown."""
        assert lang in LANGS, f"{lang} is not a language of the catalogue"
        counting = self._layout is not None and any(isinstance(mark, Ring) for mark in self._layout.placed.marks)
        if screen == self._shown and lang == self._lang and not counting:
            return
        another, before = self._shown is None or screen.name != self._shown.name, self._shown
        if screen != self._shown or lang == self._lang:  # a screen told in another language goes on counting
            self._shown_ms = self._clock.monotonic_ms()
        self._shown, self._lang = screen, lang
        if another or not _only_facts_differ(screen, before):
            self._helping_since = None
        self.revision += 1
        self._arrange(another)

    def stand_in(self, place: str, utc_offset_minutes: int) -> None:
        """Once the device has its place in the world: the header names the shop and tells its time."""
        self._settings = replace(self._settings, place=place, utc_offset_minutes=utc_offset_minutes)
        if self._shown is not None:
            self._arrange(False)

    def preview(self, picture: Preview) -> None:
        """The newest camera picture; ignored by a screen without a viewfinder, so that none is kept."""
        hint = WORDS[picture.hint][LANGS.index(self._lang)] if picture.hint in WORDS else ""
        self._canvas.preview(picture, hint)

    def lines(self) -> tuple[int, ...]:
        """File descriptors that can be read when somebody touched the screen; none when it has to be asked."""
        return self._glass.lines()

    def frame(self) -> tuple[Event, ...]:
        """Hear what was done, draw what changed, return what was pressed.

        What was pressed is told before it is drawn: its answer is mostly another screen, and the next call draws that.
        """
        now = self._clock.monotonic_ms()
        events: list[Event] = []
        for done in self._glass.inputs():
            action = self._hear(now, done)
            if action == HELP and self._settings.help:
                self._open_help(now)
            elif action == HELP_BACK:
                self._close_help()
            elif action is not None:
                events.append(Pressed(action))
        if events:
            return tuple(events)
        if self._helping_since is not None and now - self._helping_since >= HELP_MS:
            self._close_help()
        if self._time_text() != self._clock_text:
            self._arrange(False)
        self._draw(now)
        self._glass.pump(now)
        return ()

    def close(self) -> None:
        """Wipe the pixels and let go of the glass."""
        self._canvas.wipe()
        self._glass.present((self._glass.surface.get_rect(),))
        self._glass.close()

    # -- pictures for people who look, and for tests ---------------------------------------------------------

    def picture(self) -> pygame.Surface:
        """The screen as it stands when nothing is moving in or out."""
        return self._canvas.settled(self._clock.monotonic_ms())

    def save_png(self, path: Path) -> None:
        import pygame

        pygame.image.save(self.picture(), str(path))

    # -- inside ---------------------------------------------------------------------------------------------

    def _time_text(self) -> str:
        return self._clock.now().local(self._settings.utc_offset_minutes)[11:16]

    def _arrange(self, another: bool) -> None:
        """Lay the visible screen out anew. `another`: it is a different one, not the same with new contents."""
        screen = self.screen
        if screen is None:
            return
        now = self._clock.monotonic_ms()
        self._clock_text = self._time_text()
        words = HeaderWords(
            self._settings.place,
            self._clock_text,
            self._settings.languages and self._helping_since is None,
            self._settings.help and self._helping_since is None,
        )
        if another:
            self._first_row = None
            self._canvas.fonts.forget()
        sheet = Sheet(self._metrics, self._canvas.fonts, self._lang, self._first_row)
        self._layout = lay_out(sheet, screen, words)
        targets = self._layout.placed.targets
        if another:
            self._finger.screen_changed(now)
            self._focus.screen_changed(now)
            self._touched_ms = now
        else:
            self._finger.redrawn(targets)
            self._focus.redrawn(targets)
        self._canvas.arrive(self._layout, now, self._shown_ms, another)
        self._tell(not self._canvas.arriving)

    def _tell(self, settled: bool) -> None:
        """Say what the pixels mean to a glass that passes it on."""
        screen = self.screen
        assert screen is not None
        assert self._layout is not None
        buttons = tuple(Button(t.action, t.label, *t.hit.centre) for t in self._layout.placed.targets)
        lines = tuple(line.text for line in spoken(screen, self._lang))
        self._glass.tell(Caption(screen.name, self.revision, self._lang, lines, buttons, settled))
        self._told_settled = settled

    def _open_help(self, now: int) -> None:
        self._helping_since = now
        self.revision += 1
        self._arrange(True)

    def _close_help(self) -> None:
        self._helping_since = None
        self.revision += 1
        self._arrange(True)

    def _hear(self, now: int, done: Input) -> str | None:
        """The action an input presses, or None."""
        if isinstance(done, Uncovered):
            self._canvas.again()
            return None
        if self._layout is None:
            return None
        self._touched_ms = now
        placed = self._layout.placed
        match done:
            case Down(x, y):
                self._focus.at = ""
                self._finger.down(now, x, y, placed.targets, placed.scroll)
            case Moved(x, y):
                row = self._finger.moved(x, y, placed.scroll)
                if row is not None:
                    self._scroll_to(row)
            case Up(x, y):
                return self._finger.up(now, x, y)
            case KeyHit(name):
                if name in ("page_up", "page_down"):
                    self._page(-1 if name == "page_up" else 1)
                    return None
                return self._focus.key(now, name, placed.targets)
        return None

    def _page(self, by: int) -> None:
        scroll = self._layout.placed.scroll if self._layout is not None else None
        if scroll is not None:
            rows = max(1, scroll.box.h // max(1, scroll.row_px) - 1)
            self._scroll_to(max(0, min(scroll.first + by * rows, scroll.last_first)))

    def _scroll_to(self, row: int) -> None:
        self._first_row = row
        self._arrange(False)

    def _draw(self, now: int) -> None:
        if self._layout is None:
            return
        if self._drawn_ms is not None and now - self._drawn_ms < FRAME_MS and not self._canvas.arriving_unseen:
            return
        wander = max(0, now - self._touched_ms - STILL_MS)
        minute = 1 + wander // 60_000 if now - self._touched_ms >= STILL_MS else 0
        changed = self._canvas.draw(now, self._finger.pressed, self._focused(), minute)
        if changed:
            self._drawn_ms = now
            if not self._told_settled and not self._canvas.arriving:
                self._tell(True)
            self._glass.present(changed)

    def _focused(self) -> Target | None:
        assert self._layout is not None
        return next((target for target in self._layout.placed.targets if target.action == self._focus.at), None)


def open_face(settings: Settings, clock: Clock) -> TillFace:
    """Open the screen. Raises `ScreenRefused` (TM-SCR-nnn) when it cannot be as the settings ask."""
    check(settings)
    import os

    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if settings.mode in ("headless", "panel"):
        # No display is opened, and none would be found: a library that asks SDL for one gets the one without pixels.
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    from ui.canvas import Canvas
    from ui.fonts import Fonts
    from ui.glass import Display, Memory

    metrics = metrics_of(settings)
    fonts = Fonts(settings)
    glass: Glass
    if settings.mode == "panel":
        from ui.panel import PanelGlass

        glass = PanelGlass(settings)
    elif settings.mode == "headless":
        glass = Memory(settings)
    else:
        glass = Display(settings)
    return TillFace(settings, clock, Canvas(settings, metrics, fonts, glass.surface), glass)


__all__ = ["HELP", "LANGUAGE", "Moving", "Orbit", "TillFace", "open_face"]


def _only_facts_differ(screen: Screen, before: Screen | None) -> bool:
    """A figure beside the way has moved, such as a price: nobody who reads the help page is called back for it."""

    def rest(one: Screen) -> Screen:
        return replace(one, blocks=tuple(block for block in one.blocks if not isinstance(block, Facts)))

    return before is not None and rest(screen) == rest(before)
