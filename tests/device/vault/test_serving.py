"""The technician: nothing without a grant, nothing to a customer, and a count that tells what the customer has."""

from __future__ import annotations

import pytest

from core.cash import Count
from core.cash_report import Act, Closed, NotesAt
from core.dispenser import Clear
from core.grant import GRANT_MAX_MS, Right
from core.ids import TxnId
from core.vault_talk import (
    Acknowledge,
    AskChallenge,
    AskNonce,
    Challenge,
    CloseOut,
    HandReports,
    PayOut,
    Reports,
    Serve,
    Served,
    VaultRefused,
)
from device.vault import codes
from device.vault.ledger import REJECT, RETRACT, TRANSPORT, UNEXPLAINED, cassette
from sim.peers.cash_box import Spot
from tests.device.vault.far_end import STACKER
from tests.device.vault.room import LOADED, Room, at, txn, won

VISIT = TxnId.of(bytes([8] * 16))


def found(room: Room) -> tuple[NotesAt, ...]:
    """What an honest person finds."""
    rows = [
        at(f"cassette:{place}", face, room.box.count(Spot.CASSETTE, place)) for place, face in room.box.faces.items()
    ]
    for name, spots in (("reject", [Spot.REJECT]), ("retract", [Spot.RETRACT]), ("path", [Spot.PATH, Spot.STACKER])):
        for face in sorted(set(room.box.faces.values())):
            count = sum(note.face == face and note.spot in spots for note in room.box.notes)
            rows.append(at(name, face, count))
    return tuple(rows)


def count(
    room: Room, first: tuple[NotesAt, ...], second: tuple[NotesAt, ...], number: int = 1
) -> Served | VaultRefused:
    begun = room.serve(Act.COUNTED, first, number, "Kim")
    assert isinstance(begun, Served)
    assert begun.waits_for_second
    return room.serve(Act.COUNTED, second, number + 1, "Lee")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"terminal": "T2"}, codes.GRANT_FORGED),
        ({"vault": "other"}, codes.GRANT_FORGED),
        ({"challenge": "0000000000"}, codes.GRANT_EXPIRED),
        ({"rights": (Right.COUNT, Right.TEST, Right.CLEAR)}, codes.GRANT_LACKS),
    ],
)
def test_a_grant_that_does_not_fit_is_refused(changes: dict[str, object], code: str) -> None:
    room = Room()
    request = Serve(VISIT, room.grant(**changes), Act.LOADED, (at("cassette:1", 50_000, 1),))
    assert room.get(VaultRefused, request).code == code


def test_a_grant_dies_with_its_time_its_program_and_its_place_among_challenges() -> None:
    notes = (at("cassette:1", 50_000, 1),)
    room = Room()
    grant = room.grant()
    assert room.get(VaultRefused, Serve(VISIT, grant[:-4] + "AAAA", Act.LOADED, notes)).code == codes.GRANT_FORGED
    room.wait(3_600_001)
    assert room.get(VaultRefused, Serve(VISIT, grant, Act.LOADED, notes)).code == codes.GRANT_EXPIRED
    grant = room.grant()
    room.cut()
    assert room.get(VaultRefused, Serve(VISIT, grant, Act.LOADED, notes)).code == codes.GRANT_EXPIRED
    grant = room.grant()
    for _ in range(4):
        assert room.get(Challenge, AskChallenge()).life_ms == GRANT_MAX_MS
    assert room.get(VaultRefused, Serve(VISIT, grant, Act.LOADED, notes)).code == codes.GRANT_EXPIRED


def test_an_act_repeated_under_its_name_is_done_once() -> None:
    room = Room()
    request = Serve(VISIT, room.grant(), Act.LOADED, (at("cassette:1", 50_000, 7),))
    first = room.get(Served, request)
    assert room.get(Served, request).number == first.number
    assert room.vault.state.books.ledger.notes(cassette(1), 50_000) == 107
    report = room.service_report(first.number)
    assert (report.act, report.persons, report.book) == (Act.LOADED, ("Kim",), None)
    assert room.get(VaultRefused, CloseOut(VISIT)).code == codes.TXN_USED
    assert room.get(VaultRefused, AskNonce(VISIT)).code == codes.TXN_USED
    assert room.get(VaultRefused, PayOut(VISIT, "x", won(10_000))).code == codes.TXN_USED


@pytest.mark.parametrize(
    ("act", "notes", "code"),
    [
        (Act.LOADED, (), codes.ACT_NOT_UNDERSTOOD),
        (Act.LOADED, (at("cassette:1", 10_000, 1),), codes.ACT_NOT_UNDERSTOOD),
        (Act.LOADED, (at("reject", 10_000, 1),), codes.ACT_NOT_UNDERSTOOD),
        (Act.LOADED, (at("cassette:1", 50_000, 0),), codes.ACT_NOT_UNDERSTOOD),
        (Act.LOADED, (NotesAt("cassette:1", won(50_000), Count(1, 2)),), codes.ACT_NOT_UNDERSTOOD),
        (Act.REMOVED, (at("cellar", 10_000, 1),), codes.ACT_NOT_UNDERSTOOD),
        (Act.REMOVED, (at("cassette:1", 10_000, 1),), codes.ACT_NOT_UNDERSTOOD),
        (Act.REMOVED, (at("cassette:1", 50_000, 60), at("cassette:1", 50_000, 60)), codes.COUNT_FIRST),
        (Act.REMOVED, (at("reject", 10_000, 1),), codes.COUNT_FIRST),
        (Act.TESTED, (), codes.ACT_NOT_UNDERSTOOD),
        (Act.TESTED, (at("cassette:1", 50_000, 1), at("cassette:1", 50_000, 1)), codes.ACT_NOT_UNDERSTOOD),
        (Act.COUNTED, (at("cassette:1", 50_000, 100),), codes.ACT_NOT_UNDERSTOOD),
        (Act.COUNTED, (at("exit", 50_000, 100),), codes.ACT_NOT_UNDERSTOOD),
    ],
)
def test_an_act_that_cannot_be_meant_is_refused_by_name(act: Act, notes: tuple[NotesAt, ...], code: str) -> None:
    room = Room()
    before = room.vault.state.books.ledger
    refused = room.serve(act, notes, 1)
    assert isinstance(refused, VaultRefused)
    assert refused.code == code
    assert room.vault.state.books.ledger == before


def test_removed_notes_leave_the_book() -> None:
    room = Room()
    assert isinstance(room.serve(Act.REMOVED, (at("cassette:2", 10_000, 30),), 1), Served)
    assert room.vault.state.books.ledger.notes(cassette(2), 10_000) == 70


def test_a_service_act_kills_the_nonce() -> None:
    room = Room()
    nonce = room.nonce()
    room.serve(Act.LOADED, (at("cassette:1", 50_000, 1),), 1)
    refused = room.get(VaultRefused, PayOut(txn(1), room.authority(nonce, 10_000), won(10_000)))
    assert refused.code == codes.NONCE_DEAD


def test_a_test_goes_to_the_reject_bin_only_and_is_booked() -> None:
    room = Room()
    done = room.serve(Act.TESTED, (at("cassette:1", 50_000, 1), at("cassette:2", 10_000, 1)), 1)
    assert isinstance(done, Served)
    ledger = room.vault.state.books.ledger
    assert (ledger.notes(REJECT, 50_000), ledger.notes(REJECT, 10_000)) == (1, 1)
    assert room.box.count(Spot.TAKEN) + room.box.count(Spot.EXIT) == 0
    assert [(row.place, row.count) for row in room.service_report(done.number).notes] == [
        ("cassette:1", Count.exact(1)),
        ("cassette:2", Count.exact(1)),
    ]


def test_a_test_whose_cable_breaks_is_in_doubt_and_signed() -> None:
    from core.dispenser import Test

    room = Room()
    room.far.mute = Test
    asker = room.ask(Serve(VISIT, room.grant(), Act.TESTED, (at("cassette:1", 50_000, 1), at("cassette:2", 10_000, 1))))
    room.lose()
    assert isinstance(room.replies(asker)[-1], Served)
    assert room.state().suspended
    room = Room()
    room.far.mute = Test
    room.ask(Serve(VISIT, room.grant(), Act.TESTED, (at("cassette:1", 50_000, 1),)))
    room.connected = False
    room.cut()
    room.wait(91_000)
    assert room.service_report(room.vault.state.books.number).act is Act.TESTED


def test_clearing_the_path_leaves_its_notes_to_the_count() -> None:
    room = Room()
    room.far.script = ["jam:2"]
    room.pay(30_000)
    assert isinstance(room.serve(Act.CLEARED, (), 1), Served)
    assert room.box.count(Spot.REJECT) == 1
    assert room.state().suspended
    assert isinstance(count(room, found(room), found(room), 2), Served)
    assert room.state().ready


@pytest.mark.parametrize("answered", [True, False])
def test_a_clearing_that_a_restart_cut_off_is_signed_and_not_ordered_again(answered: bool) -> None:
    room = Room()
    room.far.mute = None if answered else Clear
    request = Serve(VISIT, room.grant(), Act.CLEARED, ())
    room.vault.ask(99, request, room.now_ms)
    for message in room.vault.say():  # the look before it
        room.far.hear(message)
    room.listen()
    room.listen()
    (message,) = room.vault.say()  # the order: the power fails before its answer is heard
    room.far.hear(message)
    room.far.say()
    assert room.vault.state.books.clearing is not None
    room.cut()
    report = room.service_report(room.vault.state.books.number)
    assert (report.act, report.txn, report.persons) == (Act.CLEARED, VISIT, ("Kim",))
    assert room.vault.state.books.clearing is None
    assert room.get(Served, request).number == report.number
    assert sum(isinstance(order, Clear) for order in room.far.orders) == 1


def test_a_count_tells_what_the_customer_has() -> None:
    room = Room()
    room.far.script = ["jam:3"]
    paid = room.paid(room.pay(40_000))
    assert (paid.least, paid.highest) == (won(20_000), won(40_000))
    served = count(room, found(room), found(room))
    assert isinstance(served, Served)
    report = room.service_report(served.number)
    assert report.closed == (Closed(txn(1), won(20_000)),)
    assert report.book == report.found
    assert report.persons == ("Kim", "Lee")
    assert room.vault.state.books.ledger.notes(TRANSPORT, 10_000) == 1
    assert not served.state.suspended
    assert room.vault.state.books.doubtful == ()


def test_a_count_tells_how_much_of_a_pulled_back_bundle_was_taken() -> None:
    room = Room(STACKER)
    room.far.counts_retracted = False
    asker = room.pay(70_000)
    room.far.take(1)
    room.wait(31_000)
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(0), won(70_000))
    served = count(room, found(room), found(room))
    assert isinstance(served, Served)
    report = room.service_report(served.number)
    assert report.closed == (Closed(txn(1), won(room.box.worth(Spot.TAKEN))),)
    assert report.book == report.found
    assert room.vault.state.books.ledger.notes(RETRACT, 10_000) == room.box.count(Spot.RETRACT, 2)


def test_what_nothing_explains_is_named() -> None:
    room = Room()
    short = (at("cassette:1", 50_000, 99), at("cassette:2", 10_000, 100), at("cassette:3", 10_000, 40))
    served = count(room, short, short)
    assert isinstance(served, Served)
    report = room.service_report(served.number)
    assert report.book is not None
    assert report.found is not None
    assert report.book.money() - report.found.money() == won(50_000).money()
    assert room.vault.state.books.ledger.notes(UNEXPLAINED, 50_000) == 1


def test_counts_that_differ_begin_anew_and_one_person_is_not_two() -> None:
    room = Room()
    right = found(room)
    wrong = (at("cassette:1", 50_000, 98), *right[1:])
    refused = count(room, right, wrong)
    assert isinstance(refused, VaultRefused)
    assert (refused.code, refused.detail) == (codes.COUNTS_DIFFER, "")
    first = room.serve(Act.COUNTED, right, 5)
    assert isinstance(first, Served)
    second = room.serve(Act.COUNTED, right, 6)
    assert isinstance(second, VaultRefused)
    assert second.code == codes.SAME_PERSON
    again = room.serve(Act.COUNTED, right, 5)
    assert isinstance(again, Served)
    assert again.waits_for_second
    assert isinstance(room.serve(Act.COUNTED, right, 7, "Lee"), Served)


def test_no_figure_of_the_first_count_is_written_down() -> None:
    room = Room()
    before = len(room.book.commits)
    assert isinstance(room.serve(Act.COUNTED, (at("cassette:1", 50_000, 73), *found(room)[1:]), 1), Served)
    assert "73" not in str(room.book.commits[before:])


def test_nobody_serves_beside_a_withdrawal() -> None:
    room = Room(STACKER)
    room.pay(30_000)
    refused = room.serve(Act.LOADED, (at("cassette:1", 50_000, 1),), 1)
    assert isinstance(refused, VaultRefused)
    assert refused.code == codes.BUSY


def test_statements_wait_until_the_exchange_says_that_it_has_them() -> None:
    room = Room()
    for number in range(1, 7):
        room.pay(10_000, number)
    first = room.get(Reports, HandReports())
    assert (len(first.sealed), first.waiting) == (4, 7)
    assert len(room.get(Reports, HandReports(after=4)).sealed) == 3
    assert room.get(Reports, Acknowledge(room.acknowledgement(1))).waiting == 6
    assert room.get(Reports, Acknowledge(room.acknowledgement(1))).waiting == 6
    assert room.get(VaultRefused, Acknowledge(room.acknowledgement(99))).code == codes.ACKNOWLEDGED_BADLY
    assert room.get(VaultRefused, Acknowledge("ct1.k.b.s")).code == codes.ACKNOWLEDGED_BADLY
    room.cut(kept=1)
    assert room.state().unsent == 6
    assert room.get(VaultRefused, CloseOut(LOADED)).code == codes.TXN_USED
