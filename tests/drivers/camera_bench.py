"""What the camera's tests share: a clock by hand, a kit that keeps what it is told, and a bounded pump."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.events import CodeScanned, DeviceStateChanged, Event
from core.moment import Moment
from core.ports import Driver, Kit, Preview

DEADLINE_S = 30.0  # for a busy machine; nothing here takes more than half a second on a free one


class RealClock:
    def now(self) -> Moment:
        return Moment(int(time.time() * 1000))

    def monotonic_ms(self) -> int:
        return int(time.monotonic() * 1000)


class NoLog:
    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None: ...


@dataclass
class Ear:
    """Keeps events and pictures; makes the kit."""

    events: list[Event] = field(default_factory=list)
    pictures: list[Preview] = field(default_factory=list)

    def kit(self) -> Kit:
        return Kit("camera", RealClock(), NoLog(), self.events.append, self.pictures.append)

    def scanned(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, CodeScanned)]

    def states(self) -> list[tuple[str, str]]:
        return [(event.health.value, event.code) for event in self.events if isinstance(event, DeviceStateChanged)]


def pump_until(driver: Driver, done: Callable[[], bool]) -> None:
    """Pump until `done`; fails at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < deadline, "the driver did not get there in time"
        driver.pump()
