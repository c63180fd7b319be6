"""The inbox: the one bounded queue through which the outside reaches the loop."""

from __future__ import annotations

import os
import queue
import select
import weakref
from collections.abc import Callable

from core.events import Event
from core.ports import Log

SIZE = 256  # many times what readers, line and printer can say in one frame; more means the loop stands still
PUT_TIMEOUT_S = 2.0  # a worker waits this long for a stuck loop before its news is dropped, with a log line


class Inbox:
    """Threads put, the loop takes. Order is kept; a full inbox makes workers wait, then drop, never grow."""

    def __init__(self, log: Log) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(SIZE)
        self._log = log
        self._bell = -1
        self._lines: Callable[[], tuple[int, ...]] = tuple

    def listen(self, lines: Callable[[], tuple[int, ...]]) -> None:
        """From now on a wait also ends when one of these file descriptors can be read: somebody touched the screen.

        Without it a touch would wait for the end of the frame. The loop's thread only.
        """
        if self._bell < 0:
            self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            weakref.finalize(self, os.close, self._bell)  # not before the last thread that may ring it is gone
        self._lines = lines

    def put(self, event: Event) -> None:
        try:
            self._queue.put(event, timeout=PUT_TIMEOUT_S)
        except queue.Full:
            self._log.error("inbox_full", dropped=type(event).__name__)
        if self._bell >= 0:
            os.eventfd_write(self._bell, 1)

    def take(self, wait_ms: int) -> Event | None:
        """The next event, waiting at most `wait_ms`; None when there is none, or a line it listens to has news."""
        try:
            if wait_ms > 0 and self._bell < 0:
                return self._queue.get(timeout=wait_ms / 1000)
            return self._queue.get_nowait()
        except queue.Empty:
            if wait_ms <= 0 or self._bell < 0:
                return None
        self._wait(wait_ms)
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def _wait(self, wait_ms: int) -> None:
        """Until the bell was rung, also before this wait, or a line has news. A bell rung in vain costs one turn."""
        waiting = select.poll()
        for line in (self._bell, *self._lines()):
            waiting.register(line, select.POLLIN)
        if any(line == self._bell for line, _ in waiting.poll(wait_ms)):
            os.eventfd_read(self._bell)
