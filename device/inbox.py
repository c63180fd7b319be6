"""The inbox: the one bounded queue through which the outside reaches the loop."""

from __future__ import annotations

import queue

from core.events import Event
from core.ports import Log

SIZE = 256  # many times what readers, line and printer can say in one frame; more means the loop stands still
PUT_TIMEOUT_S = 2.0  # a worker waits this long for a stuck loop before its news is dropped, with a log line


class Inbox:
    """Threads put, the loop takes. Order is kept; a full inbox makes workers wait, then drop, never grow."""

    def __init__(self, log: Log) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(SIZE)
        self._log = log

    def put(self, event: Event) -> None:
        try:
            self._queue.put(event, timeout=PUT_TIMEOUT_S)
        except queue.Full:
            self._log.error("inbox_full", dropped=type(event).__name__)

    def take(self, wait_ms: int) -> Event | None:
        """The next event, waiting at most `wait_ms`; None when there is none."""
        try:
            return self._queue.get(timeout=wait_ms / 1000) if wait_ms > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None
