"""Prices for the eye: the newest tick of each pair, kept for the idle screen and used for nothing else.

The broker's thread puts, the loop looks. A tick is a stranger's text; one that is odd, old or in another currency is
no tick. No sale ever comes here: it asks the exchange.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from core.asset import Asset
from core.codec import BadMessage, from_plain
from core.messages import WireMoney
from core.moment import BadMoment, Moment
from core.ports import Clock
from core.rate import Rate

OLD_MS: Final = 5_000  # an older price would be a wrong one to somebody who looks at it
LINE_MAX: Final = 48  # characters; ten of a coin, fifteen digits and their commas, and the fiat
PAIRS_MAX: Final = 32  # more coins than an exchange trades in one currency


@dataclass(frozen=True, slots=True)
class _Tick:
    """`seen_ms` monotonic. `rank` orders the coins: the first is shown."""

    rank: int
    pair: str
    line: str
    at: Moment
    seen_ms: int


class PriceSlot:
    def __init__(self, fiat: Asset, clock: Clock) -> None:
        self._fiat = fiat
        self._clock = clock
        self._lock = threading.Lock()
        self._ticks: dict[str, _Tick] = {}

    def put(self, pair: str, tick: dict[str, object]) -> None:
        """The newest said of `pair` (``TIL-KRW``). What is no price takes the one before it away."""
        read = self._read(pair, tick)
        with self._lock:
            if read is None:
                self._ticks.pop(pair, None)
            elif pair in self._ticks or len(self._ticks) < PAIRS_MAX:
                self._ticks[pair] = read

    def line(self) -> str:
        """``1 TIL = 10,000 KRW`` of the exchange's first coin that has a price now, or ""."""
        at, now_ms = self._clock.now(), self._clock.monotonic_ms()
        with self._lock:
            ticks = tuple(self._ticks.values())
        fresh = [tick for tick in ticks if abs(at.since(tick.at)) <= OLD_MS and now_ms - tick.seen_ms <= OLD_MS]
        return min(fresh, key=lambda tick: (tick.rank, tick.pair)).line if fresh else ""

    def _read(self, pair: str, tick: dict[str, object]) -> _Tick | None:
        coin, _, fiat = pair.partition("-")
        at, rank = tick.get("at"), tick.get("rank")
        if fiat != self._fiat.code or type(at) is not str or type(rank) is not int:
            return None
        try:
            price = from_plain(WireMoney, tick.get("bid")).money()
            moment = Moment.parse(at)
            line = str(Rate(Asset(coin, 0), price))
        except (BadMessage, BadMoment, ValueError):
            return None
        if price.asset != self._fiat or len(line) > LINE_MAX:
            return None
        return _Tick(rank, pair, line, moment, self._clock.monotonic_ms())
