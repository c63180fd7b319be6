"""Prices as the pages show them: what a coin would be sold for now, and how each source is doing."""

from __future__ import annotations

from dataclasses import dataclass

from backend.market.rules import Board, Pair, Side
from core.asset import Asset
from core.faults import Refusal
from core.faults.market import PRICE_STALE
from core.money import Money
from core.rate import Rate


@dataclass(frozen=True, slots=True)
class Venue:
    """A price source of one pair. `fault` is the code it is not believed for, or empty; `price` its bid."""

    name: str
    pair: str
    price: Money | None
    age_ms: int | None
    fault: str


def coins(board: Board, fiat: Asset) -> tuple[Asset, ...]:
    """The coins that are traded for `fiat` here."""
    return tuple(pair.coin for pair in board.standings if pair.fiat == fiat)


def value_rate(board: Board, coin: Asset, fiat: Asset) -> Rate | None:
    """What one coin would be sold for now, to show what a wallet is worth; None while no price can be believed."""
    found = board.price(Pair(coin, fiat), Side.SELL)
    return None if isinstance(found, Refusal) else found.rate


def source_names(board: Board, coin: Asset, fiat: Asset) -> tuple[str, ...]:
    """The sources a purchase is priced from."""
    found = board.price(Pair(coin, fiat), Side.BUY)
    return () if isinstance(found, Refusal) else tuple(name for name, _, _ in found.sources)


def venues(board: Board) -> tuple[Venue, ...]:
    """Every source of every pair."""
    found = []
    for pair, standings in board.standings.items():
        for name, one in sorted(standings.items()):
            reading = one.reading
            age = None if reading is None else board.now_ms - reading.seen_ms
            stale = PRICE_STALE.code if age is not None and age > board.bands.stale_ms else ""
            price = None if reading is None else Money(reading.bid, pair.fiat)
            found.append(Venue(name, str(pair), price, age, one.suspect or stale))
    return tuple(found)
