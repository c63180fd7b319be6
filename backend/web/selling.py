"""The seller's shop: opening it, its sales, its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar.handlers import BaseRouteHandler

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind
from backend.refused import Refused
from backend.store import Unit
from backend.terminals import shops
from backend.terminals.rules import PayoutChoice
from backend.web import slips
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.visit import Visit, go
from core.faults.terminals import NOT_A_SELLER
from core.messages import SaleState
from core.moment import Moment
from core.money import Money

DAYS: Final = (1, 7, 30)
LINES_MAX: Final = 200  # what a person reads on one page; totals of more days belong to the batch close
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Takings:
    """Totals of a span in fiat. `count` settled sales that still stand."""

    count: int
    sold: Money
    refunded: Money

    @property
    def net(self) -> Money:
        return self.sold - self.refunded


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/shop", Who.PERSON, _sales),
        shows(room, "/shop/sales", Who.PERSON, lambda visit: _sales(visit, "sales_part")),
        shows(room, "/shop/begin", Who.PERSON, _settings),
        shows(room, "/shop/settings", Who.PERSON, _settings),
        takes(room, "/shop/settings", Who.PERSON, _save),
    ]


def seller(unit: Unit, person: str) -> shops.Seller | None:
    """The person's shop, if they have opened one."""
    try:
        return shops.seller_of(unit, person)
    except Refused as refused:
        if refused.code != NOT_A_SELLER.code:
            raise
        return None


def takings(sold: tuple[slips.Slip, ...], visit: Visit) -> Takings:
    nothing = Money.zero(visit.room.fiat)
    sales = [one for one in sold if one.state is SaleState.SETTLED]
    back = [one.refunded for one in sales if one.refunded is not None]
    return Takings(len(sales), sum((one.price for one in sales), nothing), sum(back, nothing))


def earned(unit: Unit, person: str) -> tuple[Money, ...]:
    """What the seller's account holds now, and what the seller owes as a negative sum."""
    owners = (Owner(OwnerKind.SELLER, person), Owner(OwnerKind.RECEIVABLE, person))
    balances = [balance.posted for owner in owners for _, balance in ledger.of_owner(unit, owner)]
    return tuple(money for money in balances if money.minor)


def _sales(visit: Visit, template: str = "sales") -> Answer:
    shop = visit.read(lambda unit: seller(unit, visit.who))
    if shop is None:
        return go("/shop/begin")
    text = visit.query.get("days", "1")
    days = next((one for one in DAYS if str(one) == text), DAYS[0])
    since = _midnight(visit, days - 1)
    sold = visit.read(lambda unit: slips.sold_since(unit, visit.room.house, visit.who, since, LINES_MAX))
    balance = visit.read(lambda unit: earned(unit, visit.who))
    return visit.page(
        template, shop=shop, balance=balance, slips=sold, takings=takings(sold, visit), days=days, spans=DAYS
    )


def _midnight(visit: Visit, days_ago: int) -> Moment:
    """The local midnight that began the day so many days ago."""
    offset = visit.room.utc_offset_minutes * 60_000
    return Moment((visit.at.ms + offset) // DAY_MS * DAY_MS - offset - days_ago * DAY_MS)


def _settings(visit: Visit, *, code: str = "", name: str | None = None) -> Answer:
    shop = visit.read(lambda unit: seller(unit, visit.who))
    typed = name if name is not None else (shop.shop if shop else "")
    return visit.page(
        "shop_settings",
        status=422 if code else 200,
        shop=shop,
        name=typed,
        payout=shop.payout.value if shop else PayoutChoice.FIAT.value,
        code=code,
        saved="saved" in visit.query,
    )


def _save(visit: Visit) -> Answer:
    name = visit.form.get("name", "")
    chosen = PayoutChoice.COIN if visit.form.get("payout") == PayoutChoice.COIN.value else PayoutChoice.FIAT
    first = visit.read(lambda unit: seller(unit, visit.who)) is None
    try:
        visit.write(lambda unit: shops.open_shop(unit, visit.who, name, chosen, visit.at))
    except Refused as refused:
        return _settings(visit, code=refused.code, name=name)
    return go("/shop/terminals" if first else "/shop/settings?saved=1")
