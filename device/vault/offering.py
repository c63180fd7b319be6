"""Stacked notes: offered, taken, pulled back or put aside. Nothing here happens on a machine that presents at once."""

from __future__ import annotations

from core.cash import Count
from core.dispenser import Binned, Look, Offer, Offered, PutAside, Retract, Seen
from core.vault_talk import CashStage, Stage
from device.vault import closing, codes, moves
from device.vault.books import Open
from device.vault.ledger import EXIT, REJECT, RETRACT, TAKEN, TRANSPORT, Entry
from device.vault.records import BackAt, Gone, Offering, Reached, Returned
from device.vault.state import Phase
from device.vault.turn import Turn


def _open(turn: Turn) -> Open:
    assert turn.state.books.open is not None
    return turn.state.books.open


def offer(turn: Turn) -> None:
    """Open the shutter; that it may be open is on the disk first."""
    op = f"{_open(turn).txn.text}/{_open(turn).moves}"
    turn.note(Offering(op), durable=True)
    turn.set_job(phase=Phase.OFFERING)
    turn.order(Offer(op))


def put_aside(turn: Turn) -> None:
    """Stacked notes that must not be offered, into the reject bin; where that is not possible they stay inside."""
    opened = _open(turn)
    if turn.setup.machine.rejects and turn.state.up:
        turn.set_job(phase=Phase.ASIDE)
        turn.order(PutAside(f"{opened.txn.text}/{opened.moves}"))
    else:
        closing.finish(turn, codes.PUT_ASIDE)


def offered(turn: Turn, news: Offered) -> None:
    """Within reach, for certain or perhaps: wait for the hand that takes them."""
    opened, setup = _open(turn), turn.setup
    if news.sure:
        reached(turn)
    if not setup.machine.sees_taken:
        if news.sure:
            gone(turn)
        else:
            nobody_knows(turn, news.code or codes.IN_DOUBT)
        return
    notes = sum(moves.stacked(opened.landed).values())
    turn.set_job(phase=Phase.WAITING, sure=news.sure, until_ms=turn.now_ms + setup.take_ms)
    turn.stage(Stage(opened.txn, CashStage.OFFERED, notes, notes))


def reached(turn: Turn) -> None:
    """The stacked notes lie at the exit now."""
    opened = _open(turn)
    if not opened.reached:
        turn.note(Reached(opened.offering, _entries(turn, TRANSPORT, EXIT)))


def gone(turn: Turn) -> None:
    """The customer took them: the withdrawal ends with all that was offered."""
    turn.note(Gone(_entries(turn, EXIT if _open(turn).reached else TRANSPORT, TAKEN)))
    closing.finish(turn)


def out_of_time(turn: Turn) -> None:
    """Nobody took them: pull back where that can be done. Else what was presented is booked as given (I5)."""
    opened, machine, job = _open(turn), turn.setup.machine, turn.state.job
    assert job is not None
    if machine.retracts and turn.state.up:
        notes = sum(moves.stacked(opened.landed).values())
        turn.set_job(phase=Phase.RETRACTING, until_ms=0)
        turn.order(Retract(opened.offering))
        turn.stage(Stage(opened.txn, CashStage.PULLING_BACK, notes, notes))
    elif job.sure:
        closing.finish(turn, codes.NOT_TAKEN)
    else:
        nobody_knows(turn, codes.IN_DOUBT)


def binned(turn: Turn, news: Binned) -> None:
    """Notes came back into a bin: what did not is the customer's, what is not known waits for the count."""
    job = turn.state.job
    assert job is not None
    retracting = job.phase is Phase.RETRACTING
    out = moves.stacked(_open(turn).landed)
    rows, fits = moves.back_at(out, news.parts, sure=news.sure)
    code = news.code or (codes.RETRACTED if retracting else codes.PUT_ASIDE)
    _returned(turn, rows, RETRACT if retracting else REJECT, code, "" if fits else codes.CONTRADICTION)


def nobody_knows(turn: Turn, code: str) -> None:
    """All of it may be with the customer, or none. What was never offered was put aside or still lies stacked."""
    opened, machine = _open(turn), turn.setup.machine
    out = moves.stacked(opened.landed)
    rows = tuple(BackAt(place, Count(0, notes)) for place, notes in sorted(out.items()))
    pulled_back = machine.retracts and (opened.offering or not machine.rejects)
    _returned(turn, rows, RETRACT if pulled_back else REJECT, code, "")


def torn(turn: Turn) -> None:
    """Presenting went wrong, and what was within reach is taken: the rest hangs where it was, if there is a rest."""
    out = moves.stacked(_open(turn).landed)
    rows = tuple(BackAt(place, Count(0, notes)) for place, notes in sorted(out.items()))
    _returned(turn, rows, TRANSPORT, codes.IN_DOUBT, "")


def _returned(turn: Turn, rows: tuple[BackAt, ...], target: str, code: str, suspends: str) -> None:
    opened = _open(turn)
    out = moves.stacked(opened.landed)
    source = EXIT if opened.reached else TRANSPORT
    entries, doubts = moves.returned(
        turn.setup, opened.txn.text, rows, out, source, target, offered=bool(opened.offering)
    )
    suspends = suspends or (codes.IN_DOUBT if doubts else "")
    turn.note(Returned(opened.offering, target, rows, code, entries, doubts, suspends), durable=True)
    closing.finish(turn)


def found_again(turn: Turn, seen: Seen) -> None:
    """After a restart in the middle of offering: where are the notes? Each sensor says one thing; silence says
    nothing. An exit that is empty again may have been emptied by the customer or by the machine itself."""
    machine = turn.setup.machine
    if seen.exit_clear is False:
        reached(turn)
        turn.set_job(phase=Phase.WAITING, sure=True, until_ms=turn.now_ms + turn.setup.take_ms)
    elif seen.exit_clear and seen.path_clear is False and machine.rejects:
        turn.set_job(phase=Phase.ASIDE)
        turn.order(PutAside(_open(turn).offering))
    elif seen.exit_clear and _open(turn).reached and not machine.retracts:
        gone(turn)
    else:
        nobody_knows(turn, codes.IN_DOUBT)


def resume(turn: Turn) -> None:
    """The cable is back, and the open withdrawal has no movement without a result."""
    if _open(turn).offering:
        turn.set_job(phase=Phase.LOOKING, resumed=True)
        turn.order(Look())
    else:
        nobody_knows(turn, codes.PUT_ASIDE)  # into the bin or still stacked: not with the customer


def _entries(turn: Turn, source: str, target: str) -> tuple[Entry, ...]:
    out = moves.stacked(_open(turn).landed)
    return tuple(Entry(turn.setup.face(place), source, target, notes) for place, notes in sorted(out.items()))
