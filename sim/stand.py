"""One place of the live demo where a person stands: a device's screen, its camera and reader, and its paper."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sim.live.world import CannotDo, Frame, Switch
from sim.peers.camera import BadOrder
from sim.peers.nfc_phone import Phone
from sim.peers.panel import PanelGone
from sim.peers.printer_engine import Fault
from sim.world import World

TAP_MS: Final = 1_500
HELD_S: Final = 6.0  # a phone held to the camera is taken away again, as an arm gets tired


@dataclass(frozen=True, slots=True)
class Mishap:
    """How one thing is broken and mended."""

    make: Callable[[], object]
    mend: Callable[[], object]


class Stand:
    """`sim.live.world.Stand` over a terminal of the world. Thread-safe: the page's threads come in as they like."""

    def __init__(self, world: World, phone: Phone) -> None:
        self._world = world
        self.phone = phone
        self._lock = threading.Lock()
        self._on: set[str] = set()
        self._mishaps = self.switchboard()
        self._arm: threading.Timer | None = None

    # -- the device's screen ---------------------------------------------------------------------------

    def frame(self, after: int, timeout_s: float) -> Frame | None:
        number, shown = self._world.panel.newer(after, timeout_s)
        if shown is None or number <= after:
            return None
        return Frame(number, shown.width, shown.height, shown.picture, shown.name, shown.spoken)

    def finger(self, phase: int, x: int, y: int) -> None:
        try:
            self._world.panel.finger(phase, x, y)
        except PanelGone as gone:
            raise CannotDo(str(gone)) from None

    def key(self, name: str) -> None:
        try:
            self._world.panel.key(name)
        except PanelGone as gone:
            raise CannotDo(str(gone)) from None

    # -- camera and reader -------------------------------------------------------------------------------

    def show_code(self, text: str, symbology: str, kind: str) -> None:
        try:
            self._world.camera.show(text, symbology, kind)
        except BadOrder as bad:
            raise CannotDo(str(bad)) from None
        with self._lock:
            if self._arm is not None:
                self._arm.cancel()
            self._arm = threading.Timer(HELD_S, self._world.camera.clear)
            self._arm.daemon = True
            self._arm.start()

    def take_away(self) -> None:
        self._world.camera.clear()

    def tap(self, code: str) -> None:
        self._world.nfc.field.tap(self.phone, hold_ms=TAP_MS)

    # -- paper -------------------------------------------------------------------------------------------

    def paper_count(self) -> int:
        return len(self._world.printer.papers)

    def paper(self, number: int) -> bytes:
        papers = self._world.printer.papers
        if not 1 <= number <= len(papers):
            raise CannotDo("there is no such paper")
        return papers[number - 1].png()

    # -- what can go wrong -------------------------------------------------------------------------------

    def switches(self) -> tuple[Switch, ...]:
        with self._lock:
            return tuple(Switch(name, name in self._on) for name in self._mishaps)

    def set_fault(self, name: str, on: bool) -> None:
        with self._lock:
            if name not in self._mishaps:
                raise CannotDo("there is no such switch")
            if on == (name in self._on):
                return
            (self._mishaps[name].make if on else self._mishaps[name].mend)()
            self._on ^= {name}

    def switchboard(self) -> dict[str, Mishap]:
        world = self._world
        return {
            "paper_out": Mishap(lambda: world.printer.inject(Fault.PAPER_OUT), world.printer.load_roll),
            "cover_open": Mishap(
                lambda: world.printer.inject(Fault.COVER_OPEN), lambda: world.printer.mend(Fault.COVER_OPEN)
            ),
            "camera_unplugged": Mishap(lambda: world.camera.fault("unplug"), lambda: world.camera.fault("none")),
            "nfc_unplugged": Mishap(world.nfc.unplug, world.nfc.plug),
        }
