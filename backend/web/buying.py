"""Buying coins: choose, see the offer with its countdown, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar.handlers import BaseRouteHandler

from backend.members import desk as members
from backend.refused import Refused
from backend.store import Unit
from backend.trade import desk as trade
from backend.web import prices
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.visit import Visit
from core.asset import Asset
from core.messages import TradeSide, WireMoney
from core.money import BadAmount, Money
from core.rate import Rate

CODE_MAX: Final = 12  # characters of a coin's code that reach a desk
CHIPS: Final = (10_000, 50_000, 100_000)  # whole units: what people round to


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it is shown. `capsule` is its signed text."""

    capsule: str
    price: Money
    quantity: Money
    fee: Money
    rate: Rate
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A coin to choose; `rate` None while there is no price."""

    code: str
    rate: Rate | None


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/me/buy", Who.MEMBER, _choose),
        takes(room, "/me/buy", Who.MEMBER, _offer),
        takes(room, "/me/buy/confirm", Who.MEMBER, _buy),
    ]


def _choose(visit: Visit, *, amount: str = "", coin: str = "", wrong: str = "", code: str = "") -> Answer:
    have = visit.read(lambda unit: _free_fiat(unit, visit))
    board, fiat = visit.room.board(), visit.room.fiat
    coins = tuple(Choice(one.code, prices.value_rate(board, one, fiat)) for one in prices.coins(board, fiat))
    chips = [chip for chip in (Money(whole * fiat.one, fiat) for whole in CHIPS) if chip < have]
    return visit.page(
        "buy",
        status=422 if wrong or code else 200,
        have=have,
        coins=coins,
        chips=chips,
        coin=coin or (coins[0].code if coins else ""),
        amount=amount,
        wrong=wrong,
        code=code,
    )


def _offer(visit: Visit) -> Answer:
    """What the amount buys, from one snapshot of prices; nothing is written."""
    room, text, coin = visit.room, _typed(visit), visit.form.get("coin", "")
    price, board = _price(text, room.fiat), room.board()
    if price is None:
        return _choose(visit, amount=text, coin=coin, wrong="buy.bad_amount")
    ask = trade.TradeAsk(TradeSide.BUY, coin[:CODE_MAX], WireMoney.of(price))
    try:
        offer = visit.read(lambda unit: trade.offer(unit, room.house, board, visit.who, ask, room.fiat, visit.at))
    except Refused as refused:
        return _choose(visit, amount=text, coin=coin, code=refused.code)
    coins = offer.coins.money()
    shown = Offer(
        offer.offer,
        offer.fiat.money(),
        coins,
        offer.fee.money(),
        Rate(coins.asset, offer.rate.money()),
        prices.source_names(board, coins.asset, room.fiat),
    )
    return visit.page("buy_confirm", offer=shown, left_ms=offer.ttl_ms)


def _buy(visit: Visit) -> Answer:
    """The offer's own id makes a second press of the button harmless."""
    room, capsule = visit.room, visit.form.get("capsule", "")
    try:
        traded = visit.write(lambda unit: trade.confirm(unit, room.house, visit.who, capsule, visit.at))
    except Refused as refused:
        return _choose(visit, amount=_typed(visit), coin=visit.form.get("coin", ""), code=refused.code)
    return visit.page("buy_done", price=traded.fiat.money(), quantity=traded.coins.money())


def _typed(visit: Visit) -> str:
    """The amount as people write it: grouped, with the unit behind it."""
    return visit.form.get("amount", "").replace(",", "").replace(" ", "").rstrip("원₩")[:32]


def _price(text: str, fiat: Asset) -> Money | None:
    try:
        price = Money.parse(text, fiat)
    except BadAmount:
        return None
    return price if price.minor > 0 else None


def _free_fiat(unit: Unit, visit: Visit) -> Money:
    fiat = visit.room.fiat
    free = [one.available.money() for one in members.holdings(unit, visit.who) if one.asset == fiat.code]
    return sum(free, Money.zero(fiat))
