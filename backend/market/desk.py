"""The door of the market: venues from the configuration, a board of prices, and how each venue is doing.

market = open_market(settings, assets, now=..., monotonic_ms=..., log=...)     starts a thread for each venue
market.board.snapshot().price(Pair(BTC, KRW), Side.SELL)                       Price, or why there is none
market.health()                                                                state of each venue, by name
market.close()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backend.market.asking import Asking
from backend.market.binance import Binance
from backend.market.board import PriceBoard
from backend.market.ccxt_venue import open_ccxt
from backend.market.feed import Feed
from backend.market.reporter import Reporter
from backend.market.rules import Bands, Board, Pair, Price, Reading, Side
from backend.market.upbit import Upbit
from backend.refused import Refused
from core.asset import Asset
from core.faults.market import NO_VENUE, PAIR_UNKNOWN, VENUE_UNKNOWN
from core.moment import Moment
from core.ports import Log
from core.settings import limits

__all__ = [
    "Bands",
    "Board",
    "Market",
    "Pair",
    "Price",
    "PriceBoard",
    "Reading",
    "Settings",
    "Side",
    "Venue",
    "open_market",
]


@dataclass(frozen=True, slots=True)
class Venue:
    """One price venue. `kind` ``upbit`` or ``binance`` (the shape of its API), or ``ccxt:NAME`` (an exchange of that
    library, from the extra `venues`). `rest` and `stream` base addresses (``https://...`` and ``wss://...``); with
    ccxt `stream` is empty, and so may be `rest`. `pairs` as ``"BTC/KRW"``."""

    name: str
    kind: str
    rest: str
    stream: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """``[market]`` of the server's configuration."""

    venue: tuple[Venue, ...] = ()
    stale_ms: int = field(default=3_000, metadata=limits(500, 60_000))
    band_bp: int = field(default=150, metadata=limits(1, 2_000))
    sources_min: int = field(default=2, metadata=limits(2, 20))


class Market:
    """The board and the threads that feed it."""

    def __init__(self, board: PriceBoard, feeds: tuple[Feed | Asking, ...]) -> None:
        self.board = board
        self._feeds = feeds

    def health(self) -> dict[str, str]:
        """``starting | live | polling | lost`` by venue."""
        return {feed.name: feed.state for feed in self._feeds}

    def close(self) -> None:
        for feed in self._feeds:
            feed.close()


def open_market(
    settings: Settings,
    assets: Mapping[str, Asset],
    *,
    now: Callable[[], Moment],
    monotonic_ms: Callable[[], int],
    log: Log,
) -> Market:
    """Start listening. `assets` are those the ledger keeps, by code.

    Raises `Refused`: NO_VENUE (fewer than must agree), VENUE_UNKNOWN (kind, or a name twice), VENUE_LIBRARY_ABSENT,
    PAIR_UNKNOWN.
    """
    names = [venue.name for venue in settings.venue]
    if len(names) < settings.sources_min:
        raise Refused.by(NO_VENUE, f"{len(names)} of {settings.sources_min} venues", status=503)
    if len(set(names)) != len(names):
        raise Refused.by(VENUE_UNKNOWN, "two venues have one name", status=503)
    pairs = {venue.name: tuple(_pair(text, assets) for text in venue.pairs) for venue in settings.venue}
    bands = Bands(settings.stale_ms, settings.band_bp, settings.sources_min)
    board = PriceBoard(sorted({pair for some in pairs.values() for pair in some}), bands, monotonic_ms)
    feeds = tuple(
        _feed(venue, Reporter(venue.name, each, board, now=now, monotonic_ms=monotonic_ms, log=log), each)
        for venue, each in ((venue, pairs[venue.name]) for venue in settings.venue)
    )
    for feed in feeds:
        feed.start()
    return Market(board, feeds)


def _pair(text: str, assets: Mapping[str, Asset]) -> Pair:
    coin, _, fiat = text.partition("/")
    if coin not in assets or fiat not in assets or coin == fiat:
        raise Refused.by(PAIR_UNKNOWN, f"{text[:24]!r} is not two assets of this ledger", status=503)
    return Pair(assets[coin], assets[fiat])


def _feed(venue: Venue, reporter: Reporter, pairs: tuple[Pair, ...]) -> Feed | Asking:
    rest, stream = venue.rest.rstrip("/"), venue.stream.rstrip("/")
    match venue.kind:
        case "upbit":
            return Feed(Upbit(rest, stream, pairs), reporter)
        case "binance":
            return Feed(Binance(rest, stream, pairs), reporter)
        case kind if kind.startswith("ccxt:"):
            ending = threading.Event()
            return Asking(open_ccxt(kind, rest, pairs, ending), reporter, ending)
        case _:
            speaks = "this server speaks upbit, binance and ccxt:NAME"
            raise Refused.by(VENUE_UNKNOWN, f"{venue.kind[:24]!r}; {speaks}", status=503)
