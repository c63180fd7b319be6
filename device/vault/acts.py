"""The technician's acts: each under a grant for a challenge this vault gave, each booked, journaled and signed.

No act pays anybody: notes are loaded, removed and counted by hand, tested into the reject bin, or cleared from the
path. Every act kills the live nonce.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from core.cash import Mix
from core.cash_report import SERVICE_REPORT, Act, Closed, NotesAt, ServiceReport
from core.dispenser import Clear, Cleared, Moved, Test
from core.grant import GRANT, GRANT_MAX_MS, Grant, Right
from core.ids import TxnId, spoken
from core.messages.money import WireMoney
from core.sealed import BadSealed, seal, unseal
from core.vault_talk import AskChallenge, Challenge, ReportReady, Serve, Served
from device.vault import codes, moves
from device.vault.ledger import (
    BINS,
    OUTSIDE,
    REJECT,
    REMOVED,
    TRANSPORT,
    Doubt,
    Entry,
    cassette,
    cassette_place,
)
from device.vault.records import Attended, Label, Ordered, Reported, TestBegun
from device.vault.standing import shown
from device.vault.state import Asked, Job, Live, Phase
from device.vault.turn import Turn

CHALLENGES_MAX = 4  # two persons who count, and one new try for each
CHALLENGE_LENGTH = 10
RIGHTS = {
    Act.LOADED: Right.LOAD,
    Act.REMOVED: Right.LOAD,
    Act.COUNTED: Right.COUNT,
    Act.TESTED: Right.TEST,
    Act.CLEARED: Right.CLEAR,
}


class BadAct(ValueError):
    """A service act that cannot be meant: `code` says which kind of mistake."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def ask_challenge(turn: Turn, asked: Asked) -> None:
    """Ten characters a technician can read out; the oldest of too many is forgotten."""
    assert isinstance(asked.request, AskChallenge)
    text = spoken(int.from_bytes(asked.entropy), CHALLENGE_LENGTH)
    kept = turn.state.challenges[-(CHALLENGES_MAX - 1) :]
    turn.set(challenges=(*kept, Live(text, turn.now_ms)))
    turn.answer(asked.asker, Challenge(text, GRANT_MAX_MS))


def granted(turn: Turn, request: Serve) -> Grant:
    """The grant, if it allows this act here and now. Raises `BadAct`."""
    try:
        grant = unseal(GRANT, Grant, request.grant, turn.setup.exchange).statement
    except BadSealed as error:
        raise BadAct(codes.GRANT_FORGED, str(error)) from None
    if (grant.terminal, grant.vault) != (turn.setup.terminal, turn.setup.vault):
        raise BadAct(codes.GRANT_FORGED, "it is for another machine")
    given = next((one for one in turn.state.challenges if one.text == grant.challenge), None)
    if given is None or turn.now_ms - given.given_ms > min(grant.life_ms, GRANT_MAX_MS):
        raise BadAct(codes.GRANT_EXPIRED, "")
    if RIGHTS[request.act] not in grant.rights:
        raise BadAct(codes.GRANT_LACKS, request.act.value)
    return grant


def attend(turn: Turn, request: Serve, person: str, asker: int) -> None:
    """Do an act other than a count. Raises `BadAct` before anything is done."""
    match request.act:
        case Act.LOADED:
            _booked(turn, request, person, asker, loading(turn, request.notes))
        case Act.REMOVED:
            _booked(turn, request, person, asker, removing(turn, request.notes))
        case Act.TESTED:
            _test(turn, request, person, asker)
        case Act.CLEARED:
            _clear(turn, request, person, asker)
        case Act.COUNTED:
            raise AssertionError("a count goes another way")
        case _:
            assert_never(request.act)


def loading(turn: Turn, notes: tuple[NotesAt, ...]) -> tuple[Entry, ...]:
    entries = []
    for one in notes:
        place = cassette_place(one.place)
        face, count = exact(turn, one)
        if place is None or not _holds(turn, place, face):
            raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"{one.place} holds no {face}")
        entries.append(Entry(face, OUTSIDE, cassette(place), count))
    return _some(entries)


def removing(turn: Turn, notes: tuple[NotesAt, ...]) -> tuple[Entry, ...]:
    entries, ledger = [], turn.state.books.ledger
    for one in notes:
        place = cassette_place(one.place)
        face, count = exact(turn, one)
        source = cassette(place) if place is not None else BINS.get(one.place, "")
        if not source or (place is not None and not _holds(turn, place, face)):
            raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"{one.place} holds no {face}")
        if ledger.count(source, face).low < count:
            raise BadAct(codes.COUNT_FIRST, f"{one.place} holds {ledger.count(source, face)} of {face} by the book")
        ledger = ledger.after((Entry(face, source, REMOVED, count),))
        entries.append(Entry(face, source, REMOVED, count))
    return _some(entries)


def _some(entries: list[Entry]) -> tuple[Entry, ...]:
    if not entries:
        raise BadAct(codes.ACT_NOT_UNDERSTOOD, "no notes are named")
    return tuple(entries)


def exact(turn: Turn, one: NotesAt) -> tuple[int, int]:
    """(face, notes) of a line that a person wrote. Raises `BadAct`."""
    face = one.face.money()
    if face.asset != turn.setup.asset or face.minor < 1 or not one.count.known:
        raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"{one.place}: {face} times {one.count}")
    if one.count.low < 1:
        raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"{one.place}: no notes")
    return face.minor, one.count.low


def _holds(turn: Turn, place: int, face: int) -> bool:
    return any(spec.place == place and spec.face.minor == face for spec in turn.setup.cassettes)


def labels(turn: Turn, places: set[int]) -> tuple[Label, ...]:
    """What the machine calls these cassettes now, to know them again; nothing while it cannot be asked."""
    seen = turn.state.seen
    return tuple(Label(one.place, one.label) for one in (seen.places if seen else ()) if one.place in places)


def _booked(turn: Turn, request: Serve, person: str, asker: int, entries: tuple[Entry, ...]) -> None:
    loaded = {place for one in request.notes if (place := cassette_place(one.place)) is not None}
    names = labels(turn, loaded) if request.act is Act.LOADED else ()
    turn.note(Attended(request.txn, request.act, (person,), names, entries), durable=True)
    sign(turn, request.txn, request.act, request.notes, (person,))
    answer(turn, request.txn, (asker,))


def sign(
    turn: Turn,
    txn: TxnId,
    act: Act,
    notes: tuple[NotesAt, ...],
    persons: tuple[str, ...],
    closed: tuple[Closed, ...] = (),
    book: WireMoney | None = None,
    found: WireMoney | None = None,
) -> None:
    """The signed statement about one act, in the same commit as its entries."""
    setup, number = turn.setup, turn.state.books.number + 1
    report = ServiceReport(setup.vault, setup.terminal, number, txn, act, notes, persons, closed, book, found)
    turn.note(Reported(txn, number, seal(SERVICE_REPORT, report, setup.signer)), durable=True)
    turn.tell(ReportReady(number))


def answer(turn: Turn, txn: TxnId, askers: tuple[int, ...], *, waits: bool = False) -> None:
    served = Served(txn, turn.state.books.number, waits, shown(turn.setup, turn.state))
    for asker in askers:
        turn.answer(asker, served)


def _test(turn: Turn, request: Serve, person: str, asker: int) -> None:
    """One note of each place, one order after another; each is on the disk before it is ordered."""
    places = [cassette_place(one.place) for one in request.notes]
    known = {spec.place for spec in turn.setup.cassettes}
    if not turn.setup.machine.tests or not turn.state.up:
        raise BadAct(codes.NOT_READY, "this machine cannot test a note" if turn.state.up else "")
    wanted = [place for place in places if place in known]
    if not wanted or len(wanted) != len(places) or len(set(wanted)) != len(wanted):
        raise BadAct(codes.ACT_NOT_UNDERSTOOD, "which cassettes?")
    turn.note(TestBegun(request.txn, person), durable=True)
    rest = tuple(Mix.of([(place or 0, 1)]) for place in wanted)
    turn.set(job=Job(request.txn, Phase.TESTING, rest=rest), askers=(asker,))
    _next_test(turn)


def _next_test(turn: Turn) -> None:
    job = turn.state.job
    assert job is not None
    mix = job.rest[0]
    op = f"{job.txn.text}/t{mix.notes[0][0]}"
    turn.note(Ordered(op, mix), durable=True)
    turn.set_job(rest=job.rest[1:])
    turn.order(Test(op, mix.notes[0][0]))


def tested(turn: Turn, news: Moved) -> None:
    """One test has ended. A note that went to the exit instead suspends the machine: a test presents nothing."""
    move, job = turn.state.books.move, turn.state.job
    assert move is not None
    assert job is not None
    record = moves.landed(turn.setup, turn.state.books.ledger, job.txn.text, move, news)
    if any(part.exited.high for part in record.parts):
        record = replace(record, suspends=record.suspends or codes.TEST_PRESENTED)
    turn.note(record, durable=True)
    if job.rest and not record.suspends and turn.state.up and not job.resumed:
        _next_test(turn)
    else:
        test_over(turn)


def test_over(turn: Turn) -> None:
    """Sign what the test moved."""
    testing = turn.state.books.testing
    assert testing is not None
    notes = []
    for part in testing.landed:
        face = WireMoney.of(turn.setup.money(turn.setup.face(part.place)))
        notes.append(NotesAt(cassette(part.place), face, part.rejected + part.exited + part.on_path))
    sign(turn, testing.txn, Act.TESTED, tuple(notes), (testing.person,))
    askers = turn.state.askers
    turn.set(job=None, askers=())
    answer(turn, testing.txn, askers)


def _clear(turn: Turn, request: Serve, person: str, asker: int) -> None:
    """Clear the path. Where its notes went is for the count: until then they may lie in the reject bin."""
    if not turn.state.up:
        raise BadAct(codes.AWAY, "")
    ledger = turn.state.books.ledger
    lying = {face: ledger.count(TRANSPORT, face).high or 0 for face in ledger.faces()}
    doubts = tuple(Doubt(request.txn.text, face, TRANSPORT, REJECT, notes) for face, notes in lying.items() if notes)
    suspends = codes.IN_DOUBT if doubts else ""
    turn.note(Attended(request.txn, Act.CLEARED, (person,), (), (), doubts, suspends), durable=True)
    turn.set(job=Job(request.txn, Phase.CLEARING), askers=(asker,))
    turn.order(Clear())


def cleared(turn: Turn, news: Cleared) -> None:
    """Signed whether or not the path is clear now; `VaultState` shows how the machine stands."""
    turn.set(seen=turn.state.seen if news.clear else None)
    clearing_over(turn)


def clearing_over(turn: Turn) -> None:
    """Sign that the path was ordered to be cleared; also after a restart, which does not order it again."""
    clearing, askers = turn.state.books.clearing, turn.state.askers
    assert clearing is not None
    sign(turn, clearing.txn, Act.CLEARED, (), (clearing.person,))
    turn.set(job=None, askers=())
    answer(turn, clearing.txn, askers)
