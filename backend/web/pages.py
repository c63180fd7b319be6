"""All pages of the exchange: ``routes(room)`` is what the composition root puts beside the JSON routes."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import BaseRouteHandler

from backend.web import (
    approving,
    buying,
    code,
    giftcards,
    goods,
    joining,
    machines,
    operating,
    pairing,
    public,
    selling,
    wallet,
)
from backend.web.room import Room
from backend.web.routing import AnyRequest, once


async def fault_page(room: Room, request: AnyRequest, code: str) -> Response[bytes]:
    """What a browser gets where programs get the catalogue's page as JSON."""
    return await once(room, request, lambda visit: public.fault_page(visit, code))


def routes(room: Room) -> list[BaseRouteHandler]:
    parts = (public, joining, code, wallet, approving, buying, selling, pairing, goods, operating, machines, giftcards)
    return [route for part in parts for route in part.routes(room)]
