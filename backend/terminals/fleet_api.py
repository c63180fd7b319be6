"""The HTTP face of the fleet: the terminals of a shop, or all of them for an operator, and whether they are there."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import Any

from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.store import Store
from backend.terminals import shops
from backend.terminals.presence import Look, Presence

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """`look` the window's view of one terminal."""

    store: Store
    now: Now
    look: Look


@dataclass(frozen=True, slots=True)
class WatchedTerminal(shops.Terminal):
    """A terminal, and what the window shows of it. Never a reason to move money."""

    presence: Presence


def routes(room: Room) -> list[BaseRouteHandler]:
    def watched(found: shops.Terminal) -> WatchedTerminal:
        return WatchedTerminal(**dataclasses.asdict(found), presence=room.look(found.id))

    @get("/v1/shop/terminals", opt={"rule": Rule.PERSON}, tags=["terminals"], sync_to_thread=False)
    def terminals(request: AnyRequest) -> tuple[WatchedTerminal, ...]:
        """The shop's terminals, revoked ones too, and whether each is there."""
        person = caller_of(request).id
        return tuple(map(watched, room.store.read(lambda unit: shops.terminals_of(unit, person))))

    @get("/v1/operator/terminals", opt={"rule": Rule.OPERATOR}, tags=["operators"], sync_to_thread=False)
    def everywhere(request: AnyRequest, after: FromQuery[str] = "") -> tuple[WatchedTerminal, ...]:
        """Terminals of every shop by their ids, a page at a time; `after` is the last id of the page before."""
        return tuple(map(watched, room.store.read(lambda unit: shops.terminals_after(unit, after))))

    @post("/v1/shop/terminals/{terminal:str}/revoke", opt={"rule": Rule.PERSON}, status_code=200, tags=["terminals"])
    async def revoke(request: AnyRequest, terminal: FromPath[str]) -> shops.Terminal:
        """End a terminal's rights, from the next request on."""
        person, now = caller_of(request).id, room.now()
        work = room.store.submit(lambda unit: shops.revoke(unit, terminal, person, now))
        return await asyncio.wrap_future(work)

    return [terminals, everywhere, revoke]
