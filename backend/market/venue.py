"""What the two ends of the market share: what a venue may say, and what an adapter is.

An adapter is the sans-IO half of a conversation with one kind of venue: addresses and a subscription out, messages in,
`Quoted` and `Nonsense` as results. `feed` has the sockets. Numbers are read as text, never as floats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backend.market.rules import BadPrice, Pair, minor_of
from core.faults import Entry
from core.faults.market import PRICE_NOT_A_NUMBER


@dataclass(frozen=True, slots=True)
class Quoted:
    """A venue's best bid and ask in minor units of the fiat; `at_ms` the venue's own time and `last` the price of its
    last trade, if it says."""

    pair: Pair
    bid: int
    ask: int
    at_ms: int | None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A venue said something that is no price. `pair` None: about all of them."""

    pair: Pair | None
    page: Entry
    detail: str


Heard = Quoted | Nonsense


class Adapter(Protocol):
    """One kind of venue, for the pairs it was made for."""

    def stream(self) -> tuple[str, str]:
        """The WebSocket's address, and what to send after connecting (may be empty)."""
        ...

    def heard(self, message: str) -> list[Heard]:
        """What one message of the stream says. Never raises for bad input."""
        ...

    def polls(self) -> Sequence[str]:
        """Addresses to GET while the stream is silent or down."""
        ...

    def polled(self, body: str) -> list[Heard]:
        """What the answer to a GET says. Never raises for bad input."""
        ...


def read_json(text: str) -> Any:
    """JSON with every number as its text. Raises `BadPrice` for anything else."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise BadPrice(PRICE_NOT_A_NUMBER, f"not JSON: {text[:40]!r}") from None


def quoted(pair: Pair, bid: object, ask: object, at: object, last: object = None) -> Heard:
    """Two prices as a venue wrote them, its time, and the price of its last trade (or None)."""
    try:
        at_ms = int(at) if isinstance(at, str) and at.isascii() and at.isdigit() and len(at) < 16 else None
        traded = None if last is None else _minor(last, pair, up=False)
        return Quoted(pair, _minor(bid, pair, up=False), _minor(ask, pair, up=True), at_ms, traded)
    except BadPrice as error:
        return Nonsense(pair, error.page, str(error))


def nothing_known(error: BadPrice) -> list[Heard]:
    """A message that cannot be read says something about no pair in particular."""
    return [Nonsense(None, error.page, str(error))]


def _minor(value: object, pair: Pair, *, up: bool) -> int:
    if not isinstance(value, str):
        raise BadPrice(PRICE_NOT_A_NUMBER, f"{type(value).__name__} instead of a price")
    return minor_of(value, pair.fiat, up=up)
