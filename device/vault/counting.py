"""The blind count: two persons, neither shown the other's figures nor the book's, and what follows from it.

Notes are neither made nor lost: what the book says was inside, less what was found, is what went out. So a count tells
what the customer of an interval has. What no open doubt explains is named as the difference of the report, and stands
in the ledger as `UNEXPLAINED`. Only after a count does a suspended machine go back to service.
"""

from __future__ import annotations

from core.cash_report import Act, Closed, NotesAt
from core.messages.money import WireMoney
from core.vault_talk import Serve
from device.vault import codes
from device.vault.acts import BadAct, answer, labels, sign
from device.vault.ledger import BINS, UNEXPLAINED, Entry, Ledger, cassette, cassette_place, inside
from device.vault.records import Attended, FirstCounted
from device.vault.setup import Setup
from device.vault.state import FirstCount
from device.vault.turn import Turn

Found = dict[tuple[str, int], int]


def count(turn: Turn, request: Serve, person: str, asker: int) -> None:
    """The first or the second count. Raises `BadAct`; figures that differ make both begin anew."""
    found = read(turn.setup, request.notes)
    first = turn.state.first_count
    if first is None:
        turn.set(first_count=FirstCount(request.txn, person, request.notes))
        turn.note(FirstCounted(request.txn, person), durable=True)
        answer(turn, request.txn, (asker,), waits=True)
        return
    if first.person == person:
        if first.txn == request.txn:
            answer(turn, request.txn, (asker,), waits=True)
            return
        raise BadAct(codes.SAME_PERSON, "the second count is another person's")
    turn.set(first_count=None)
    if read(turn.setup, first.notes) != found:
        turn.refuse(asker, codes.COUNTS_DIFFER)
        return
    _settle(turn, request, found, (first.person, person), asker)


def read(setup: Setup, notes: tuple[NotesAt, ...]) -> Found:
    """(place, face) -> notes, without the zeros. Every cassette must be named, also an empty one; a bin that is not
    named was found empty. Raises `BadAct`."""
    found: Found = {}
    named: set[int] = set()
    faces = {spec.place: spec.face for spec in setup.cassettes}
    for one in notes:
        number, face = cassette_place(one.place), one.face.money()
        place = cassette(number) if number is not None else BINS.get(one.place, "")
        fits = face == faces.get(number) if number is not None else face in faces.values()
        if not fits or not inside(place) or not one.count.known or (place, face.minor) in found:
            raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"{one.place}: {face} times {one.count}")
        found[place, face.minor] = one.count.low
        if number is not None:
            named.add(number)
    if named != faces.keys():
        missing = ", ".join(cassette(place) for place in sorted(faces.keys() - named))
        raise BadAct(codes.ACT_NOT_UNDERSTOOD, f"not counted: {missing}")
    return {key: count for key, count in found.items() if count}


def _settle(turn: Turn, request: Serve, found: Found, persons: tuple[str, str], asker: int) -> None:
    setup, books = turn.setup, turn.state.books
    explained, given = explain(books.ledger, found)
    closed = tuple(
        Closed(one.txn, WireMoney.of(setup.money(one.booked + given.get(one.txn.text, 0)))) for one in books.doubtful
    )
    after = books.ledger.counted().after(explained)
    entries = explained + moved_to_where_found(after, found)
    faces = {*after.faces(), *(face for _, face in found)}
    book = sum(face * after.inside(face) for face in faces)
    counted = sum(face * notes for (_, face), notes in found.items())
    names = labels(turn, {spec.place for spec in setup.cassettes})
    turn.note(Attended(request.txn, Act.COUNTED, persons, names, entries), durable=True)
    totals = WireMoney.of(setup.money(book)), WireMoney.of(setup.money(counted))
    sign(turn, request.txn, Act.COUNTED, request.notes, persons, closed, *totals)
    answer(turn, request.txn, (asker,))


def explain(ledger: Ledger, found: Found) -> tuple[tuple[Entry, ...], dict[str, int]]:
    """Entries for what open doubts explain, and by how much each doubtful withdrawal's customer has more (or less)
    than the exact entries say, in minor units."""
    entries: list[Entry] = []
    given: dict[str, int] = {}
    for face in ledger.faces():
        missing = ledger.inside(face) - sum(notes for (_, of), notes in found.items() if of == face)
        for doubt in ledger.doubts:
            if doubt.face != face or inside(doubt.source) == inside(doubt.target):
                continue
            out = inside(doubt.source)
            notes = min(doubt.most, max(0, missing if out else -missing))
            if not notes:
                continue
            entries.append(Entry(face, doubt.source, doubt.target, notes))
            missing -= notes if out else -notes
            given[doubt.txn] = given.get(doubt.txn, 0) + (notes if out else -notes) * face
    return tuple(entries), given


def moved_to_where_found(ledger: Ledger, found: Found) -> tuple[Entry, ...]:
    """Entries that put every note where it was found; what is left of them stands in `UNEXPLAINED`."""
    entries: list[Entry] = []
    keys = {key for key in ledger.exact if inside(key[0])} | found.keys()
    for place, face in sorted(keys):
        more = found.get((place, face), 0) - ledger.notes(place, face)
        if more > 0:
            entries.append(Entry(face, UNEXPLAINED, place, more))
        elif more < 0:
            entries.append(Entry(face, place, UNEXPLAINED, -more))
    return tuple(entries)
