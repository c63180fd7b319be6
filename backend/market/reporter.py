"""What a venue's thread says: prices and nonsense to the board, comings and goings to the log."""

from __future__ import annotations

from collections.abc import Callable

from backend.market.board import PriceBoard
from backend.market.rules import Pair, Reading
from backend.market.venue import Heard, Nonsense, Quoted
from core.faults.market import VENUE_LOST
from core.moment import Moment
from core.ports import Log


class Reporter:
    """One venue's voice. `state` is for pages: ``starting | live | polling | lost``."""

    def __init__(
        self,
        name: str,
        pairs: tuple[Pair, ...],
        board: PriceBoard,
        *,
        now: Callable[[], Moment],
        monotonic_ms: Callable[[], int],
        log: Log,
    ) -> None:
        self.name = name
        self.state = "starting"
        self.monotonic_ms = monotonic_ms
        self._pairs = pairs
        self._board = board
        self._now = now
        self._log = log

    def take(self, heard: list[Heard], state: str) -> None:
        """What was heard just now, by a line that is in `state`."""
        for one in heard:
            match one:
                case Quoted(pair, bid, ask, at_ms, last):
                    now, seen_ms = self._now(), self.monotonic_ms()
                    self._board.offer(Reading(self.name, pair, bid, ask, at_ms, now, seen_ms, last))
                case Nonsense(pair, page, detail):
                    self._log.warning("venue_nonsense", venue=self.name, code=page.code, detail=detail[:120])
                    for each in self._pairs if pair is None else (pair,):
                        self._board.distrust(self.name, each, page)
        if heard and self.state != state:
            if self.state == "lost":
                self._log.info("venue_back", venue=self.name)
            self.state = state

    def lost(self, error: Exception) -> None:
        """Say it once, not at every attempt."""
        if self.state != "lost":
            self._log.warning("venue_lost", venue=self.name, code=VENUE_LOST.code, detail=str(error)[:120])
            self.state = "lost"
