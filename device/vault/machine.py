"""The decision machine of the cash side: ``step(setup, state, input, now_ms) -> (state, effects)``. Pure.

`now_ms` is any monotonic clock. Of the effects the caller performs the `Write` first (it is always first, and at most
one), then the orders, then the answers; a write that fails means that nothing else of the step may be done.
"""

from __future__ import annotations

from typing import Final, assert_never

from core.authority import LIFE_MAX_MS
from core.cash_report import REPORT_TAKEN, ReportTaken
from core.dispenser import (
    Binned,
    CashNews,
    Cleared,
    Look,
    Moved,
    Noticed,
    Offered,
    Progress,
    Recall,
    Seen,
    Taken,
)
from core.sealed import BadSealed, unseal
from core.vault_talk import (
    REPORTS_MAX,
    Acknowledge,
    AskChallenge,
    AskNonce,
    AskState,
    CloseOut,
    HandReports,
    PayOut,
    Serve,
)
from device.vault import acts, closing, codes, moves, offering, paying, serving
from device.vault.books import Books
from device.vault.ledger import EXIT, TAKEN, Entry
from device.vault.records import Acknowledged, Gone
from device.vault.setup import Setup
from device.vault.standing import shown, tell_changes
from device.vault.state import (
    Asked,
    CableLost,
    CableOpened,
    Effect,
    Heard,
    Input,
    Job,
    Phase,
    Restarted,
    State,
    Tick,
)
from device.vault.turn import Turn

HELD_MAX: Final = 8  # requests that wait for the machine to be looked at: more askers than there are


def begin(books: Books) -> State:
    """The state of a program that has just read its books; step it with `Restarted` first."""
    return State(books)


def step(setup: Setup, state: State, told: Input, now_ms: int) -> tuple[State, tuple[Effect, ...]]:
    turn = Turn(setup, state, now_ms)
    match told:
        case Asked():
            _asked(turn, told)
        case Heard(news):
            _heard(turn, news)
        case Restarted():
            _restarted(turn)
        case CableOpened():
            turn.set(up=True, nonce=None, seen=None)
            _resume(turn)
        case CableLost():
            _lost(turn)
        case Tick(room):
            turn.set(room=room)
            _tick(turn)
        case _:
            assert_never(told)
    tell_changes(turn, state)
    return turn.state, turn.effects()


def wakes_at(state: State) -> int | None:
    """When the next `Tick` has something to do; None for never."""
    times = []
    if state.order is not None:
        times.append(state.due_ms)
    if state.job is not None and state.job.until_ms:
        times.append(state.job.until_ms)
    if state.up and state.job is None and state.order is None:
        times.append(state.look_ms)
    return min(times) if times else None


def idle(state: State) -> bool:
    """Nothing is open: the time for snapshots and checkpoints."""
    return state.job is None and state.books.open is None and state.books.testing is None


# -- requests ------------------------------------------------------------------------------------------


def _asked(turn: Turn, asked: Asked) -> None:
    request = asked.request
    match request:
        case AskState():
            turn.answer(asked.asker, shown(turn.setup, turn.state))
        case AskNonce():
            if not _looks_first(turn, asked):
                paying.ask_nonce(turn, asked)
        case PayOut():
            if turn.state.order is None or turn.state.job is not None or not _looks_first(turn, asked):
                paying.pay_out(turn, asked)
        case CloseOut():
            closing.close_out(turn, asked)
        case HandReports(after):
            _hand(turn, asked.asker, after)
        case Acknowledge(taken):
            _acknowledge(turn, asked.asker, taken)
        case AskChallenge():
            acts.ask_challenge(turn, asked)
        case Serve():
            if not _looks_first(turn, asked):
                serving.serve(turn, asked)
        case _:
            assert_never(request)


def _looks_first(turn: Turn, asked: Asked) -> bool:
    """Hold a request until the machine has been looked at because of it; False when there is nothing to wait for."""
    state = turn.state
    if asked.fresh or asked.known is not None or not state.up or state.job is not None:
        return False
    if len(state.held) >= HELD_MAX:
        turn.refuse(asked.asker, codes.BUSY)
        return True
    turn.set(held=(*state.held, asked))
    if state.order is None:
        turn.order(Look())
    return True


def _hand(turn: Turn, asker: int, after: int) -> None:
    waiting = turn.state.books.waiting
    turn.hand(asker, tuple(number for number in waiting if number > after)[:REPORTS_MAX], len(waiting))


def _acknowledge(turn: Turn, asker: int, taken: str) -> None:
    try:
        said = unseal(REPORT_TAKEN, ReportTaken, taken, turn.setup.exchange).statement
    except BadSealed as error:
        turn.refuse(asker, codes.ACKNOWLEDGED_BADLY, str(error))
        return
    if said.vault != turn.setup.vault or not 0 < said.number <= turn.state.books.number:
        turn.refuse(asker, codes.ACKNOWLEDGED_BADLY, "it is about no statement of ours")
        return
    if said.number in turn.state.books.waiting:
        turn.note(Acknowledged(said.number))
    _hand(turn, asker, 0)


# -- news ----------------------------------------------------------------------------------------------


def _heard(turn: Turn, news: CashNews) -> None:
    match news:
        case Seen():
            _seen(turn, news)
        case Moved():
            _moved(turn, news)
        case Offered():
            if _ends(turn, Phase.OFFERING):
                offering.offered(turn, news)
        case Binned():
            if _ends(turn, Phase.RETRACTING, Phase.ASIDE):
                offering.binned(turn, news)
        case Cleared():
            if _ends(turn, Phase.CLEARING):
                acts.cleared(turn, news)
        case Taken():
            _taken(turn)
        case Progress():
            paying.progressed(turn, news)
        case Noticed():
            turn.set(nonce=None)  # somebody was at the machine: what was promised before holds no more
            if turn.state.up and turn.state.job is None and turn.state.order is None:
                turn.order(Look())
        case _:
            assert_never(news)


def _ends(turn: Turn, *phases: Phase) -> bool:
    """Is this the answer we wait for? Then the host is free again."""
    if turn.state.order is None or turn.state.job is None or turn.state.job.phase not in phases:
        return False
    turn.set(order=None)
    return True


def _seen(turn: Turn, seen: Seen) -> None:
    if not isinstance(turn.state.order, Look):
        return
    turn.set(seen=seen, order=None, look_ms=turn.now_ms + turn.setup.look_ms)
    job = turn.state.job
    if job is not None and job.phase is Phase.LOOKING:
        offering.found_again(turn, seen)
    elif job is not None and job.phase is Phase.BETWEEN:
        paying.looked(turn, seen)
    elif job is None and seen.exit_clear:
        _exit_is_empty(turn)
    _release(turn)


def _release(turn: Turn) -> None:
    """What waited for the look is decided now."""
    held = turn.state.held
    turn.set(held=())
    for asked in held:
        _asked(turn, Asked(asked.asker, asked.request, asked.entropy, asked.known, fresh=True))


def _moved(turn: Turn, news: Moved) -> None:
    move, job = turn.state.books.move, turn.state.job
    if move is None or job is None or move.op != news.op or turn.state.order is None:
        return  # a late repetition of an answer we have had
    turn.set(order=None)
    if turn.state.books.testing is not None:
        acts.tested(turn, news)
    else:
        paying.moved(turn, news)


def _taken(turn: Turn) -> None:
    job = turn.state.job
    if job is not None and job.phase is Phase.WAITING:
        if job.sure:
            offering.gone(turn)
        else:  # something was taken; whether that was all, nobody knows
            offering.torn(turn)
        return
    if job is not None and job.phase is not Phase.AT_EXIT:
        return  # while the shutter moves: the order's own answer says what came of it
    _exit_is_empty(turn)
    if job is not None:
        _hand_has_been(turn)


def _exit_is_empty(turn: Turn) -> None:
    ledger = turn.state.books.ledger
    lying = {face: ledger.notes(EXIT, face) for face in ledger.faces()}
    entries = tuple(Entry(face, EXIT, TAKEN, notes) for face, notes in sorted(lying.items()) if notes > 0)
    if entries or any(one.target == EXIT for one in ledger.doubts):
        turn.note(Gone(entries))


def _hand_has_been(turn: Turn) -> None:
    """The answer that waited for the notes to be taken, or for the time for it to be over."""
    job = turn.state.job
    assert job is not None
    assert job.paid is not None
    turn.set(job=None)
    turn.answer_all(job.paid)


# -- cable and time ------------------------------------------------------------------------------------


def _restarted(turn: Turn) -> None:
    """An open movement is in doubt now; the machine is asked for it as soon as its cable is open."""
    books = turn.state.books
    if books.clearing is not None:
        acts.clearing_over(turn)
    txn = books.open.txn if books.open else books.testing.txn if books.testing else None
    if txn is not None:
        until_ms = turn.now_ms + turn.setup.recall_ms
        turn.set(job=Job(txn, Phase.AWAY, until_ms=until_ms, resumed=True))


def _resume(turn: Turn) -> None:
    """The cable is open: take up what was left, or look."""
    books, job = turn.state.books, turn.state.job
    if turn.state.order is not None:
        return
    if job is None or job.phase is Phase.AT_EXIT:
        turn.order(Look())
    elif books.move is not None:
        turn.set_job(phase=Phase.RECALLING, until_ms=0, resumed=True)
        turn.order(Recall(books.move.op, books.move.mix, books.move.mark))
    elif books.open is not None:
        if job.phase in (Phase.AWAY, Phase.WAITING):
            offering.resume(turn)
    elif books.testing is not None:
        acts.test_over(turn)


def _lost(turn: Turn) -> None:
    """The host ends its order next; what was to be looked at is not seen any more."""
    turn.set(up=False, seen=None, nonce=None)
    if isinstance(turn.state.order, Look):
        turn.set(order=None)
        job = turn.state.job
        if job is not None and job.phase is Phase.LOOKING:
            turn.set_job(phase=Phase.AWAY, until_ms=turn.now_ms + turn.setup.recall_ms)
        elif job is not None and job.phase is Phase.BETWEEN:
            paying.cut_short(turn)
        _release(turn)
    job = turn.state.job
    if job is not None and job.phase is Phase.WAITING and turn.setup.machine.retracts:
        turn.set_job(sure=False)  # it may pull them back by itself while nobody hears it


def _tick(turn: Turn) -> None:
    state = turn.state
    assert state.order is None or turn.now_ms < state.due_ms, "a host answers each order in time"
    if state.nonce is not None and turn.now_ms - state.nonce.given_ms >= LIFE_MAX_MS:
        turn.set(nonce=None)
    job = state.job
    if job is not None and job.until_ms and turn.now_ms >= job.until_ms:
        _time_is_over(turn, job)
    elif job is None and state.up and state.order is None and turn.now_ms >= state.look_ms:
        turn.order(Look())


def _time_is_over(turn: Turn, job: Job) -> None:
    if job.phase is Phase.WAITING:
        offering.out_of_time(turn)
    elif job.phase is Phase.AT_EXIT:
        _hand_has_been(turn)
    elif job.phase is Phase.AWAY:
        _given_up(turn)


def _given_up(turn: Turn) -> None:
    """The machine did not come back in time: its customer cannot wait for ever, a person must count."""
    books = turn.state.books
    if books.testing is not None:
        if books.move is not None:
            acts.tested(turn, moves.lost(books.move))
        else:
            acts.test_over(turn)
    elif books.move is not None:
        paying.moved(turn, moves.lost(books.move))
    else:
        offering.nobody_knows(turn, codes.IN_DOUBT)
