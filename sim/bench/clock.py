"""Virtual time: a heap of what happens when, and a hash of everything that did.

Nothing here waits. Two things due at the same millisecond happen in the order in which they were put down, so a run
is the same every time and on every machine.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from zlib import crc32

from core.moment import Moment

START_MS = 1_700_000_000_000  # the wall clock at the beginning of every run
TRACE_LAST = 200  # lines kept for the story of a failure
Deed = Callable[[], None]
FOREVER_MS = 10**15


class VirtualClock:
    """`core.ports.Clock` on virtual time. `skew_ms` is how wrong the wall clock is; no timeout may notice it."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.skew_ms = 0
        self._heap: list[tuple[int, int, int, Deed]] = []
        self._count = 0

    def now(self) -> Moment:
        return Moment(START_MS + self.now_ms + self.skew_ms)

    def monotonic_ms(self) -> int:
        return self.now_ms

    def true_now(self) -> Moment:
        """The time at the exchange, whose clock is right."""
        return Moment(START_MS + self.now_ms)

    def at(self, when_ms: int, deed: Deed, life: int = 0) -> None:
        """`deed` at `when_ms`. `life` is an epoch (`alive` asks for it): what belongs to an older one never happens."""
        self._count += 1
        heapq.heappush(self._heap, (max(when_ms, self.now_ms), self._count, life, deed))

    def after(self, ms: int, deed: Deed, life: int = 0) -> None:
        self.at(self.now_ms + ms, deed, life)

    def next_ms(self) -> int:
        """When something is due; far away when nothing is."""
        return self._heap[0][0] if self._heap else FOREVER_MS

    def due(self) -> tuple[int, Deed] | None:
        """The next deed whose time has come, with its life."""
        if self._heap and self._heap[0][0] <= self.now_ms:
            _, _, life, deed = heapq.heappop(self._heap)
            return life, deed
        return None

    @property
    def waiting(self) -> int:
        return len(self._heap)


class Trace:
    """What happened, in order: a running hash of all of it and the last lines in words."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.hash = 0
        self.count = 0
        self.last: deque[str] = deque(maxlen=TRACE_LAST)
        self.listener: Callable[[str], None] | None = None

    def tell(self, actor: str, deed: str, what: str = "") -> None:
        """`what` holds nothing that differs from run to run (no address, no set in its own order)."""
        line = f"{self._clock.now_ms} {actor} {deed} {what}"
        self.hash = crc32(line.encode(), self.hash)
        self.count += 1
        self.last.append(line)
        if self.listener is not None:
            self.listener(line)
