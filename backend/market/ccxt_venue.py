"""Venues through the ccxt library: kind ``ccxt:NAME``, any of its exchanges, asked by REST.

The library knows each exchange's addresses, names and answers. What it does not decide is how a price is read: its
order books are built of floats, and with orjson installed every number of an answer is one. So an exchange is opened
here with three of its methods replaced: `fetch` (our own GET, with our limits, JSON numbers kept as text),
`safe_float` (an exact `Decimal`, which still sorts as a number) and `throttle` (waits, but ends with the server).
A price that is still no `Decimal` is nonsense by name.

Source: ccxt manual, "Order Book", "Price Tickers", "Rate Limit"; ``ccxt/base/exchange.py`` of 4.5.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from backend.market.answer import NoAnswer, ask
from backend.market.rules import Pair
from backend.market.venue import Heard, Nonsense, quoted, read_json
from backend.refused import Refused
from core.faults.market import PAIR_UNKNOWN, PRICE_NOT_A_NUMBER, VENUE_LIBRARY_ABSENT, VENUE_UNKNOWN

BOOK_S, BOOK_MAX = 2.5, 1024 * 1024  # a book of 1,000 levels is about 60 kB; later than this it would be stale
MARKETS_S, MARKETS_MAX = 20.0, 64 * 1024 * 1024  # the list of all markets, once; the largest known is about 20 MB
THROTTLE_MAX_S = 5.0  # the slowest exchange of the library asks for less between two questions

# What the library's readers do with an answer that is not what they expect. It is nonsense of the venue's, by name.
_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


class CcxtVenue:
    """One exchange of the library. `ask` is called by one thread."""

    def __init__(self, exchange: Any, line: Line, pairs: Sequence[Pair], broken: type[Exception]) -> None:
        self._exchange = exchange
        self._line = line
        self._pairs = {f"{pair.coin.code}/{pair.fiat.code}": pair for pair in pairs}
        self._broken = broken

    def ask(self) -> Iterator[Heard]:
        """The best bid and ask of each pair, and its last trade. Raises `OSError` when nothing can be known."""
        try:
            if not self._exchange.markets:
                self._line.wide = True
                try:
                    self._exchange.load_markets()
                finally:
                    self._line.wide = False
        except self._broken as error:
            raise NoAnswer(str(error)) from error
        except _UNREADABLE as error:
            yield Nonsense(None, PRICE_NOT_A_NUMBER, f"its list of markets: {error}")
            return
        for symbol, pair in self._pairs.items():
            yield self._pair(symbol, pair)

    def close(self) -> None:
        self._line.session.close()

    def _pair(self, symbol: str, pair: Pair) -> Heard:
        if symbol not in self._exchange.markets:
            return Nonsense(pair, PAIR_UNKNOWN, f"the venue lists no {symbol}")
        try:
            # The book comes second, so that the moment of the reading is the moment of its bid and ask.
            last = self._exchange.fetch_ticker(symbol)["last"] if self._exchange.has["fetchTicker"] else None
            book = self._exchange.fetch_order_book(symbol)
            at = book["timestamp"]
            return quoted(
                pair,
                _text(book["bids"][0][0]),
                _text(book["asks"][0][0]),
                str(at) if isinstance(at, int) else None,
                _text(last) if last is not None else None,
            )
        except self._broken as error:
            raise NoAnswer(str(error)) from error
        except _UNREADABLE as error:
            return Nonsense(pair, PRICE_NOT_A_NUMBER, f"{type(error).__name__}: {error}")


class Line:
    """How an exchange of the library reaches the venue: our session, GET only, and never past a limit."""

    def __init__(self, ending: threading.Event) -> None:
        import requests

        self.session = requests.Session()
        self.wide = False  # while the list of markets is read
        self.ending = ending
        self._asked_s = float("-inf")

    def fetch(self, exchange: Any, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """In place of the library's: the answer with its numbers as text. An error of the venue's is raised by it."""
        if method != "GET" or body is not None:
            raise NoAnswer(f"{method}: prices are read and nothing else")
        within_s, at_most = (MARKETS_S, MARKETS_MAX) if self.wide else (BOOK_S, BOOK_MAX)
        text = ask(self.session, url, within_s=within_s, at_most=at_most)
        said = read_json(text)
        exchange.handle_errors(200, "OK", url, method, {}, text, said, headers or {}, body)
        return said

    def throttle(self, exchange: Any, cost: float | None = None) -> None:
        """In place of the library's: the same pause between two questions, which ends when the server does."""
        pause_s = exchange.rateLimit / 1000 * (1 if cost is None else cost)
        rest_s = self._asked_s + min(pause_s, THROTTLE_MAX_S) - time.monotonic()
        if (rest_s > 0 and self.ending.wait(rest_s)) or self.ending.is_set():
            raise NoAnswer("the server is ending")
        self._asked_s = time.monotonic()


def open_ccxt(kind: str, rest: str, pairs: Sequence[Pair], ending: threading.Event) -> CcxtVenue:
    """`kind` ``ccxt:NAME``; `rest` a base address to use in place of the library's own (or empty: the library's).

    Raises `Refused`: VENUE_LIBRARY_ABSENT, VENUE_UNKNOWN (the library has no exchange of that name).
    """
    try:
        import ccxt
    except ModuleNotFoundError as error:
        if error.name != "ccxt":
            raise
        raise Refused.by(VENUE_LIBRARY_ABSENT, f"{kind[:40]!r} needs ccxt: the extra `venues`", status=503) from None

    name = kind.removeprefix("ccxt:")
    if name not in ccxt.exchanges:
        raise Refused.by(VENUE_UNKNOWN, f"{kind[:40]!r}: the library has no such exchange", status=503)
    line = Line(ending)
    exchange = _exact(getattr(ccxt, name), line)
    exchange.enableRateLimit = True
    exchange.has["fetchCurrencies"] = False  # names and fees of coins: nothing of it is a price
    _spot_only(exchange.options)
    if rest:
        exchange.urls["api"] = _moved(exchange.urls["api"], rest)
    return CcxtVenue(exchange, line, pairs, ccxt.BaseError)


def exact_number(said: Any, key: Any, default: Any = None) -> Any:
    """In place of the library's `safe_float`: the number that stands in the text, or `default` without one."""
    try:
        value = said[key]
        return Decimal(value) if isinstance(value, str) else default
    except (LookupError, TypeError, InvalidOperation):
        return default


def _exact(base: type[Any], line: Line) -> Any:
    """An exchange whose numbers are exact and whose line is ours."""
    ours = {"number": Decimal, "safe_float": staticmethod(exact_number)}
    exchange: Any = type(f"Exact{base.__name__}", (base,), ours)({"session": line.session})
    exchange.fetch = partial(line.fetch, exchange)
    exchange.throttle = partial(line.throttle, exchange)
    return exchange


def _spot_only(options: dict[str, Any]) -> None:
    """Where an exchange also lists derivatives, their lists are not asked for: they are long and not wanted."""
    known = options.get("fetchMarkets")
    if isinstance(known, dict) and isinstance(known.get("types"), list) and "spot" in known["types"]:
        known["types"] = ["spot"]


def _moved(addresses: Any, rest: str) -> Any:
    """Every address of the library on the configured base, path by path: nothing goes anywhere else."""
    if isinstance(addresses, dict):
        return {name: _moved(one, rest) for name, one in addresses.items()}
    return rest + urlsplit(addresses).path.rstrip("/") if isinstance(addresses, str) else addresses


def _text(value: object) -> object:
    """A price as text for `quoted`, which names anything but text as nonsense: never a float."""
    return str(value) if isinstance(value, Decimal) else value
