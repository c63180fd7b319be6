"""Short, too many, lost: what a machine that presents at once can do wrong, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.cash import Count
from core.codec import tagged
from core.dispenser import Bin, End, Look, Moved, Pay, PlaceMoved, Recall
from core.vault_talk import AskNonce, CashStage, CloseOut, PaidOut, PayOut, Stage, VaultRefused, VaultState
from device.vault import codes
from device.vault.ledger import EXIT, TAKEN
from sim.peers.cash_box import Spot
from tests.device.vault.far_end import MEMORY, PLAIN, WATCHED
from tests.device.vault.room import Room, txn, won


def pays(room: Room) -> list[int]:
    return [order.mix.total for order in room.far.orders if isinstance(order, Pay)]


def test_a_short_cassette_is_finished_from_another() -> None:
    room = Room(notes={1: (50_000, 10), 2: (10_000, 10), 3: (10_000, 10)})
    room.far.script = ["short:1"]
    asker = room.pay(40_000)
    assert room.paid(asker).least == won(40_000)
    assert pays(room) == [4, 3]
    assert CashStage.FINISHING in [one.stage for one in room.replies(asker) if isinstance(one, Stage)]
    before_the_rest = room.far.orders[-2]
    assert isinstance(before_the_rest, Look)


def test_what_cannot_be_finished_is_reported_as_what_left() -> None:
    room = Room(notes={1: (10_000, 30)})
    room.far.script = ["short:2"]
    paid = room.paid(room.pay(40_000))
    assert (paid.least, paid.highest, paid.code) == (won(20_000), won(20_000), "TM-CASH-003")
    assert room.state().ready
    room.far.script = ["short:0"]
    room.pay(40_000, 2)
    assert room.state().code == codes.CASSETTES_EMPTY  # short twice in a row


def test_a_machine_that_is_not_fit_after_a_short_order_is_not_asked_again() -> None:
    room = Room(notes={1: (50_000, 10), 2: (10_000, 10), 3: (10_000, 10)})
    room.far.script, room.far.broken = ["short:1"], ""
    nonce = room.nonce()
    room.far.broken = "TM-CASHA-050"
    paid = room.paid(room.ask(PayOut(txn(1), room.authority(nonce, 40_000), won(40_000))))
    assert paid.least == won(10_000)
    assert pays(room) == [4]


def test_a_cable_lost_between_short_and_rest_pays_no_rest() -> None:
    room = Room(notes={1: (50_000, 10), 2: (10_000, 10), 3: (10_000, 10)})
    room.far.script = ["short:1"]
    nonce = room.nonce()
    room.far.mute = Look
    asker = room.ask(PayOut(txn(1), room.authority(nonce, 40_000), won(40_000)))
    room.lose()
    assert room.paid(asker).least == won(10_000)


def test_rejected_notes_are_told_and_cost_nothing() -> None:
    room = Room()
    room.far.script = ["reject:2"]
    paid = room.paid(room.pay(20_000))
    assert (paid.least, paid.notes[0].rejected) == (won(20_000), Count.exact(2))


def test_a_jam_is_an_interval_and_nothing_more_is_ordered() -> None:
    room = Room()
    room.far.script = ["jam:3"]
    paid = room.paid(room.pay(1_250_000))
    assert (paid.least, paid.highest) == (won(100_000), won(500_000))
    assert pays(room) == [10]
    assert room.state().suspended
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.IN_DOUBT


def test_a_machine_with_a_memory_is_asked_before_its_doubt_is_believed() -> None:
    room = Room(MEMORY)
    asker = room.pay_lost(30_000)
    assert room.replies(asker)[-1] != PaidOut
    room.reopen()
    assert room.paid(asker).least == won(30_000)
    assert isinstance(room.far.orders[-1], Recall | Look)
    assert pays(room) == [3]


def test_a_memory_that_is_gone_leaves_what_was_proven() -> None:
    room = Room(MEMORY)
    asker = room.pay_lost(30_000)
    room.far.last = None
    room.reopen()
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(30_000), won(30_000))  # three notes were seen out


def test_a_machine_that_stays_away_is_reported_in_doubt() -> None:
    room = Room(MEMORY)
    room.far.script = ["die:1"]
    asker = room.pay(30_000)
    room.lose()
    room.wait(91_000)
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(10_000), won(30_000))


def test_a_restart_whose_machine_stays_away_is_reported_in_doubt() -> None:
    room = Room()
    room.far.script = ["die:1"]
    room.pay(30_000)
    room.connected = False
    room.cut()
    room.wait(91_000)
    paid = room.get(PaidOut, CloseOut(txn(1)))
    assert (paid.least, paid.highest) == (won(0), won(30_000))


def test_one_note_too_many_is_booked_and_suspends() -> None:
    room = Room()
    room.far.script = ["double:3"]
    paid = room.paid(room.pay(30_000))
    assert (paid.least, paid.highest, paid.code) == (won(40_000), won(40_000), codes.OVERPAID)
    assert room.state().code == codes.IN_DOUBT


def test_a_proof_that_contradicts_the_count_is_a_doubt() -> None:
    room = Room(MEMORY)
    room.far.understates = True
    paid = room.paid(room.pay(30_000))
    assert (paid.least, paid.highest) == (won(20_000), won(30_000))
    assert room.state().suspended


def test_the_answer_waits_until_the_notes_are_taken() -> None:
    room = Room(WATCHED)
    asker = room.pay(30_000)
    assert [type(one) for one in room.replies(asker)].count(PaidOut) == 0
    assert room.vault.state.books.ledger.notes(EXIT, 10_000) == 3
    assert room.get(PaidOut, CloseOut(txn(1))).least == won(30_000)  # it is signed already
    room.far.take()
    room.pump()
    assert room.paid(asker).least == won(30_000)
    assert room.vault.state.books.ledger.notes(TAKEN, 10_000) == 3


def test_notes_left_at_the_exit_are_given_and_the_next_is_refused_until_it_is_clear() -> None:
    room = Room(WATCHED)
    asker = room.pay(30_000)
    room.wait(31_000)
    assert room.paid(asker).least == won(30_000)
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.EXIT_NOT_CLEAR
    room.box.take()  # unseen
    room.nonce(2)
    assert room.vault.state.books.ledger.notes(TAKEN, 10_000) == 3


def test_what_may_have_come_out_is_with_the_customer_once_the_exit_is_empty() -> None:
    room = Room(WATCHED)
    room.far.script = ["jam:3"]
    room.pay(30_000)
    room.far.take()
    room.pump()
    room.wait(31_000)
    ledger = room.vault.state.books.ledger
    assert ledger.count(EXIT, 10_000) == Count.exact(0)
    assert ledger.count(TAKEN, 10_000).high == 3


def test_a_restart_before_the_answer_gives_the_same_report() -> None:
    room = Room(WATCHED)
    room.pay(30_000)
    room.cut()
    assert room.get(PaidOut, CloseOut(txn(1))).least == won(30_000)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reject_bin": Bin.FULL}, codes.REJECT_FULL),
        ({"reject_bin": Bin.MISSING}, codes.REJECT_MISSING),
        ({"broken": "TM-CASHA-050"}, "TM-CASHA-050"),
        ({"missing": {1, 2, 3}}, codes.CASSETTE_MISSING),
        ({"labels": {1: "X", 2: "Y", 3: "Z"}}, codes.CASSETTE_SWAPPED),
    ],
)
def test_a_machine_that_cannot_pay_says_so_before_the_hold(change: dict[str, object], code: str) -> None:
    room = Room()
    for name, value in change.items():
        setattr(room.far, name, value)
    assert room.get(VaultRefused, AskNonce(txn(1))).code == code


def test_notes_of_the_customer_before_refuse_the_next() -> None:
    room = Room()
    room.box.pick(1)
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.PATH_NOT_CLEAR
    room.box.move(Spot.PATH, Spot.EXIT)
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.EXIT_NOT_CLEAR


def test_one_missing_cassette_does_not_stop_the_others() -> None:
    room = Room()
    room.far.missing = {1}
    room.nonce()
    shown = room.news(VaultState)[-1]
    assert [one.usable for one in shown.cassettes] == [False, True, True]


def test_an_empty_book_a_full_disk_and_a_lost_cable_refuse() -> None:
    assert Room(loaded=False).get(VaultRefused, AskNonce(txn(1))).code == codes.CASSETTES_EMPTY
    room = Room()
    room.book.room = False
    room.vault.turn(room.now_ms)
    room.pump()
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.LEDGER_FULL
    room = Room()
    room.lose()
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.AWAY


def test_a_machine_with_its_own_tokens_is_refused_by_name() -> None:
    room = Room(replace(PLAIN, end_to_end=True))
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.END_TO_END


def test_two_withdrawals_never_run_at_once() -> None:
    room = Room(WATCHED)
    room.pay(30_000)
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.BUSY


def test_notes_of_a_place_nobody_configured_suspend_the_machine() -> None:
    room = Room(MEMORY)
    nonce = room.nonce()
    room.far.mute = Pay
    asker = room.ask(PayOut(txn(1), room.authority(nonce, 30_000), won(30_000)))
    op = f"{txn(1)}/1"
    stray = (PlaceMoved(2, 3, Count.exact(3), Count.exact(0)), PlaceMoved(9, 0, Count.unknown(), Count.exact(0)))
    room.vault.hear(json.dumps(tagged(Moved(op, End.SHORT, stray))).encode(), room.now_ms)
    room.pump()
    assert room.paid(asker).least == won(30_000)
    assert room.vault.state.books.suspended == codes.CONTRADICTION
