"""What has been heard of each terminal, in memory: written by the broker's thread, read by everybody's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from backend.http.callers import Now
from backend.telemetry.rules import ROOT, Seen, after, meaning, presence
from backend.terminals.presence import Presence

MESSAGES_MAX: Final = 50  # of one terminal in one second; a busy terminal has a handful. More is not even read.
TERMINALS_MAX: Final = 20_000  # of one exchange, about 2 KB each


class Watch:
    """Only terminals that are `known` are listened to, so strangers cannot fill the memory."""

    def __init__(self, now: Now, monotonic_ms: Callable[[], int]) -> None:
        self._now = now
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._second = 0
        self._counts: dict[str, int] = {}
        self._unwritten: dict[str, int] = {}
        self._clear = False

    def know(self, terminals: Iterable[str]) -> None:
        with self._lock:
            for terminal in terminals:
                if len(self._seen) < TERMINALS_MAX:
                    self._seen.setdefault(terminal, Seen())

    def forget(self, terminal: str) -> None:
        with self._lock:
            self._seen.pop(terminal, None)
            self._unwritten.pop(terminal, None)

    def heard(self, topic: str, payload: bytes, *, kept: bool) -> None:
        """A message came in; anything odd is nothing."""
        terminal = topic.removeprefix(ROOT).partition("/")[0]
        with self._lock:
            seen = self._seen.get(terminal)
            if seen is None or self._is_flood(terminal):
                return
            message = meaning(topic, payload)
            if message is None:
                return
            at = self._now()
            self._seen[terminal] = after(seen, message, at, self._monotonic_ms(), kept=kept)
            if not kept and message.kind == "heartbeat":
                self._unwritten[terminal] = at.ms

    def clear_view(self, clear: bool) -> None:
        """Whether there is a broker to hear by. Without one nothing is known of anybody's present."""
        self._clear = clear

    def look(self, terminal: str) -> Presence:
        """Unknown while the broker is away, and of a terminal that was not heard since the start."""
        with self._lock:
            seen = self._seen.get(terminal)
        if seen is None or not seen.told:
            return Presence()
        now = presence(seen, self._monotonic_ms())
        return now if self._clear else Presence(heard_at=now.heard_at, devices=now.devices, fault=now.fault)

    def take_unwritten(self) -> dict[str, int]:
        """When terminals were last heard of (ms), each told once."""
        with self._lock:
            taken, self._unwritten = self._unwritten, {}
        return taken

    def _is_flood(self, terminal: str) -> bool:
        second = self._monotonic_ms() // 1000
        if second != self._second:
            self._second, self._counts = second, {}
        self._counts[terminal] = self._counts.get(terminal, 0) + 1
        return self._counts[terminal] > MESSAGES_MAX
