"""Gift cards: the member's own with their codes, and the operator's stock and sales without any."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from litestar.handlers import BaseRouteHandler

from backend.giftcards import desk as giftcards
from backend.ledger import desk as ledger
from backend.store import Unit
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows
from backend.web.symbols import any_qr
from backend.web.visit import Visit
from core.asset import Asset
from core.messages import GiftSold
from core.moment import Moment
from core.money import Money

SALES_MAX: Final = 50  # what a person reads on one page


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the member. `symbol` path and side of its QR code."""

    sold: GiftSold
    at: Moment
    face: Money
    symbol: tuple[str, int] = field(repr=False)


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/me/gift-cards", Who.MEMBER, _mine),
        shows(room, "/operator/gift-cards", Who.OPERATOR, _stock),
    ]


def _mine(visit: Visit) -> Answer:
    sold = visit.read(lambda unit: giftcards.of_member(unit, visit.room.clerk, visit.who))
    return visit.page(
        "giftcards_mine", cards=[Card(one, Moment.parse(one.at), one.face.money(), any_qr(one.code)) for one in sold]
    )


def _stock(visit: Visit) -> Answer:
    room = visit.room
    shelves = visit.read(lambda unit: giftcards.shelves(unit, room.fiat))
    issuers = sorted({shelf.issuer for shelf in shelves})
    owed = visit.read(lambda unit: [(issuer, _owed(unit, issuer, room.fiat)) for issuer in issuers])
    sales = visit.read(lambda unit: giftcards.recent(unit, SALES_MAX))
    return visit.page("giftcards_stock", shelves=shelves, owed=owed, sales=sales)


def _owed(unit: Unit, issuer: str, fiat: Asset) -> Money:
    return Money(ledger.available(unit, giftcards.issuer_account(issuer), fiat), fiat)
