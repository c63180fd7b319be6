"""Ending: evidence divides what was held between the machine, the suspense account and the wallet, in one record.

First evidence ends the hold; later evidence moves only what it changes. Nothing that was given back is taken again:
what a later count finds beyond it is the operator's loss and an alarm.
"""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.ledger.desk import Record
from backend.settle import feed
from backend.store import Unit
from backend.terminals.shops import CashSide
from backend.withdraw import alarms, books
from backend.withdraw.authorising import hold_key, record_key, summary
from backend.withdraw.finding import WithdrawalRow, load
from backend.withdraw.rules import Evidence, Shares, share_out
from backend.withdraw.teller import Teller
from core.faults.withdrawal import OVER_DISPENSED, STRAY_NOTES
from core.ids import TxnId
from core.messages import WithdrawState
from core.moment import Moment


def end(
    unit: Unit, row: WithdrawalRow, seen: Evidence, act: str, at: Moment, *, counted: bool = False
) -> WithdrawalRow:
    """The first evidence of an authorised withdrawal; the row as it stands then."""
    assert row.state == WithdrawState.AUTHORISED.value, f"{row.txn} has ended"
    shares = share_out(row.amount, seen)
    account, postings = books.divided(unit, row, None, shares)
    assert account is not None, "the hold has an account"
    record = Record(books.RECORD, record_key(row.id, act), at, postings, row.txn, row.terminal, row.vault)
    if shares.kept or shares.machine:
        ledger.capture(unit, hold_key(row.id), record)
    else:
        ledger.release(unit, hold_key(row.id), at)
        ledger.post(unit, record)
    now = row._replace(ended_at=at.ms, counted_at=at.ms if counted else None)
    return _written(unit, now, seen, shares, Shares(0, 0, 0, row.amount), at)


def learn(
    unit: Unit, row: WithdrawalRow, seen: Evidence, act: str, at: Moment, *, counted: bool = False
) -> WithdrawalRow:
    """Later evidence; the row as it stands then."""
    before, now = row.shares, share_out(row.amount, seen, row.kept)
    row = row._replace(counted_at=at.ms) if counted else row
    if before != now:
        _, postings = books.divided(unit, row, before, now)
        if postings:
            key = record_key(row.id, act)
            ledger.post(unit, Record(books.RECORD, key, at, postings, row.txn, row.terminal, row.vault))
    return _written(unit, row, seen, now, before, at)


def stray(unit: Unit, teller: Teller, side: CashSide, txn: TxnId, given: int, act: str, at: Moment) -> None:
    """Evidence about a transaction nobody authorised here: a late original loses, and notes that moved are a loss."""
    if load(unit, txn) is None:
        ledger.bury(unit, txn.text, at, "cash report")
    row = unit.one("SELECT given FROM withdrawal_stray WHERE txn = ?", (txn.text,))
    more = given - (row[0] if row else 0)
    if not more or (row and act == "paid"):
        return
    unit.run(
        "INSERT INTO withdrawal_stray VALUES(?1, ?2, ?3) ON CONFLICT(txn) DO UPDATE SET given = ?3",
        (txn.text, side.terminal, given),
    )
    postings = books.moved(unit, books.loss(side.seller), books.machine(side.vault), more, teller.fiat)
    record = Record("withdrawal_stray", f"stray/{txn.text}/{act}", at, postings, txn.text, side.terminal)
    ledger.post(unit, record)
    alarms.ring(unit, side.terminal, STRAY_NOTES.code, txn.text, given, at)


def _written(unit: Unit, row: WithdrawalRow, seen: Evidence, now: Shares, before: Shares, at: Moment) -> WithdrawalRow:
    state = WithdrawState.PAID if now.kept else WithdrawState.RELEASED
    if now.doubt:
        state = WithdrawState.SUSPENSE
    made = row._replace(state=state.value, least=seen.least, highest=seen.highest, kept=now.kept)
    unit.run(
        "UPDATE withdrawal SET state = ?, least = ?, highest = ?, kept = ?, ended_at = ?, counted_at = ? WHERE id = ?",
        (made.state, made.least, made.highest, made.kept, made.ended_at, made.counted_at, made.id),
    )
    if now.loss > before.loss:
        alarms.ring(unit, row.terminal, OVER_DISPENSED.code, row.txn, now.loss, at)
    feed.tell(unit, row.member, row.operator, f"withdrawal.{made.state}", summary(made), at)
    return made
