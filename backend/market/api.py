"""The HTTP face of the market: the prices of the board, for pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from litestar import get
from litestar.handlers import BaseRouteHandler

from backend.http.callers import Rule
from backend.market.rules import Board, Pair, Side
from core.faults import Refusal
from core.messages import WireMoney


@dataclass(frozen=True, slots=True)
class PairPrice:
    """`bid` is what a member gets for one coin, `ask` what one costs, before the exchange's spread; None without a
    price that can be believed, and then `code` says why."""

    pair: str
    bid: WireMoney | None
    ask: WireMoney | None
    code: str = ""


def routes(board: Callable[[], Board]) -> list[BaseRouteHandler]:
    @get("/v1/prices", opt={"rule": Rule.PERSON}, tags=["market"], sync_to_thread=False)
    def prices() -> list[PairPrice]:
        """The price of each pair right now."""
        seen = board()
        return [_of(seen, pair) for pair in seen.standings]

    return [prices]


def missing(board: Board) -> dict[str, str]:
    """Pairs that cannot be sold now, with the reason's code; for the readiness page."""
    found = {f"{pair.coin.code}/{pair.fiat.code}": board.price(pair, Side.SELL) for pair in board.standings}
    return {name: price.code for name, price in found.items() if isinstance(price, Refusal)}


def _of(board: Board, pair: Pair) -> PairPrice:
    bid, ask = board.price(pair, Side.SELL), board.price(pair, Side.BUY)
    name = f"{pair.coin.code}/{pair.fiat.code}"
    if isinstance(bid, Refusal):
        return PairPrice(name, None, None, bid.code)
    if isinstance(ask, Refusal):
        return PairPrice(name, None, None, ask.code)
    return PairPrice(name, WireMoney.of(bid.rate.price), WireMoney.of(ask.rate.price))
