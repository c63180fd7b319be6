"""The durable state of the cash side: what its records say, folded. Pure; nothing is here that a restart forgets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import assert_never

from core.cash import Mix
from core.cash_report import Act
from core.codec import from_plain, to_plain
from core.dispenser import End, PlaceMoved
from core.ids import TxnId
from core.messages.money import WireMoney
from device.vault.ledger import EXIT, TAKEN, Doubt, Entry, Held, Ledger
from device.vault.records import (
    Acknowledged,
    Attended,
    BackAt,
    Begun,
    FirstCounted,
    Gone,
    Label,
    Landed,
    Offering,
    Ordered,
    Proven,
    Reached,
    Record,
    Reported,
    Returned,
    Snapshot,
    TestBegun,
)


@dataclass(frozen=True, slots=True)
class Move:
    """An order that moves notes and has no result yet. `proofs` (place, notes) that left for certain."""

    op: str
    mix: Mix
    mark: str = ""
    proofs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """A withdrawal that has begun and has no report yet. `landed` the results so far, in order; `ends` how they ended.

    `offering` the shutter may have opened; `reached` it has; `back` what came back into a bin.
    """

    txn: TxnId
    nonce: str
    most: WireMoney
    amount: WireMoney
    landed: tuple[PlaceMoved, ...] = ()
    ends: tuple[End, ...] = ()
    moves: int = 0
    offering: str = ""
    reached: bool = False
    back: tuple[BackAt, ...] = ()
    bin: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Testing:
    """A technician's test that has no report yet. Not to be collected by pytest."""

    __test__ = False

    txn: TxnId
    person: str
    landed: tuple[PlaceMoved, ...] = ()


@dataclass(frozen=True, slots=True)
class Clearing:
    """A path that was ordered to be cleared, under an act that has no statement yet."""

    txn: TxnId
    person: str


@dataclass(frozen=True, slots=True)
class Strikes:
    """How often in a row a place has paid short."""

    place: int
    times: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A reported withdrawal whose customer has an interval; `booked` minor units are theirs by the exact entries."""

    txn: TxnId
    booked: int


@dataclass(frozen=True, slots=True)
class Books:
    """`number` the last statement signed; `waiting` those the exchange has not acknowledged, ascending. `suspended`
    the code why a person must count, "" for none; `doubtful` withdrawals whose customer has an interval."""

    ledger: Ledger = field(default_factory=lambda: Ledger({}))
    number: int = 0
    waiting: tuple[int, ...] = ()
    suspended: str = ""
    doubtful: tuple[Doubtful, ...] = ()
    labels: tuple[Label, ...] = ()
    strikes: tuple[Strikes, ...] = ()
    open: Open | None = None
    testing: Testing | None = None
    move: Move | None = None
    clearing: Clearing | None = None

    def label(self, place: int) -> str | None:
        """The label remembered for a place; None when nobody has loaded it yet."""
        return next((one.label for one in self.labels if one.place == place), None)

    def struck(self, place: int) -> int:
        return next((one.times for one in self.strikes if one.place == place), 0)


@dataclass(frozen=True, slots=True)
class _Written:
    """`Books` in a form the codec can write."""

    held: tuple[Held, ...]
    doubts: tuple[Doubt, ...]
    number: int
    waiting: tuple[int, ...]
    suspended: str
    doubtful: tuple[Doubtful, ...]
    labels: tuple[Label, ...]
    strikes: tuple[Strikes, ...]
    open: Open | None
    testing: Testing | None
    move: Move | None
    clearing: Clearing | None = None


def written(books: Books) -> str:
    """The one text of these books, for a snapshot."""
    plain = _Written(
        books.ledger.held(),
        books.ledger.doubts,
        books.number,
        books.waiting,
        books.suspended,
        books.doubtful,
        books.labels,
        books.strikes,
        books.open,
        books.testing,
        books.move,
        books.clearing,
    )
    return json.dumps(to_plain(plain), separators=(",", ":"))


def read(text: str) -> Books:
    """Raises `core.codec.BadMessage` or ValueError for a text that `written` has not made."""
    plain = from_plain(_Written, json.loads(text))
    return Books(
        Ledger.of(plain.held, plain.doubts),
        plain.number,
        plain.waiting,
        plain.suspended,
        plain.doubtful,
        plain.labels,
        plain.strikes,
        plain.open,
        plain.testing,
        plain.move,
        plain.clearing,
    )


def fold(books: Books, record: Record) -> Books:
    """The books after one more record."""
    match record:
        case Begun():
            opened = Open(record.txn, record.nonce, record.most, record.amount)
            return replace(books, open=opened)
        case TestBegun():
            return replace(books, testing=Testing(record.txn, record.person))
        case Ordered():
            return _ordered(books, record)
        case Proven():
            return _proven(books, record)
        case Landed():
            return _landed(books, record)
        case Offering():
            assert books.open is not None
            return replace(books, open=replace(books.open, offering=record.op))
        case Reached():
            booked = _booked(books, record.entries)
            return replace(booked, open=replace(books.open, reached=True) if books.open else None)
        case Gone():
            return _taken(_booked(books, record.entries))
        case Returned():
            return _returned(books, record)
        case Reported():
            return _reported(books, record)
        case Acknowledged():
            return replace(books, waiting=tuple(number for number in books.waiting if number != record.number))
        case FirstCounted():
            return books
        case Attended():
            return _attended(books, record)
        case Snapshot():
            return books
    assert_never(record)


def _booked(books: Books, entries: tuple[Entry, ...], doubts: tuple[Doubt, ...] = (), suspends: str = "") -> Books:
    if not entries and not doubts and not suspends:
        return books
    return replace(books, ledger=books.ledger.after(entries, doubts), suspended=books.suspended or suspends)


def _ordered(books: Books, record: Ordered) -> Books:
    opened = replace(books.open, moves=books.open.moves + 1) if books.open else None
    return replace(books, move=Move(record.op, record.mix, record.mark), open=opened)


def _proven(books: Books, record: Proven) -> Books:
    if books.move is None or books.move.op != record.op:
        return books
    proofs = dict(books.move.proofs)
    proofs[record.place] = max(proofs.get(record.place, 0), record.exited)
    return replace(books, move=replace(books.move, proofs=tuple(sorted(proofs.items()))))


def _landed(books: Books, record: Landed) -> Books:
    booked = replace(_booked(books, record.entries, record.doubts, record.suspends), move=None)
    if books.testing is not None:
        return replace(booked, testing=replace(books.testing, landed=books.testing.landed + record.parts))
    assert books.open is not None
    opened = replace(
        books.open,
        landed=books.open.landed + record.parts,
        ends=(*books.open.ends, record.end),
        code=record.code or books.open.code,
    )
    times = {one.place: one.times for one in books.strikes}
    for part in record.parts:
        if part.exited.high is not None and part.exited.high < part.asked:
            times[part.place] = times.get(part.place, 0) + 1
        else:
            times.pop(part.place, None)
    strikes = tuple(Strikes(place, count) for place, count in sorted(times.items()))
    return replace(booked, open=opened, strikes=strikes)


def _taken(books: Books) -> Books:
    """The exit is empty: whatever may have come out besides is with the customer as well, or never came."""
    ledger = books.ledger
    doubts = tuple(replace(one, target=TAKEN) if one.target == EXIT else one for one in ledger.doubts)
    return books if doubts == ledger.doubts else replace(books, ledger=replace(ledger, doubts=doubts))


def _returned(books: Books, record: Returned) -> Books:
    booked = _booked(books, record.entries, record.doubts, record.suspends)
    if books.open is None:
        return booked
    return replace(booked, open=replace(books.open, back=record.parts, bin=record.bin, code=record.code))


def _reported(books: Books, record: Reported) -> Books:
    assert record.number == books.number + 1, "statements are numbered without gaps"
    after = replace(books, number=record.number, waiting=(*books.waiting, record.number))
    if books.open is not None and books.open.txn == record.txn:
        in_doubt = any(doubt.txn == record.txn.text for doubt in books.ledger.doubts)
        doubtful = (*books.doubtful, Doubtful(record.txn, record.booked)) if in_doubt else books.doubtful
        return replace(after, open=None, move=None, doubtful=doubtful)
    if books.testing is not None and books.testing.txn == record.txn:
        return replace(after, testing=None, move=None)
    if books.clearing is not None and books.clearing.txn == record.txn:
        return replace(after, clearing=None)
    return after


def _attended(books: Books, record: Attended) -> Books:
    labels = {one.place: one for one in books.labels}
    labels.update({one.place: one for one in record.labels})
    settled = record.act is Act.COUNTED
    ledger = books.ledger.counted() if settled else books.ledger
    touched = {one.place for one in record.labels}
    clearing = Clearing(record.txn, record.persons[0]) if record.act is Act.CLEARED else books.clearing
    return replace(
        books,
        clearing=clearing,
        ledger=ledger.after(record.entries, record.doubts),
        labels=tuple(labels[place] for place in sorted(labels)),
        strikes=() if settled else tuple(one for one in books.strikes if one.place not in touched),
        suspended=record.suspends if settled else books.suspended or record.suspends,
        doubtful=() if settled else books.doubtful,
    )
