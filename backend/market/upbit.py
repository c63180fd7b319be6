"""Venues that speak like Upbit: ``KRW-BTC`` codes, an order book over WebSocket and REST.

Stream: one JSON list subscribes (ticket, type, codes); frames are JSON, sent as binary. REST: ``/v1/orderbook`` and
``/v1/ticker`` (the last trade). Source: the exchange's public Quotation API, "Orderbook", "Ticker" and "WebSocket".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from backend.market.rules import BadPrice, Pair
from backend.market.venue import Heard, nothing_known, quoted, read_json
from core.faults.market import PRICE_NOT_A_NUMBER


class Upbit:
    """`rest` and `stream` are base addresses, without a slash at the end. Keeps each pair's last trade as told in the
    present conversation, to stand beside the next book."""

    def __init__(self, rest: str, stream: str, pairs: Sequence[Pair]) -> None:
        self._rest = rest
        self._stream = stream
        self._pairs = {f"{pair.fiat.code}-{pair.coin.code}": pair for pair in pairs}
        self._last: dict[Pair, object] = {}

    def stream(self) -> tuple[str, str]:
        self._last.clear()
        codes = list(self._pairs)
        wanted = [{"type": "orderbook", "codes": codes}, {"type": "ticker", "codes": codes}]
        ask = [{"ticket": "tillmark"}, *wanted, {"format": "DEFAULT"}]
        return f"{self._stream}/websocket/v1", json.dumps(ask)

    def heard(self, message: str) -> list[Heard]:
        try:
            said = read_json(message)
            if not isinstance(said, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "a frame that is no object")
            match said.get("type"):
                case "orderbook":
                    return self._book(said, "code")
                case "ticker":
                    self._traded(said, "code")
            return []
        except BadPrice as error:
            return nothing_known(error)

    def polls(self) -> Sequence[str]:
        codes = ",".join(self._pairs)
        return [f"{self._rest}/v1/{what}?markets={codes}" for what in ("ticker", "orderbook")]

    def polled(self, body: str) -> list[Heard]:
        try:
            said = read_json(body)
            if not isinstance(said, list):
                raise BadPrice(PRICE_NOT_A_NUMBER, "an answer that is no list")
            found: list[Heard] = []
            for one in said:
                if isinstance(one, dict) and "trade_price" in one:
                    self._traded(one, "market")
                elif isinstance(one, dict):
                    found += self._book(one, "market")
            return found
        except BadPrice as error:
            return nothing_known(error)

    def _book(self, book: dict[str, Any], name: str) -> list[Heard]:
        pair = self._pairs.get(book.get(name, ""))
        if pair is None:
            return []
        units = book.get("orderbook_units")
        best = units[0] if isinstance(units, list) and units and isinstance(units[0], dict) else {}
        last = self._last.get(pair)
        return [quoted(pair, best.get("bid_price"), best.get("ask_price"), book.get("timestamp"), last)]

    def _traded(self, ticker: dict[str, Any], name: str) -> None:
        pair = self._pairs.get(ticker.get(name, ""))
        if pair is not None:
            self._last[pair] = ticker.get("trade_price")
