"""The seller's price list, and labels to print from it."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.handlers import BaseRouteHandler

from backend.refused import Refused
from backend.terminals import shops
from backend.terminals.rules import BadList, goods_of_csv
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.selling import seller
from backend.web.symbols import any_qr
from backend.web.visit import Visit, go
from core.faults.terminals import BAD_PRICE_LIST
from core.money import Money
from core.product import ProductLabel


@dataclass(frozen=True, slots=True)
class Label:
    """One label: name and price for people, path data of its QR code for the terminal."""

    name: str
    price: Money
    path: str
    side: int


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/shop/goods", Who.PERSON, _list),
        takes(room, "/shop/goods", Who.PERSON, _replace),
        shows(room, "/shop/labels", Who.PERSON, _labels),
    ]


def label(name: str, price: Money) -> Label:
    return Label(name, price, *any_qr(ProductLabel(name, price).text()))


def _list(visit: Visit, *, wrong: str = "") -> Answer:
    shop = visit.read(lambda unit: seller(unit, visit.who))
    if shop is None:
        return go("/shop/begin")
    return visit.page("goods", status=422 if wrong else 200, shop=shop, goods=_priced(visit), wrong=wrong)


def _replace(visit: Visit) -> Answer:
    """All of the file or nothing of it."""
    if not visit.upload.strip():
        return _list(visit, wrong="-")
    try:
        goods = goods_of_csv(visit.upload.decode("utf-8"))
        visit.write(lambda unit: shops.set_goods(unit, visit.who, goods, visit.room.fiat))
    except UnicodeDecodeError:
        return _list(visit, wrong="UTF-8")
    except BadList as error:
        return _list(visit, wrong=str(error))
    except Refused as refused:
        if refused.code != BAD_PRICE_LIST.code:
            raise
        return _list(visit, wrong=refused.refusal.detail)
    return go("/shop/goods")


def _labels(visit: Visit) -> Answer:
    shop = visit.read(lambda unit: seller(unit, visit.who))
    if shop is None:
        return go("/shop/begin")
    return visit.page("labels", shop=shop, labels=[label(name, price) for _, name, price in _priced(visit)])


def _priced(visit: Visit) -> list[tuple[str, str, Money]]:
    found = visit.read(lambda unit: shops.price_list(unit, visit.who, visit.room.fiat))
    return [(good.barcode, good.name, Money.parse(good.price, visit.room.fiat)) for good in found.goods]
