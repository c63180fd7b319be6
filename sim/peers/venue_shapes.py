"""The shapes of two public exchanges' market data: what their REST answers and stream frames look like.

Written from the exchanges' own documentation, not from our adapters, so that one wrong reading cannot fool both ends.
Prices go in as text and come out as the bytes on the wire: a JSON number in one, a JSON string in the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from sim.peers.venue import Pair, Told


class Shape(Protocol):
    """How one kind of venue writes and reads."""

    first_is_subscription: bool

    def wanted(self, path: str, subscription: str, pairs: Sequence[Pair]) -> list[Pair]:
        """Which pairs a stream was opened for."""
        ...

    def frames(self, told: Told) -> list[bytes | str]:
        """The frames of one change."""
        ...

    def answer(self, path: str, told: Sequence[Told]) -> str | None:
        """The body for a GET, or None for an address it does not know."""
        ...


class UpbitShape:
    """``KRW-BTC``; numbers; binary frames; the order book's and the ticker's."""

    first_is_subscription = True

    def wanted(self, path: str, subscription: str, pairs: Sequence[Pair]) -> list[Pair]:
        fields = json.loads(subscription)
        codes = {code for field in fields for code in field.get("codes", [])}
        return [pair for pair in pairs if _upbit(pair) in codes] if path == "/websocket/v1" else []

    def frames(self, told: Told) -> list[bytes | str]:
        book = f'{{"type":"orderbook","code":"{_upbit(told.pair)}",{self._units(told)},"stream_type":"REALTIME"}}'
        ticker = (
            f'{{"type":"ticker","code":"{_upbit(told.pair)}","trade_price":{told.last},'
            f'"timestamp":{told.at_ms},"stream_type":"REALTIME"}}'
        )
        return [book.encode(), ticker.encode()]

    def answer(self, path: str, told: Sequence[Told]) -> str | None:
        address = urlsplit(path)
        markets = ",".join(parse_qs(address.query).get("markets", [])).split(",")
        chosen = [one for one in told if _upbit(one.pair) in markets]
        match address.path:
            case "/v1/orderbook":
                books = [f'{{"market":"{_upbit(one.pair)}",{self._units(one)}}}' for one in chosen]
            case "/v1/ticker":
                books = [
                    f'{{"market":"{_upbit(one.pair)}","trade_price":{one.last},"timestamp":{one.at_ms}}}'
                    for one in chosen
                ]
            case "/v1/market/all":
                books = [
                    f'{{"market":"{_upbit(one.pair)}","korean_name":"{one.pair.coin}","english_name":"{one.pair.coin}"}}'
                    for one in told
                ]
            case _:
                return None
        return f"[{','.join(books)}]"

    def _units(self, told: Told) -> str:
        return (
            f'"timestamp":{told.at_ms},"total_ask_size":12.5,"total_bid_size":11.25,"orderbook_units":'
            f'[{{"ask_price":{told.ask},"bid_price":{told.bid},"ask_size":1.5,"bid_size":1.25}}]'
        )


class BinanceShape:
    """``BTCKRW``; numbers as strings; text frames of the combined stream."""

    first_is_subscription = False

    def wanted(self, path: str, subscription: str, pairs: Sequence[Pair]) -> list[Pair]:
        address = urlsplit(path)
        names = set("/".join(parse_qs(address.query).get("streams", [])).split("/"))
        if address.path != "/stream":
            return []
        return [pair for pair in pairs if f"{_binance(pair).lower()}@bookTicker" in names]

    def frames(self, told: Told) -> list[bytes | str]:
        symbol = _binance(told.pair)
        data = {"u": told.number, "s": symbol, "b": told.bid, "B": "1.25", "a": told.ask, "A": "1.50"}
        trade = {"e": "trade", "E": told.at_ms, "s": symbol, "t": told.number, "p": told.last, "q": "0.25"}
        return [
            json.dumps({"stream": f"{symbol.lower()}@bookTicker", "data": data}),
            json.dumps({"stream": f"{symbol.lower()}@trade", "data": trade}),
        ]

    def answer(self, path: str, told: Sequence[Told]) -> str | None:
        address = urlsplit(path)
        if address.path == "/api/v3/exchangeInfo":
            return json.dumps({"timezone": "UTC", "symbols": [self._listed(one.pair) for one in told]})
        symbol = (parse_qs(address.query).get("symbol") or [""])[0]
        chosen = [one for one in told if _binance(one.pair) == symbol]
        known = address.path.removeprefix("/api/v3/") in {"ticker/bookTicker", "ticker/price", "ticker/24hr", "depth"}
        if not known or not chosen:
            return '{"code":-1121,"msg":"Invalid symbol."}' if known else None
        one = chosen[0]
        book = {"symbol": symbol, "bidPrice": one.bid, "bidQty": "1.25", "askPrice": one.ask, "askQty": "1.50"}
        match address.path:
            case "/api/v3/depth":
                said = {"lastUpdateId": one.number, "bids": [[one.bid, "1.25"]], "asks": [[one.ask, "1.50"]]}
                return json.dumps(said)
            case "/api/v3/ticker/price":
                return json.dumps({"symbol": symbol, "price": one.last})
            case "/api/v3/ticker/24hr":
                return json.dumps({**book, "lastPrice": one.last, "closeTime": one.at_ms})
            case _:
                return json.dumps(book)

    def _listed(self, pair: Pair) -> dict[str, object]:
        tick = f"{10**-pair.decimals:.{pair.decimals}f}"
        return {
            "symbol": _binance(pair),
            "status": "TRADING",
            "baseAsset": pair.coin,
            "baseAssetPrecision": 8,
            "quoteAsset": pair.fiat,
            "quotePrecision": 8,
            "isSpotTradingAllowed": True,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000000000", "tickSize": tick},
                {"filterType": "LOT_SIZE", "minQty": "0.00000001", "maxQty": "9000", "stepSize": "0.00000001"},
            ],
            "permissions": ["SPOT"],
        }


def _upbit(pair: Pair) -> str:
    return f"{pair.fiat}-{pair.coin}"


def _binance(pair: Pair) -> str:
    return f"{pair.coin}{pair.fiat}"
