"""A venue that has no stream here and is asked again and again: the thread that keeps its prices on the board."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

from backend.market.reporter import Reporter
from backend.market.venue import Heard

EVERY_S = 1.0  # a third of the time after which a price is stale: two rounds may fail before selling stops
PAUSE_MIN_S, PAUSE_MAX_S = 0.25, 5.0  # after a round: never without a breath, and no burden on a venue that is down


class Asked(Protocol):
    """One venue, for the pairs it was opened for."""

    def ask(self) -> Iterator[Heard]:
        """One round of questions; each answer as it comes. Raises `OSError` when the venue cannot be reached."""
        ...

    def close(self) -> None: ...


class Asking:
    """Made stopped; `start` once, `close` once. `ending` is shared with the venue, whose pauses end with it."""

    def __init__(self, venue: Asked, reporter: Reporter, ending: threading.Event, *, every_s: float = EVERY_S) -> None:
        self.name = reporter.name
        self._venue = venue
        self._reporter = reporter
        self._ending = ending
        self._every_s = every_s
        self._thread = threading.Thread(target=self._run, name=f"venue-{self.name}", daemon=True)

    @property
    def state(self) -> str:
        return self._reporter.state

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread; at most a few seconds, where an answer is being waited for."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._venue.close()

    def _run(self) -> None:
        pause_s = PAUSE_MIN_S
        while not self._ending.is_set():
            began = self._reporter.monotonic_ms()
            try:
                for heard in self._venue.ask():
                    self._reporter.take([heard], "polling")
                pause_s = PAUSE_MIN_S
                passed_s = (self._reporter.monotonic_ms() - began) / 1000
                self._ending.wait(max(PAUSE_MIN_S, self._every_s - passed_s))
            except OSError as error:
                if self._ending.is_set():
                    break
                self._reporter.lost(error)
                self._ending.wait(pause_s)
                pause_s = min(pause_s * 2, PAUSE_MAX_S)
