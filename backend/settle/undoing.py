"""Taking a sale back: reversal, void, expiry.

A reversal must succeed in the end, whatever became of the sale: an open hold is released, a settled sale is undone by
a mirrored record, an unknown one is buried so that a late original loses. Where a seller has already been paid out,
the missing part becomes what the seller owes.
"""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.refused import Refused
from backend.settle import feed
from backend.settle.finding import COLUMNS, SaleRow, capture_key, hold_key, load, own, told
from backend.settle.rules import House, merged
from backend.settle.selling import summary
from backend.store.unit import Unit
from core.faults.money import NOT_VOIDABLE, SALE_UNKNOWN
from core.ids import TxnId
from core.messages import ReverseRequest, Sale, SaleState, VoidRequest
from core.moment import Moment

REASON_MAX = 60  # characters of a reversal's reason that are kept


def reverse(unit: Unit, house: House, *, terminal: str, request: ReverseRequest, at: Moment) -> Sale:
    """Undo the transaction or make sure that it never happens; again gives the same end.

    Raises `Refused`: SALE_UNKNOWN (of another terminal), NOT_VOIDABLE (part of it was refunded).
    """
    row = load(unit, request.txn)
    if row is None:
        ledger.bury(unit, request.txn.text, at, request.reason[:REASON_MAX])
        return Sale(request.txn, "", SaleState.REVERSED, at.rfc3339())
    if row.terminal != terminal:
        raise Refused.by(SALE_UNKNOWN, request.txn.text, status=404)
    if row.state == SaleState.AUTHORISED.value:
        ledger.release(unit, hold_key(row.id), at)
        return _end(unit, house, row, SaleState.REVERSED, at, tally=None)
    if row.state == SaleState.SETTLED.value:
        if row.refunded:
            raise Refused.by(NOT_VOIDABLE, f"{row.txn} has refunds")
        _undo(unit, row, "reversal", at)
        # In an open batch the sale simply no longer counts; in a closed one the next batch counts a void.
        return _end(unit, house, row, SaleState.REVERSED, at, tally=None if row.batch is None else "void")
    return told(house, row)


def void(unit: Unit, house: House, *, terminal: str, request: VoidRequest, at: Moment) -> Sale:
    """The cashier's cancel of a settled sale, before its batch is closed; again gives the same end.

    Raises `Refused`: SALE_UNKNOWN, NOT_VOIDABLE.
    """
    row = own(unit, request.sale, terminal)
    if row.state == SaleState.VOIDED.value:
        return told(house, row)
    if not row.voidable:
        raise Refused.by(NOT_VOIDABLE, f"{row.txn} is {row.state}")
    _undo(unit, row, "void", at)
    return _end(unit, house, row, SaleState.VOIDED, at, tally="void")


def expire(unit: Unit, at: Moment) -> tuple[TxnId, ...]:
    """End sales whose hold ran out (a bounded number of them); their transactions."""
    ended: list[TxnId] = []
    for key in ledger.expire(unit, at):
        number = key.removeprefix("sale/").removesuffix("/hold")
        if key != hold_key(int(number) if number.isdecimal() else 0):
            continue  # a hold of another desk; it has ended all the same
        found = unit.one(f"SELECT {COLUMNS} FROM sale WHERE id = ?", (int(number),))  # noqa: S608
        assert found is not None, f"{key} is the hold of a sale"
        row = SaleRow(*found)
        unit.run("UPDATE sale SET state = 'expired', ended_at = ? WHERE id = ?", (at.ms, row.id))
        feed.tell(unit, row.member, row.seller, "sale.expired", summary(row), at)
        ended.append(TxnId(row.txn))
    return tuple(ended)


def taken(unit: Unit, owner: Owner, postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The same postings, but what `owner` has not got is owed: it moves to the owner's receivable."""
    covered: list[Posting] = []
    for posting in postings:
        lacking = 0
        if posting.account.owner == owner and posting.minor < 0:
            free = max(ledger.available(unit, owner, posting.account.asset), 0)
            lacking = max(-posting.minor - free, 0)
        if lacking:
            debt = ledger.account(unit, Owner(OwnerKind.RECEIVABLE, owner.id), posting.account.asset)
            covered.append(Posting(debt, -lacking))
        covered.append(Posting(posting.account, posting.minor + lacking))
    return merged(covered)


def _undo(unit: Unit, row: SaleRow, kind: str, at: Moment) -> None:
    found = ledger.postings_of(unit, capture_key(row.id))
    assert found is not None, f"{row.txn} is settled, so it was booked"
    journal, postings = found
    back = ledger.mirrored(postings)
    for owner in (Owner(OwnerKind.SELLER, row.seller), Owner(OwnerKind.AGENCY, row.agency)):
        back = taken(unit, owner, back)
    record = Record(kind, f"{capture_key(row.id)}/reversed", at, back, row.txn, row.terminal, row.seller)
    ledger.post(unit, record, reverses=journal)


def _end(unit: Unit, house: House, row: SaleRow, state: SaleState, at: Moment, *, tally: str | None) -> Sale:
    unit.run("UPDATE sale SET state = ?, ended_at = ?, tally = ? WHERE id = ?", (state.value, at.ms, tally, row.id))
    feed.tell(unit, row.member, row.seller, f"sale.{state.value}", summary(row), at)
    ended = load(unit, TxnId(row.txn))
    assert ended is not None
    return told(house, ended)
