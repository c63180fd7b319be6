"""Venues that speak like Upbit: ``KRW-BTC`` codes, an order book over WebSocket and REST.

Stream: one JSON list subscribes (ticket, type, codes); frames are JSON, sent as binary. REST: ``/v1/orderbook``.
Source: the exchange's public Quotation API, sections "Orderbook" and "WebSocket".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from backend.market.rules import BadPrice, Pair
from backend.market.venue import Heard, nothing_known, quoted, read_json
from core.faults.market import PRICE_NOT_A_NUMBER


class Upbit:
    """`rest` and `stream` are base addresses, without a slash at the end."""

    def __init__(self, rest: str, stream: str, pairs: Sequence[Pair]) -> None:
        self._rest = rest
        self._stream = stream
        self._pairs = {f"{pair.fiat.code}-{pair.coin.code}": pair for pair in pairs}

    def stream(self) -> tuple[str, str]:
        ask = [{"ticket": "tillmark"}, {"type": "orderbook", "codes": list(self._pairs)}, {"format": "DEFAULT"}]
        return f"{self._stream}/websocket/v1", json.dumps(ask)

    def heard(self, message: str) -> list[Heard]:
        try:
            said = read_json(message)
            if not isinstance(said, dict):
                raise BadPrice(PRICE_NOT_A_NUMBER, "a frame that is no object")
            return self._book(said, "code") if said.get("type") == "orderbook" else []
        except BadPrice as error:
            return nothing_known(error)

    def polls(self) -> Sequence[str]:
        return [f"{self._rest}/v1/orderbook?markets={','.join(self._pairs)}"]

    def polled(self, body: str) -> list[Heard]:
        try:
            said = read_json(body)
            if not isinstance(said, list):
                raise BadPrice(PRICE_NOT_A_NUMBER, "an answer that is no list")
            return [heard for book in said if isinstance(book, dict) for heard in self._book(book, "market")]
        except BadPrice as error:
            return nothing_known(error)

    def _book(self, book: dict[str, Any], name: str) -> list[Heard]:
        pair = self._pairs.get(book.get(name, ""))
        if pair is None:
            return []
        units = book.get("orderbook_units")
        best = units[0] if isinstance(units, list) and units and isinstance(units[0], dict) else {}
        return [quoted(pair, best.get("bid_price"), best.get("ask_price"), book.get("timestamp"))]
