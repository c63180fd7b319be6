"""The price board: where venue threads put what they read, and where everybody else takes a snapshot.

Putting replaces a small immutable mapping under a lock; a snapshot is one reference. So neither a venue that floods
nor one that hangs is ever waited for by the writer of the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from backend.market.rules import Bands, Board, Pair, Reading, Standing, admit, distrust
from core.faults import Entry


class PriceBoard:
    """`pairs` are what is traded here; readings of anything else are dropped. `monotonic_ms` never goes back."""

    def __init__(self, pairs: Iterable[Pair], bands: Bands, monotonic_ms: Callable[[], int]) -> None:
        self.bands = bands
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._standings: Mapping[Pair, Mapping[str, Standing]] = {pair: {} for pair in pairs}

    def offer(self, reading: Reading) -> None:
        """A venue read a price."""
        self._put(reading.pair, reading.source, lambda known: admit(known, reading, self.bands))

    def distrust(self, source: str, pair: Pair, page: Entry) -> None:
        """A venue read nonsense for `pair`."""
        self._put(pair, source, lambda _: distrust(page))

    def snapshot(self) -> Board:
        return Board(self._standings, self._monotonic_ms(), self.bands)

    def _put(self, pair: Pair, source: str, judge: Callable[[Mapping[str, Standing]], Standing]) -> None:
        with self._lock:
            known = self._standings.get(pair)
            if known is not None:
                self._standings = {**self._standings, pair: {**known, source: judge(known)}}
