"""Timers on the monotonic clock: a few names, each with a moment to fire."""

from __future__ import annotations

from core.events import TimerFired
from core.ports import Clock

TIMERS_MAX = 16  # names, not timers: steps use fewer than six


class Timers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, int] = {}

    def start(self, name: str, ms: int) -> None:
        """(Re)start: the same name fires once, `ms` from now."""
        assert len(self._due) < TIMERS_MAX or name in self._due, "too many timers"
        self._due[name] = self._clock.monotonic_ms() + ms

    def stop(self, name: str) -> None:
        self._due.pop(name, None)

    def clear(self) -> None:
        self._due.clear()

    def fired(self) -> TimerFired | None:
        """The timer that is most overdue, once; None when none is."""
        now = self._clock.monotonic_ms()
        name = min(self._due, key=lambda each: self._due[each], default="")
        if not name or self._due[name] > now:
            return None
        del self._due[name]
        return TimerFired(name)

    def wait_ms(self, most: int) -> int:
        """How long nothing will fire, at most `most`."""
        now = self._clock.monotonic_ms()
        return max(0, min([most, *(due - now for due in self._due.values())]))
