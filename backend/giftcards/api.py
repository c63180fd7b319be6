"""The HTTP face of a machine's counter: what it can do, trades, and gift cards.

Nothing here keeps a stored answer: the transaction id makes it the same act, and a code may not lie in a table of
answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from backend.giftcards import desk
from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.market.rules import Board
from backend.settle.rules import House
from backend.store import Store
from backend.trade import terminal as trades
from core.messages import (
    Counter,
    CounterRequest,
    GiftQuote,
    GiftQuoteRequest,
    GiftRequest,
    GiftSold,
    TradeDone,
    TradeQuote,
    TradeQuoteRequest,
    TradeRequest,
)

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """What the counter's face is made of. `board` gives a snapshot of prices."""

    store: Store
    house: House
    clerk: desk.Clerk
    board: Callable[[], Board]
    now: Now


def routes(room: Room) -> list[BaseRouteHandler]:
    return [_counter(room), *_trades(room), *_cards(room), _mine(room)]


def _counter(room: Room) -> BaseRouteHandler:
    @post("/v1/counter", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["counter"], sync_to_thread=False)
    def counter(request: AnyRequest, data: JSONBody[CounterRequest]) -> Counter:
        """What this member can sell, buy and have as a card at this machine now."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(
            lambda unit: desk.counter(unit, room.house, room.clerk, board, terminal=who, request=data, at=now)
        )

    return counter


def _mine(room: Room) -> BaseRouteHandler:
    @get("/v1/me/gift-cards", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def mine(request: AnyRequest) -> tuple[GiftSold, ...]:
        """The member's own cards with their codes, newest first."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.of_member(unit, room.clerk, who))

    return mine


def _trades(room: Room) -> list[BaseRouteHandler]:
    fiat = room.clerk.teller.fiat

    @post("/v1/counter/quotes", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["counter"], sync_to_thread=False)
    def quote(request: AnyRequest, data: JSONBody[TradeQuoteRequest]) -> TradeQuote:
        """What buying or selling comes to now: a promise of some seconds. Nothing is written."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(
            lambda unit: trades.quote(unit, room.house, board, terminal=who, request=data, fiat=fiat, at=now)
        )

    @post("/v1/counter/trades", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["counter"])
    async def trade(request: AnyRequest, data: JSONBody[TradeRequest]) -> TradeDone:
        """Do what was quoted, once for its transaction."""
        who, now = caller_of(request).id, room.now()
        return await asyncio.wrap_future(
            room.store.submit(lambda unit: trades.trade(unit, room.house, terminal=who, request=data, at=now))
        )

    @get("/v1/counter/trades/{txn:str}", opt={"rule": Rule.TERMINAL}, tags=["counter"], sync_to_thread=False)
    def found(request: AnyRequest, txn: FromPath[str]) -> TradeDone:
        """What became of a trade of this machine."""
        who = caller_of(request).id
        return room.store.read(lambda unit: trades.find(unit, terminal=who, txn=txn))

    return [quote, trade, found]


def _cards(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/gift-cards/quotes", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["counter"], sync_to_thread=False)
    def quote(request: AnyRequest, data: JSONBody[GiftQuoteRequest]) -> GiftQuote:
        """What a card costs now. Fiat needs no price feed. Nothing is written, and no card kept back."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(lambda unit: desk.quote(unit, room.clerk, board, terminal=who, request=data, at=now))

    @post("/v1/gift-cards", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["counter"])
    async def sell(request: AnyRequest, data: JSONBody[GiftRequest]) -> GiftSold:
        """Sell the card, once for its transaction; again: the same code."""
        who, now = caller_of(request).id, room.now()
        return await asyncio.wrap_future(
            room.store.submit(lambda unit: desk.sell(unit, room.clerk, terminal=who, request=data, at=now))
        )

    @get("/v1/gift-cards/{txn:str}", opt={"rule": Rule.TERMINAL}, tags=["counter"], sync_to_thread=False)
    def found(request: AnyRequest, txn: FromPath[str]) -> GiftSold:
        """The card of a transaction of this machine."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.find(unit, room.clerk, terminal=who, txn=txn))

    return [quote, sell, found]
