"""Venues that speak like Binance: ``BTCKRW`` symbols, best bid and ask over WebSocket and REST.

Stream: ``/stream?streams=btckrw@bookTicker/btckrw@trade``, combined frames ``{"stream", "data": {u, s, b, B, a, A}}``
and ``{"e": "trade", s, p, ...}``; it speaks only when the book changes, and the book names no time. REST:
``/api/v3/ticker/bookTicker`` and ``/api/v3/ticker/price`` (the last trade). Source: the exchange's public Spot API,
"Individual Symbol Book Ticker Streams", "Trade Streams", "Symbol order book ticker", "Symbol price ticker".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.market.rules import BadPrice, Pair
from backend.market.venue import Heard, nothing_known, quoted, read_json
from core.faults.market import PRICE_NOT_A_NUMBER


class Binance:
    """`rest` and `stream` are base addresses, without a slash at the end. Keeps each pair's last trade as told in the
    present conversation, to stand beside the next book."""

    def __init__(self, rest: str, stream: str, pairs: Sequence[Pair]) -> None:
        self._rest = rest
        self._stream = stream
        self._pairs = {f"{pair.coin.code}{pair.fiat.code}": pair for pair in pairs}
        self._last: dict[Pair, object] = {}

    def stream(self) -> tuple[str, str]:
        self._last.clear()
        names = "/".join(f"{symbol.lower()}@{what}" for symbol in self._pairs for what in ("bookTicker", "trade"))
        return f"{self._stream}/stream?streams={names}", ""

    def heard(self, message: str) -> list[Heard]:
        try:
            said = read_json(message)
            data = said.get("data") if isinstance(said, dict) else None
            if not isinstance(data, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "a frame without data")
            return self._traded(data, "s", "p") if data.get("e") == "trade" else self._ticker(data, "s", "b", "a")
        except BadPrice as error:
            return nothing_known(error)

    def polls(self) -> Sequence[str]:
        ticker = f"{self._rest}/api/v3/ticker"
        return [f"{ticker}/{what}?symbol={symbol}" for symbol in self._pairs for what in ("price", "bookTicker")]

    def polled(self, body: str) -> list[Heard]:
        try:
            said = read_json(body)
            if not isinstance(said, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "an answer that is no object")
            if "price" in said:
                return self._traded(said, "symbol", "price")
            return self._ticker(said, "symbol", "bidPrice", "askPrice")
        except BadPrice as error:
            return nothing_known(error)

    def _ticker(self, data: dict[str, Any], name: str, bid: str, ask: str) -> list[Heard]:
        pair = self._pairs.get(data.get(name, ""))
        return [] if pair is None else [quoted(pair, data.get(bid), data.get(ask), None, self._last.get(pair))]

    def _traded(self, data: dict[str, Any], name: str, price: str) -> list[Heard]:
        pair = self._pairs.get(data.get(name, ""))
        if pair is not None:
            self._last[pair] = data.get(price)
        return []
