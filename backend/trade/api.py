"""The HTTP face of trade: ask, look, confirm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.http.idempotency import body_hash, key_of, principal_of, reply
from backend.market.rules import Board
from backend.settle.rules import House
from backend.store import Store, Unit
from backend.store.idempotent import Answer, once
from backend.trade import desk
from core.asset import Asset

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Room:
    store: Store
    house: House
    board: Callable[[], Board]
    fiat: Asset
    now: Now


def routes(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/me/trade-offers", opt={"rule": Rule.MEMBER}, status_code=200, tags=["trade"], sync_to_thread=False)
    def ask(request: AnyRequest, data: JSONBody[desk.TradeAsk]) -> desk.TradeOffer:
        """What buying for this much, or selling this much, comes to right now."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(lambda unit: desk.offer(unit, room.house, board, who, data, room.fiat, now))

    @post("/v1/me/trades", opt={"rule": Rule.MEMBER}, status_code=200, tags=["trade"])
    async def confirm(request: AnyRequest, data: JSONBody[desk.TradeConfirm]) -> Response[desk.Traded]:
        """Do what was offered, once for its Idempotency-Key and once for its offer."""
        who, now = caller_of(request).id, room.now()
        principal, key, digest = principal_of(request), key_of(request), body_hash(request)

        def once_only(unit: Unit) -> Answer:
            def do(inner: Unit) -> str:
                return msgspec.json.encode(desk.confirm(inner, room.house, who, data.offer, now)).decode()

            return once(unit, principal, key, digest, now, do)

        return reply(await asyncio.wrap_future(room.store.submit(once_only)))

    return [ask, confirm]
