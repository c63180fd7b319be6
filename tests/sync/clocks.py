"""A clock that stands still until it is told to go, and a log that keeps its lines."""

from __future__ import annotations

import time

from core.moment import Moment


class HandClock:
    """Wall and monotonic time, moved by hand."""

    def __init__(self, wall_ms: int = 1_780_000_000_000, monotonic_ms: int = 5_000) -> None:
        self.wall_ms = wall_ms
        self.mono_ms = monotonic_ms

    def now(self) -> Moment:
        return Moment(self.wall_ms)

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def run(self, ms: int) -> None:
        self.wall_ms += ms
        self.mono_ms += ms


class RealClock:
    """The machine's own; `ahead_ms` sets its wall clock wrong."""

    def __init__(self, ahead_ms: int = 0) -> None:
        self.ahead_ms = ahead_ms

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000 + self.ahead_ms)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class Lines:
    """A log in memory: (level, event, fields)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append(("warning", event, fields))

    def error(self, event: str, **fields: object) -> None:
        self.lines.append(("error", event, fields))

    def named(self, event: str) -> list[dict[str, object]]:
        return [fields for _, name, fields in self.lines if name == event]
