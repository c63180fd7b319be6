"""How a withdrawal ends: the tally of its notes, the signed report, and the same answer for ever after."""

from __future__ import annotations

import base64
import json

from core.cash import NONE, Count
from core.cash_report import PAID_REPORT, NotesOf, PaidReport
from core.codec import from_plain
from core.ids import TxnId
from core.messages.money import WireMoney
from core.sealed import seal
from core.vault_talk import CashStage, CloseOut, PaidOut, ReportReady, Stage
from device.vault import codes
from device.vault.books import Open
from device.vault.ledger import RETRACT
from device.vault.moves import stacked
from device.vault.records import Reported
from device.vault.setup import Setup
from device.vault.state import Asked, Job, Known, Phase
from device.vault.turn import Turn


def tally(setup: Setup, opened: Open) -> tuple[NotesOf, ...]:
    """What became of the notes of one withdrawal, by face, the largest first. Stacked notes that were never offered
    are nobody's but the machine's, however unsure their number is."""
    given: dict[int, Count] = {}
    put_back: dict[int, Count] = {}
    rejected: dict[int, Count] = {}
    back = {row.place: row.count for row in opened.back}
    for part in opened.landed:
        face = setup.face(part.place)
        rejected[face] = rejected.get(face, NONE) + part.rejected
        if not setup.machine.stacks:
            given[face] = given.get(face, NONE) + part.exited
    for place, notes in stacked(opened.landed).items() if setup.machine.stacks else ():
        face, came = setup.face(place), back.get(place, NONE)
        bin_of = put_back if opened.bin == RETRACT else rejected
        bin_of[face] = bin_of.get(face, NONE) + came
        out = Count.exact(notes).without(came) if opened.offering else NONE
        given[face] = given.get(face, NONE) + out
    faces = sorted({*given, *put_back, *rejected}, reverse=True)
    rows = ((face, given.get(face, NONE), put_back.get(face, NONE), rejected.get(face, NONE)) for face in faces)
    return tuple(NotesOf(WireMoney.of(setup.money(face)), *counts) for face, *counts in rows)


def finish(turn: Turn, code: str = "") -> None:
    """Sign the report of the open withdrawal and answer everybody who waits for it.

    A machine that presents at once and sees its exit: the report is signed now (what was presented is booked as given,
    I5), and the answer waits until the notes are taken or the time for that is over. If nobody takes them they stay
    booked as given, and the next withdrawal is refused until the exit is clear.
    """
    opened, setup, job = turn.state.books.open, turn.setup, turn.state.job
    assert opened is not None
    notes = tally(setup, opened)
    paid = _sign(turn, opened.txn, opened.nonce, notes, code or opened.code, _booked(setup, opened))
    if not setup.machine.stacks and setup.machine.sees_taken and job is not None and not job.resumed:
        out = sum(one.given.low for one in notes)
        if out:
            turn.stage(Stage(opened.txn, CashStage.OFFERED, out, out))
            turn.set_job(phase=Phase.AT_EXIT, until_ms=turn.now_ms + setup.take_ms, paid=paid)
            return
    turn.set(job=None)
    turn.answer_all(paid)


def _booked(setup: Setup, opened: Open) -> int:
    """Minor units that the exact entries of this withdrawal give to the customer."""
    parts = opened.landed
    if not setup.machine.stacks:
        return sum(setup.face(part.place) * part.exited.low for part in parts)
    if not opened.offering:
        return 0
    back = {row.place: row.count.low for row in opened.back}
    return sum(setup.face(place) * (notes - back.get(place, 0)) for place, notes in stacked(parts).items())


def _sign(turn: Turn, txn: TxnId, nonce: str, notes: tuple[NotesOf, ...], code: str, booked: int) -> PaidOut:
    setup, number = turn.setup, turn.state.books.number + 1
    least = sum(one.face.money().minor * one.given.low for one in notes)
    highest = sum(one.face.money().minor * (one.given.high or 0) for one in notes)
    report = PaidReport(
        vault=setup.vault,
        terminal=setup.terminal,
        number=number,
        txn=txn,
        nonce=nonce,
        least=WireMoney.of(setup.money(least)),
        highest=WireMoney.of(setup.money(highest)),
        notes=notes,
        code=code,
    )
    sealed = seal(PAID_REPORT, report, setup.signer)
    turn.note(Reported(txn, number, sealed, booked), durable=True)
    turn.tell(ReportReady(number))
    return _answer(report, sealed)


def _answer(report: PaidReport, sealed: str) -> PaidOut:
    return PaidOut(report.txn, sealed, report.number, report.least, report.highest, report.notes, report.code)


def is_paid(known: Known) -> bool:
    """Is it the report of a withdrawal, and not of a service act?"""
    return known.sealed.startswith(f"{PAID_REPORT}.")


def again(known: Known) -> PaidOut:
    """The first answer once more. The statement is our own, out of the hash-chained records."""
    body = known.sealed.split(".")[2]
    plain = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return _answer(from_plain(PaidReport, plain), known.sealed)


def close_out(turn: Turn, asked: Asked) -> None:
    """End `txn`: the report there is, the one there will be, or a tombstone that says it will never move a note."""
    assert isinstance(asked.request, CloseOut)
    txn, state = asked.request.txn, turn.state
    if asked.known is not None:
        if is_paid(asked.known):
            turn.answer(asked.asker, again(asked.known))
        else:
            turn.refuse(asked.asker, codes.TXN_USED)
        return
    if state.books.open is not None and state.books.open.txn == txn:
        turn.set(askers=(*state.askers, asked.asker))
        return
    if _serves(turn, txn, state.job):
        turn.refuse(asked.asker, codes.TXN_USED)
        return
    nonce = ""
    if state.nonce is not None and state.nonce.txn == txn:
        nonce = state.nonce.text
        turn.set(nonce=None)
    turn.answer(asked.asker, _sign(turn, txn, nonce, (), "", 0))


def _serves(turn: Turn, txn: TxnId, job: Job | None) -> bool:
    """Is `txn` the name of a service act that is going on?"""
    first = turn.state.first_count
    return (job is not None and job.txn == txn) or (first is not None and first.txn == txn)
