"""The wallet: what is in it, what it is worth now, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import msgspec
from litestar.handlers import BaseRouteHandler

from backend.giftcards import desk as giftcards
from backend.ledger import desk as ledger
from backend.ledger.rules import Owner, OwnerKind
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import desk as settle
from backend.store import Unit
from backend.web import prices, receipts, slips
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows
from backend.web.visit import Visit
from backend.withdraw import desk as withdraw
from core.asset import AssetKind
from core.faults.http import NO_SUCH_ROUTE
from core.moment import Moment
from core.money import Money

PAGE_LINES: Final = 20
SCAN_MAX: Final = 100  # ledger lines read for a page: a purchase has two, a sale up to three of a wallet's own
COLOURS: Final = ((1, "red"), (2, "yellow"), (3, "blue"))
KINDS: Final = ("deposit", "buy", "sell", "sale", "refund", "void", "reversed", "withdrawal", "giftcard")
POPPED: Final = frozenset({"sale.settled", "sale.refunded", "sale.voided"})
_LOOKS: Final = MappingProxyType({"withdrawal": slips.machine_of, "giftcard": giftcards.card_of})
NUMBER_MAX: Final = 2**53


@dataclass(frozen=True, slots=True)
class Held:
    """One asset of a wallet. `worth` in fiat at this moment's price, None while there is no price."""

    total: Money
    available: Money
    is_coin: bool
    worth: Money | None


@dataclass(frozen=True, slots=True)
class Group:
    """One of the member's wallets by its colour."""

    colour: str
    holdings: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Wallet:
    """`complete` when everything in it has a price."""

    groups: tuple[Group, ...]
    worth: Money
    complete: bool

    @property
    def holdings(self) -> tuple[Held, ...]:
        return tuple(one for group in self.groups for one in group.holdings if one.total.minor)


@dataclass(frozen=True, slots=True)
class Counting:
    """Part of a withdrawal that nobody knows yet: it is with the member, or still in the machine."""

    machine: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Happened:
    """One business of the wallet: all its movements together. `price` what a sale came to, for people to read first."""

    number: int
    txn: str
    kind: str
    at: Moment
    amounts: tuple[Money, ...]
    shop: str = ""
    price: Money | None = None

    @property
    def has_slip(self) -> bool:
        return bool(self.shop) and self.kind not in ("withdrawal", "giftcard")

    @property
    def incoming(self) -> bool:
        return self.amounts[0].minor > 0


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/me/wallet", Who.MEMBER, _part),
        shows(room, "/me/activity", Who.MEMBER, _activity),
        shows(room, "/me/activity/{txn:str}", Who.MEMBER, _slip),
        shows(room, "/me/slips/{txn:str}", Who.MEMBER, _slip_part),
        shows(room, "/me/news", Who.MEMBER, _news),
        shows(room, "/me/add", Who.MEMBER, _add),
        shows(room, "/me/arrival", Who.MEMBER, _arrival),
    ]


def held(unit: Unit, visit: Visit) -> Wallet:
    """The member's wallets, the empty ones left out except the first."""
    kinds = {asset.code: kind for asset, kind in ledger.assets(unit)}
    groups = []
    for number, colour in COLOURS:
        owner = Owner(OwnerKind.MEMBER, visit.who, number)
        balances = ledger.of_owner(unit, owner)
        inside = [
            Held(
                balance.posted,
                balance.available,
                kinds[account.asset.code] is AssetKind.COIN,
                _worth(visit, balance.posted),
            )
            for account, balance in balances
            if balance.posted.minor or account.asset == visit.room.fiat
        ]
        if inside and (number == 1 or any(one.total.minor for one in inside)):
            groups.append(Group(colour, tuple(inside)))
    every = [one for group in groups for one in group.holdings]
    worth = Money(sum(one.worth.minor for one in every if one.worth is not None), visit.room.fiat)
    return Wallet(tuple(groups), worth, all(one.worth is not None for one in every))


def activity(unit: Unit, visit: Visit, before: int | None, limit: int) -> tuple[Happened, ...]:
    """What happened, newest first: the ledger's lines of one business are one line here."""
    found: dict[str, Happened] = {}
    for line in members.history(unit, visit.who, before, SCAN_MAX):
        key = f"{line.kind}/{line.txn}" if line.txn else str(line.number)
        money = line.amount.money()
        known = found.get(key)
        if known is None:
            if len(found) == limit:
                break
            kind = line.kind if line.kind in KINDS else "other"
            at = Moment.parse(line.at)
            look = _LOOKS.get(kind, slips.shop_of)
            shop, price = (look(unit, visit.who, line.txn) if line.txn else None) or ("", None)
            price = price if kind in ("sale", "withdrawal", "giftcard") else None
            found[key] = Happened(line.number, line.txn, kind, at, (money,), shop, price)
        else:
            found[key] = replace(known, number=line.number, amounts=_summed(known.amounts, money))
    return tuple(found.values())


def _summed(amounts: tuple[Money, ...], more: Money) -> tuple[Money, ...]:
    if any(one.asset == more.asset for one in amounts):
        return tuple(one + more if one.asset == more.asset else one for one in amounts)
    return (*amounts, more)


def _worth(visit: Visit, money: Money) -> Money | None:
    if money.asset == visit.room.fiat:
        return money
    rate = prices.value_rate(visit.room.board(), money.asset, visit.room.fiat)
    return None if rate is None else rate.value(money)


def counting(visit: Visit) -> tuple[Counting, ...]:
    """What waits for a count, or for the machine's own report."""
    rows = visit.read(lambda unit: withdraw.counting(unit, visit.who))
    return tuple(Counting(row.machine, Money(row.in_doubt or row.amount, row.fiat_asset)) for row in rows)


def last_told(unit: Unit, member: str) -> int:
    """The newest event of the member's feed, or 0."""
    row = unit.one("SELECT max(id) FROM event WHERE member = ?", (member,))
    return 0 if row is None or row[0] is None else int(row[0])


def _news(visit: Visit) -> Answer:
    """The newest sale that was paid or given back after event `after`, for the page to pop up."""
    after = _number(visit.query.get("after", ""))
    told = visit.read(lambda unit: settle.events(unit, member=visit.who, after=after))
    shown = [msgspec.json.decode(one.json)["txn"] for one in told if one.kind in POPPED]
    news = {"after": told[-1].id if told else after, "txn": shown[-1] if shown else ""}
    return Answer(200, msgspec.json.encode(news), "application/json", {"cache-control": "no-store"})


def _number(text: str) -> int:
    return min(int(text), NUMBER_MAX) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _part(visit: Visit) -> Answer:
    wallet = visit.read(lambda unit: held(unit, visit))
    lines = visit.read(lambda unit: activity(unit, visit, None, 4))
    return visit.page("wallet_part", wallet=wallet, activity=lines, counting=counting(visit))


def _activity(visit: Visit) -> Answer:
    before = _number(visit.query.get("before", "")) or None
    lines = visit.read(lambda unit: activity(unit, visit, before, PAGE_LINES))
    older = lines[-1].number if len(lines) == PAGE_LINES else None
    return visit.page("activity", activity=lines, older=older)


def _slip(visit: Visit) -> Answer:
    slip = _own_slip(visit)
    return visit.page("slip", slip=slip, proof=receipts.shown(visit.room, slip.proof))


def _slip_part(visit: Visit) -> Answer:
    return visit.page("slip_part", slip=_own_slip(visit))


def _own_slip(visit: Visit) -> slips.Slip:
    slip = visit.read(lambda unit: slips.slip_of(unit, visit.room.house, visit.who, visit.parts["txn"]))
    if slip is None:
        raise Refused.by(NO_SUCH_ROUTE, "no such sale", status=404)
    return slip


def _add(visit: Visit) -> Answer:
    me = visit.read(lambda unit: members.me(unit, visit.who))
    newest = visit.read(lambda unit: _newest_deposit(unit, visit, 0))
    return visit.page(
        "add", reference=me.deposit_reference, arrived=None, after=newest.number if newest is not None else 0
    )


def _arrival(visit: Visit) -> Answer:
    """The deposit that came after the page was loaded, if one did."""
    after = _number(visit.query.get("after", ""))
    found = visit.read(lambda unit: _newest_deposit(unit, visit, after))
    return visit.page("arrival_part", arrived=found.amounts[0] if found is not None else None, after=after)


def _newest_deposit(unit: Unit, visit: Visit, after: int) -> Happened | None:
    lines = activity(unit, visit, None, PAGE_LINES)
    return next((one for one in lines if one.kind == "deposit" and one.number > after), None)
