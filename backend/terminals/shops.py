"""Shops: who sells, how they are paid, which terminals they have, and what their goods cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.refused import Refused
from backend.store import Unit
from backend.store.unit import Row
from backend.terminals.rules import BadList, BadShop, Good, PayoutChoice, checked, shop_name
from core.asset import Asset
from core.faults.terminals import BAD_PRICE_LIST, BAD_SHOP, NO_SUCH_TERMINAL, NOT_A_SELLER
from core.fingerprint import vault_id
from core.moment import Moment
from core.money import Money

CHANGED: Final = "terminal.changed"
LISTED: Final = "terminal.listed"  # its shop has another price list
PAGE_MAX: Final = 200  # terminals in one answer
FLEET_MAX: Final = 50  # terminals of one shop that are told at once; the others look every ten minutes


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who sells. `id` is the member's or operator's; it is also the ledger's owner of what is earned."""

    id: str
    shop: str
    payout: PayoutChoice


@dataclass(frozen=True, slots=True)
class Terminal:
    """A paired device. `public_key` raw Ed25519, base64."""

    id: str
    seller: str
    shop: str
    mode: str
    model: str
    version: str
    state: str
    public_key: str
    paired_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class CashSide:
    """A terminal as the withdrawal must know it. `vault_key` raw Ed25519, base64, "" where there is no cash side."""

    terminal: str
    seller: str
    shop: str
    mode: str
    active: bool
    vault_key: str

    @property
    def vault(self) -> str:
        """The key id of the cash side: its books stand under it, whichever terminal it is paired with."""
        return vault_id(self.vault_key)


@dataclass(frozen=True, slots=True)
class PriceList:
    """`version` rises with every change; it is the ETag."""

    version: int
    currency: str
    goods: tuple[Good, ...]


def open_shop(unit: Unit, person: str, name: str, payout: PayoutChoice, at: Moment) -> Seller:
    """Become a seller, or change the shop's name and payout. Terminals carry the new name from their next start."""
    try:
        shop = shop_name(name)
    except BadShop as error:
        raise Refused.by(BAD_SHOP, str(error), status=422) from None
    unit.run(
        "INSERT INTO seller(id, shop, payout, opened_at) VALUES(?, ?, ?, ?)"
        " ON CONFLICT(id) DO UPDATE SET shop = excluded.shop, payout = excluded.payout",
        (person, shop, payout.value, at.ms),
    )
    unit.run("UPDATE terminal SET shop = ? WHERE seller = ?", (shop, person))
    _tell_fleet(unit, person, CHANGED)
    return Seller(person, shop, payout)


def seller_of(unit: Unit, person: str) -> Seller:
    """Raises `Refused` for somebody who has no shop."""
    row = unit.one("SELECT shop, payout FROM seller WHERE id = ?", (person,))
    if row is None:
        raise Refused.by(NOT_A_SELLER, status=403)
    return Seller(person, row[0], PayoutChoice(row[1]))


def terminal_of(unit: Unit, terminal: str) -> Terminal:
    """Raises `Refused` for an id that is no terminal's."""
    row = unit.one(
        "SELECT id, seller, shop, mode, model, version, state, public_key, paired_at, seen_at FROM terminal"
        " WHERE id = ?",
        (terminal,),
    )
    if row is None:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    return _terminal(row)


def seller_at(unit: Unit, terminal: str) -> tuple[bool, Seller]:
    """Whether the terminal may act, and whose it is: one look-up, for the path of every sale. Raises `Refused`."""
    row = unit.one(
        "SELECT terminal.state, seller.id, seller.shop, seller.payout FROM terminal"
        " JOIN seller ON seller.id = terminal.seller WHERE terminal.id = ?",
        (terminal,),
    )
    if row is None:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    return row[0] == "active", Seller(row[1], row[2], PayoutChoice(row[3]))


def cash_side(unit: Unit, terminal: str) -> CashSide:
    """One look-up, for the path of every withdrawal. Raises `Refused` for an id that is no terminal's."""
    row = unit.one("SELECT seller, shop, mode, state, vault_key FROM terminal WHERE id = ?", (terminal,))
    if row is None:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    return CashSide(terminal, row[0], row[1], row[2], row[3] == "active", row[4])


def terminals_of(unit: Unit, person: str) -> tuple[Terminal, ...]:
    rows = unit.all(
        "SELECT id, seller, shop, mode, model, version, state, public_key, paired_at, seen_at FROM terminal"
        " WHERE seller = ? ORDER BY paired_at",
        (person,),
    )
    return tuple(_terminal(row) for row in rows)


def terminals_after(unit: Unit, last: str) -> tuple[Terminal, ...]:
    """A page of the whole fleet, for its operator."""
    rows = unit.all(
        "SELECT id, seller, shop, mode, model, version, state, public_key, paired_at, seen_at FROM terminal"
        " WHERE id > ? ORDER BY id LIMIT ?",
        (last, PAGE_MAX),
    )
    return tuple(_terminal(row) for row in rows)


def own_terminal(unit: Unit, terminal: str, person: str) -> Terminal:
    """A terminal of this person's shop. Raises `Refused`; a foreign one is no more known than none."""
    found = terminal_of(unit, terminal)
    if found.seller != person:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    return found


def revoke(unit: Unit, terminal: str, person: str, at: Moment) -> Terminal:
    """End a terminal's rights, at once and for good. Only its owner can. Again is fine."""
    own_terminal(unit, terminal, person)
    unit.run(
        "UPDATE terminal SET state = 'revoked', revoked_at = ? WHERE id = ? AND state = 'active'", (at.ms, terminal)
    )
    unit.tell(CHANGED, terminal)
    return terminal_of(unit, terminal)


def seen(unit: Unit, moments: dict[str, int]) -> None:
    """Note when terminals were last heard of (gathered in memory, written now and then)."""
    unit.many("UPDATE terminal SET seen_at = ? WHERE id = ?", [(at, terminal) for terminal, at in moments.items()])


def set_goods(unit: Unit, person: str, goods: Sequence[Good], currency: Asset) -> PriceList:
    """Replace the whole price list, or take nothing of it. Raises `Refused` naming the line."""
    seller_of(unit, person)
    try:
        rows = checked(goods, currency)
    except BadList as error:
        raise Refused.by(BAD_PRICE_LIST, str(error), status=422) from None
    unit.run("DELETE FROM goods WHERE seller = ?", (person,))
    unit.many("INSERT INTO goods VALUES(?, ?, ?, ?)", [(person, *row) for row in rows])
    unit.run("UPDATE seller SET goods_version = goods_version + 1 WHERE id = ?", (person,))
    _tell_fleet(unit, person, LISTED)
    return price_list(unit, person, currency)


def price_list(unit: Unit, person: str, currency: Asset) -> PriceList:
    row = unit.one("SELECT goods_version FROM seller WHERE id = ?", (person,))
    if row is None:
        raise Refused.by(NOT_A_SELLER, status=403)
    rows = unit.all("SELECT barcode, name, minor FROM goods WHERE seller = ? ORDER BY name, barcode", (person,))
    goods = tuple(Good(barcode, name, Money(minor, currency).decimal()) for barcode, name, minor in rows)
    return PriceList(row[0], currency.code, goods)


def _tell_fleet(unit: Unit, person: str, topic: str) -> None:
    fleet = unit.all("SELECT id FROM terminal WHERE seller = ? AND state = 'active' LIMIT ?", (person, FLEET_MAX))
    for (terminal,) in fleet:
        unit.tell(topic, terminal)


def _terminal(row: Row) -> Terminal:
    return Terminal(
        id=row[0],
        seller=row[1],
        shop=row[2],
        mode=row[3],
        model=row[4],
        version=row[5],
        state=row[6],
        public_key=row[7],
        paired_at=Moment(row[8]).rfc3339(),
        seen_at=Moment(row[9]).rfc3339(),
    )
