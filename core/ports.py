"""Ports: what the device asks of its hands, face and line; the only shapes a driver must have.

One file ``drivers/<kind>_<model>.py`` is one driver. It offers

* ``KIND``: ``"camera" | "scanner" | "nfc" | "printer"``,
* ``Settings``: a frozen dataclass, filled strictly from the device's TOML,
* ``Host``: the sans-IO half of the conversation (bytes in, bytes out, `now_ms` handed in),
* ``open(settings, kit) -> Driver``: called in the driver's own thread; imports its library there.

A worker thread owns the driver: it calls `pump` again and again, `perform` when there is an order, and
`close` once. So a driver needs no lock. Whatever is wrong outside raises `DriverFault`; the worker then
reports the device lost, closes it and opens it again after a bounded wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.effects import Effect
from core.events import Event
from core.moment import Moment
from core.screens import Screen


class DriverFault(Exception):
    """A device cannot do its work. `code` is a catalogue code; `detail` names port and vendor code, no secret."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


class Clock(Protocol):
    """Time comes in from outside. Only the composition root knows the real one."""

    def now(self) -> Moment:
        """Wall time, healed by the exchange's; for people and signatures only."""
        ...

    def monotonic_ms(self) -> int:
        """Never goes back; for every timeout."""
        ...


class Log(Protocol):
    """Structured log lines: an event name and fields. Secrets never go in."""

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Preview:
    """One camera picture for the viewfinder: 8-bit luma, row by row, and a hint word key ("" for none)."""

    width: int
    height: int
    luma: bytes
    hint: str


@dataclass(frozen=True, slots=True)
class Kit:
    """What a driver is given: its role in the terminal, time, and where its news goes.

    `emit` may be called from the driver's thread only. `preview` keeps the newest picture, nothing else.
    """

    role: str
    clock: Clock
    log: Log
    emit: Callable[[Event], None]
    preview: Callable[[Preview], None]


class Driver(Protocol):
    """One device behind one cable, owned by one thread."""

    rest_ms: int
    """How long the worker may wait for an order between two pumps; 0 for a reader that is always looking."""

    def perform(self, order: Effect) -> None:
        """Do one order meant for this kind of device; others are ignored. Answers by `kit.emit`."""
        ...

    def pump(self) -> None:
        """One bounded turn of looking and listening: at most about 250 ms."""
        ...

    def close(self) -> None:
        """Let go of the port. Never raises."""
        ...


class Face(Protocol):
    """The screen and its touch: shows what it is told, says what was pressed."""

    def show(self, screen: Screen, lang: str) -> None:
        """Make this the screen from the next frame on."""
        ...

    def stand_in(self, place: str, utc_offset_minutes: int) -> None:
        """Name the shop and tell its time in the header."""
        ...

    def preview(self, picture: Preview) -> None:
        """The newest camera picture, for a screen that has a viewfinder."""
        ...

    def frame(self) -> tuple[Event, ...]:
        """Draw one frame if anything changed and return what was pressed since the last."""
        ...

    def close(self) -> None: ...
