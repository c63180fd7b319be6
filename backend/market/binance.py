"""Venues that speak like Binance: ``BTCKRW`` symbols, best bid and ask over WebSocket and REST.

Stream: ``/stream?streams=btckrw@bookTicker``, combined frames ``{"stream", "data": {u, s, b, B, a, A}}``; it speaks
only when the book changes and names no time. REST: ``/api/v3/ticker/bookTicker``. Source: the exchange's public Spot
API, sections "Individual Symbol Book Ticker Streams" and "Symbol order book ticker".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.market.rules import BadPrice, Pair
from backend.market.venue import Heard, nothing_known, quoted, read_json
from core.faults.market import PRICE_NOT_A_NUMBER


class Binance:
    """`rest` and `stream` are base addresses, without a slash at the end."""

    def __init__(self, rest: str, stream: str, pairs: Sequence[Pair]) -> None:
        self._rest = rest
        self._stream = stream
        self._pairs = {f"{pair.coin.code}{pair.fiat.code}": pair for pair in pairs}

    def stream(self) -> tuple[str, str]:
        names = "/".join(f"{symbol.lower()}@bookTicker" for symbol in self._pairs)
        return f"{self._stream}/stream?streams={names}", ""

    def heard(self, message: str) -> list[Heard]:
        try:
            said = read_json(message)
            data = said.get("data") if isinstance(said, dict) else None
            if not isinstance(data, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "a frame without data")
            return self._ticker(data, "s", "b", "a")
        except BadPrice as error:
            return nothing_known(error)

    def polls(self) -> Sequence[str]:
        return [f"{self._rest}/api/v3/ticker/bookTicker?symbol={symbol}" for symbol in self._pairs]

    def polled(self, body: str) -> list[Heard]:
        try:
            said = read_json(body)
            if not isinstance(said, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "an answer that is no object")
            return self._ticker(said, "symbol", "bidPrice", "askPrice")
        except BadPrice as error:
            return nothing_known(error)

    def _ticker(self, data: dict[str, Any], name: str, bid: str, ask: str) -> list[Heard]:
        pair = self._pairs.get(data.get(name, ""))
        return [] if pair is None else [quoted(pair, data.get(bid), data.get(ask), None)]
