"""Sales as their shopper and their seller see them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.settle import desk as settle
from backend.settle.finding import load, told
from backend.settle.rules import House
from backend.store import Unit
from core.asset import Asset
from core.ids import BadId, TxnId
from core.messages import Sale, SaleState
from core.moment import Moment
from core.money import Money
from core.rate import Rate


@dataclass(frozen=True, slots=True)
class Slip:
    """One sale. What only a settled sale has is None before; `refunded` is None while nothing was given back."""

    txn: str
    state: SaleState
    rrn: str
    approval: str
    shop: str
    terminal: str
    at: Moment
    price: Money
    quantity: Money | None
    fee: Money | None
    total: Money | None
    rate: Rate | None
    proof: str
    paid_out: Money | None
    refunded: Money | None


def slip_of(unit: Unit, house: House, member: str, txn: str) -> Slip | None:
    """The sale `txn` if this member paid it."""
    try:
        row = load(unit, TxnId(txn))
    except BadId:
        return None
    if row is None or row.member != member:
        return None
    return _slip(told(house, row), row.terminal, row.shop)


def shop_of(unit: Unit, member: str, txn: str) -> tuple[str, Money] | None:
    """Shop and price of a sale this member paid."""
    row = unit.one("SELECT shop, price, fiat, fiat_scale FROM sale WHERE txn = ? AND member = ?", (txn, member))
    return None if row is None else (str(row[0]), Money(row[1], Asset(row[2], row[3])))


def machine_of(unit: Unit, member: str, txn: str) -> tuple[str, Money] | None:
    """Machine and notes of a withdrawal of this member, as far as they are paid for."""
    row = unit.one("SELECT machine, kept, fiat, fiat_scale FROM withdrawal WHERE txn = ? AND member = ?", (txn, member))
    return None if row is None else (str(row[0]), Money(row[1], Asset(row[2], row[3])))


def sold_since(unit: Unit, house: House, seller: str, since: Moment, limit: int) -> tuple[Slip, ...]:
    """The seller's sales since a moment, newest first, at most `limit`."""
    listed = settle.recent(unit, house, seller=seller, limit=limit)
    slips = (_slip(one.sale, one.terminal, one.shop) for one in listed)
    return tuple(slip for slip in slips if slip is not None and slip.at >= since)


def _slip(sale: Sale, terminal: str, shop: str) -> Slip | None:
    if sale.price is None:
        return None
    price, capture = sale.price.money(), sale.capture
    left = sale.refundable.money() if sale.refundable is not None else price
    refunded = price - left if sale.state is SaleState.SETTLED and left < price else None
    if capture is None:
        unsettled = (None, None, None, None, "", None, None)
        return Slip(sale.txn.text, sale.state, sale.rrn, "", shop, terminal, Moment.parse(sale.at), price, *unsettled)
    quantity = capture.quantity.money()
    return Slip(
        txn=sale.txn.text,
        state=sale.state,
        rrn=sale.rrn,
        approval=capture.approval_code,
        shop=shop,
        terminal=terminal,
        at=Moment.parse(capture.settled_at),
        price=price,
        quantity=quantity,
        fee=capture.fee.money(),
        total=capture.total.money(),
        rate=Rate(quantity.asset, capture.rate.money()),
        proof=capture.proof,
        paid_out=capture.payout.amount.money(),
        refunded=refunded,
    )
