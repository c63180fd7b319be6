"""Price ticks: what the board says of each pair, told when it changes and at least once a second. For windows only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, NamedTuple

from backend.market.rules import Board, Pair, Price, Side
from core.faults import Refusal
from core.messages import WireMoney
from core.moment import Moment

GAP_MS: Final = 400  # at most a few ticks of a pair in a second: more than an eye can read
AGAIN_MS: Final = 1_000  # a price that stands still is told again, so that its reader sees that it is fresh
TOPIC: Final = "tillmark/prices/"


class Tick(NamedTuple):
    """`lasting`: stays true until something else is said; a price is true for seconds only."""

    topic: str
    payload: str
    lasting: bool


class Ticks:
    """`coins` in the order in which the exchange leads them: the first is the one a terminal shows."""

    def __init__(self, coins: Sequence[str]) -> None:
        self._rank = {code: rank for rank, code in enumerate(coins)}
        self._told: dict[Pair, tuple[int, str]] = {}

    def due(self, board: Board, at: Moment, now_ms: int) -> list[Tick]:
        """The ticks to publish now. `now_ms` monotonic."""
        ticks = []
        for pair in board.standings:
            price = board.price(pair, Side.SELL)
            said = price.code if isinstance(price, Refusal) else str(price.rate)
            told_ms, told = self._told.get(pair, (now_ms - AGAIN_MS, ""))
            changed = said != told
            refused = isinstance(price, Refusal)
            if (changed and now_ms - told_ms >= GAP_MS) or (not refused and now_ms - told_ms >= AGAIN_MS):
                self._told[pair] = (now_ms, said)
                ticks.append(Tick(f"{TOPIC}{pair.coin.code}-{pair.fiat.code}", self._payload(pair, price, at), refused))
        return ticks

    def all_again(self) -> None:
        """After a new connection: the broker may have lost everything."""
        self._told.clear()

    def _payload(self, pair: Pair, price: Price | Refusal, at: Moment) -> str:
        if isinstance(price, Refusal):
            return json.dumps({"code": price.code, "at": at.rfc3339()})
        rank = self._rank.get(pair.coin.code, len(self._rank))
        return json.dumps({"bid": asdict(WireMoney.of(price.rate.price)), "at": price.at.rfc3339(), "rank": rank})
