"""Sold cards as rows, and as what the machine, the member and the operator are told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from backend.giftcards import stock
from backend.giftcards.rules import Terms
from backend.giftcards.stock import CardSealer
from backend.refused import Refused
from backend.store import Unit
from backend.withdraw.desk import Teller
from core.asset import Asset
from core.faults.giftcards import SALE_UNKNOWN
from core.ids import BadId, TxnId
from core.messages import GiftSold
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money


@dataclass(frozen=True, slots=True)
class Clerk:
    """What the exchange brings to gift cards. `teller` knows the limits and the approvals they share with notes."""

    terms: Terms
    teller: Teller
    sealer: CardSealer


class SaleRow(NamedTuple):
    """The columns of ``gift_sale``, in the order they are written; see `tables`."""

    id: int
    txn: str
    quote_id: str
    rrn: str
    approval: str
    stan: int
    terminal: str
    presentation: str
    member: str
    machine: str
    issuer: str
    stock: int
    fiat: str
    fiat_scale: int
    coin: str
    coin_scale: int
    face: int
    fee: int
    from_fiat: int
    coins: int
    rate: int
    approved: int
    priced: str
    at: int

    def money(self, minor: int) -> Money:
        return Money(minor, Asset(self.fiat, self.fiat_scale))

    @property
    def sold_at(self) -> Moment:
        return Moment(self.at)

    @property
    def coins_sold(self) -> Money | None:
        return Money(self.coins, Asset(self.coin, self.coin_scale)) if self.coin else None


COLUMNS: Final = ", ".join(SaleRow._fields)


def find(unit: Unit, clerk: Clerk, *, terminal: str, txn: str) -> GiftSold:
    """The card sold under that transaction at this machine, with its code. Raises `Refused` 404."""
    try:
        row = load(unit, TxnId(txn))
    except BadId:
        row = None
    if row is None or row.terminal != terminal:
        raise Refused.by(SALE_UNKNOWN, status=404)
    return told(unit, row, stock.code_of(unit, clerk.sealer, row.stock))


def of_member(unit: Unit, clerk: Clerk, member: str, limit: int = 50) -> tuple[GiftSold, ...]:
    """The member's own cards with their codes, newest first."""
    rows = unit.all(f"SELECT {COLUMNS} FROM gift_sale WHERE member = ? ORDER BY id DESC LIMIT ?", (member, limit))  # noqa: S608
    found = (SaleRow(*row) for row in rows)
    return tuple(told(unit, row, stock.code_of(unit, clerk.sealer, row.stock)) for row in found)


def recent(unit: Unit, limit: int = 50) -> tuple[SaleRow, ...]:
    """The newest sales, for the operator: no code and no way to one."""
    rows = unit.all(f"SELECT {COLUMNS} FROM gift_sale ORDER BY id DESC LIMIT ?", (limit,))  # noqa: S608
    return tuple(SaleRow(*row) for row in rows)


def card_of(unit: Unit, member: str, txn: str) -> tuple[str, Money] | None:
    """Issuer and face of a card this member bought: a line of the history."""
    row = unit.one(
        "SELECT i.name, s.face, s.fiat, s.fiat_scale FROM gift_sale AS s JOIN gift_issuer AS i ON i.issuer = s.issuer"
        " WHERE s.txn = ? AND s.member = ?",
        (txn, member),
    )
    return None if row is None else (str(row[0]), Money(row[1], Asset(row[2], row[3])))


def load(unit: Unit, txn: TxnId) -> SaleRow | None:
    row = unit.one(f"SELECT {COLUMNS} FROM gift_sale WHERE txn = ?", (txn.text,))  # noqa: S608
    return None if row is None else SaleRow(*row)


def told(unit: Unit, row: SaleRow, code: str) -> GiftSold:
    named = stock.issuer_of(unit, row.issuer)
    coins = row.coins_sold
    return GiftSold(
        txn=TxnId(row.txn),
        rrn=row.rrn,
        approval_code=row.approval,
        issuer=row.issuer,
        name=named.name,
        name_ko=named.name_ko,
        face=WireMoney.of(row.money(row.face)),
        fee=WireMoney.of(row.money(row.fee)),
        from_fiat=WireMoney.of(row.money(row.from_fiat)),
        coins=None if coins is None else WireMoney.of(coins),
        rate=WireMoney.of(row.money(row.rate)) if coins is not None else None,
        how=named.how,
        how_ko=named.how_ko,
        at=Moment(row.at).rfc3339(),
        code=code,
    )
