"""Price ticks: when one is told, and that an old price never is."""

from __future__ import annotations

import json

from backend.market.board import PriceBoard
from backend.market.rules import Bands, Pair, Reading
from backend.telemetry.ticks import Ticks
from core.asset import BTC, KRW
from core.faults.market import PRICE_STALE
from core.moment import Moment

AT = Moment(1_780_000_000_000)
PAIR = Pair(BTC, KRW)


class Prices:
    """Two venues that agree, and a clock moved by hand."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.board = PriceBoard([PAIR], Bands(), lambda: self.now_ms)
        self.ticks = Ticks(["TIL", "BTC"])

    def read(self, bid: int) -> None:
        for source in ("one", "two"):
            self.board.offer(Reading(source, PAIR, bid, bid + 10, None, AT.plus(self.now_ms), self.now_ms))

    def due(self, after_ms: int) -> list[dict[str, object]]:
        self.now_ms += after_ms
        due = self.ticks.due(self.board.snapshot(), AT.plus(self.now_ms), self.now_ms)
        assert all(tick.topic == "tillmark/prices/BTC-KRW" for tick in due)
        return [json.loads(tick.payload) | {"lasting": tick.lasting} for tick in due]


def test_a_price_is_told_at_once_and_renewed_each_second() -> None:
    prices = Prices()
    prices.read(10_000)
    bid = {"asset": "KRW", "scale": 0, "amount": "10000"}
    told = {"bid": bid, "at": AT.rfc3339(), "rank": 1, "lasting": False}
    assert prices.due(0) == [told]
    assert prices.due(900) == []
    assert prices.due(100) == [told]


def test_a_price_that_jumps_about_is_told_a_few_times_a_second() -> None:
    prices = Prices()
    told = 0
    for step in range(100):
        prices.read(10_000 + step % 7)
        told += len(prices.due(10))
    assert 2 <= told <= 3


def test_a_refusal_is_told_once_by_its_code_and_a_price_again_after_it() -> None:
    prices = Prices()
    prices.read(10_000)
    prices.due(0)
    refused = prices.due(3_001)
    assert [(one["code"], one["lasting"]) for one in refused] == [(PRICE_STALE.code, True)]
    assert "bid" not in refused[0]
    assert prices.due(10_000) == []
    prices.read(10_000)
    assert "bid" in prices.due(10)[0]


def test_after_a_new_connection_everything_is_told_again() -> None:
    prices = Prices()
    prices.read(10_000)
    assert prices.due(0)
    prices.ticks.all_again()
    assert prices.due(1)
