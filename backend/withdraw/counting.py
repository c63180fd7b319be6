"""Service acts: what people put into a machine, took out of it, and found in it when they counted.

A count closes suspense: each member gets back what was not given, at the locked price. What nobody can explain goes to
the machine's difference account, on the day of the count.
"""

from __future__ import annotations

from typing import assert_never

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, Record
from backend.store import Unit
from backend.terminals.shops import CashSide
from backend.withdraw import alarms, books, ending
from backend.withdraw.finding import load
from backend.withdraw.rules import Evidence, face_value
from backend.withdraw.teller import Teller
from core.cash_report import Act, Closed, ServiceReport
from core.faults.withdrawal import COUNT_DIFFERS, EVIDENCE_DIFFERS
from core.messages import WithdrawState
from core.moment import Moment


def serve(unit: Unit, teller: Teller, side: CashSide, said: ServiceReport, at: Moment) -> None:
    """Book one service act. A count of notes that is not exact is booked at its least; the next count finds the rest.

    `book` and `found` of a count stand after its `closed` items: their difference is what nobody can explain.
    """
    notes = face_value((one.face.money().minor, one.count.low) for one in said.notes)
    owner, inside = books.operator(side.seller), books.machine(said.vault)
    match said.act:
        case Act.LOADED:
            _move(unit, teller, side, said, inside, owner, notes, at)
        case Act.REMOVED:
            _move(unit, teller, side, said, owner, inside, notes, at)
        case Act.COUNTED:
            for one in said.closed:
                _close(unit, teller, side, said, one, at)
            if said.book is not None and said.found is not None:
                lacking = said.book.money().minor - said.found.money().minor
                _move(unit, teller, side, said, books.difference(said.vault), inside, lacking, at)
                if lacking:
                    alarms.ring(unit, side.terminal, COUNT_DIFFERS.code, f"{said.vault}/{said.number}", -lacking, at)
        case Act.TESTED | Act.CLEARED:
            pass  # notes change their place inside the machine; the statement itself is kept
        case _:
            assert_never(said.act)


def _move(
    unit: Unit, teller: Teller, side: CashSide, said: ServiceReport, giver: Owner, taker: Owner, minor: int, at: Moment
) -> None:
    postings = books.moved(unit, giver, taker, minor, teller.fiat)
    if postings:
        key = f"cash/{said.vault}/{said.number:012d}"
        record = Record(f"cash_{said.act.value}", key, at, postings, said.txn.text, side.terminal, said.vault)
        ledger.post(unit, record)


def _close(unit: Unit, teller: Teller, side: CashSide, said: ServiceReport, one: Closed, at: Moment) -> None:
    """What a customer is now known to have. A count may come before the withdrawal's own report: then it ends it."""
    row, given = load(unit, one.txn), one.given.money().minor
    act, seen = f"counted/{said.number}", Evidence(given, given)
    if row is None or row.vault != said.vault:
        ending.stray(unit, teller, side, one.txn, given, act, at)
        return
    if row.state == WithdrawState.AUTHORISED.value:
        ending.end(unit, row, seen, act, at, counted=True)
        return
    if not row.least <= given <= row.highest:
        alarms.ring(unit, side.terminal, EVIDENCE_DIFFERS.code, row.txn, given - row.highest, at)
    ending.learn(unit, row, seen, act, at, counted=True)
