"""Stacked notes: offered, taken, pulled back, put aside; and what is said when nobody can know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.cash import Count
from core.dispenser import Bin, Look, Offer, Pay, PutAside, Retract
from core.vault_talk import AskNonce, CashStage, CloseOut, PaidOut, Stage, VaultRefused
from device.vault import codes
from device.vault.ledger import REJECT, RETRACT, TRANSPORT
from device.vault.state import Phase
from sim.peers.cash_box import Spot
from tests.device.vault.far_end import STACKER
from tests.device.vault.room import Room, txn, won

KEEPS = replace(STACKER, unit="keeps", retracts=False, rejects=False)
BLIND = replace(KEEPS, unit="blind", sees_taken=False)


def orders(room: Room, kind: type) -> int:
    return sum(isinstance(order, kind) for order in room.far.orders)


def test_notes_nobody_takes_are_pulled_back_and_cost_nothing() -> None:
    room = Room(STACKER)
    asker = room.pay(70_000)
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest, paid.code) == (won(0), won(0), codes.RETRACTED)
    assert [row.retracted for row in paid.notes] == [Count.exact(1), Count.exact(2)]
    assert room.box.worth(Spot.RETRACT) == 70_000
    ledger = room.vault.state.books.ledger
    assert (ledger.notes(RETRACT, 50_000), ledger.notes(RETRACT, 10_000)) == (1, 2)
    stages = [reply.stage for reply in room.replies(asker) if isinstance(reply, Stage)]
    assert stages[-2:] == [CashStage.OFFERED, CashStage.PULLING_BACK]
    assert room.state().ready


def test_a_customer_who_takes_some_pays_for_those() -> None:
    room = Room(STACKER)
    asker = room.pay(30_000)
    room.far.take(2)
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest) == (won(20_000), won(20_000))


def test_a_bin_that_does_not_count_leaves_an_interval_and_a_suspended_machine() -> None:
    room = Room(STACKER)
    room.far.counts_retracted = False
    asker = room.pay(30_000)
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest) == (won(0), won(30_000))
    assert room.state().suspended
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.IN_DOUBT


def test_what_cannot_be_pulled_back_is_booked_as_given_and_the_next_must_wait() -> None:
    room = Room(KEEPS)
    asker = room.pay(30_000)
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest, paid.code) == (won(30_000), won(30_000), codes.NOT_TAKEN)
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.EXIT_NOT_CLEAR
    room.far.take()
    room.pump()
    room.nonce(2)


def test_a_machine_that_sees_no_hand_has_given_what_it_offered() -> None:
    room = Room(BLIND)
    assert room.paid(room.pay(30_000)).least == won(30_000)


def test_a_machine_that_sees_no_hand_and_is_not_sure_says_so() -> None:
    room = Room(BLIND)
    room.far.mute = Offer
    asker = room.pay(30_000)
    room.lose()
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(0), won(30_000))


def test_more_than_asked_in_the_stacker_is_put_aside_and_never_offered() -> None:
    room = Room(STACKER)
    room.far.script = ["double:2"]
    paid = room.paid(room.pay(20_000))
    assert (paid.highest, paid.code) == (won(0), codes.PUT_ASIDE)
    assert orders(room, Offer) == 0
    assert room.vault.state.books.ledger.notes(REJECT, 10_000) == 3


def test_a_stacker_without_a_reject_bin_keeps_what_it_must_not_offer() -> None:
    room = Room(KEEPS)
    room.far.script = ["double:2"]
    paid = room.paid(room.pay(20_000))
    assert paid.highest == won(0)
    assert room.vault.state.books.ledger.notes(TRANSPORT, 10_000) == 3
    assert room.get(VaultRefused, AskNonce(txn(2))).code == codes.PATH_NOT_CLEAR


def test_a_jam_before_the_stacker_is_no_doubt_about_the_customer() -> None:
    room = Room(STACKER)
    room.far.script = ["jam:2"]
    paid = room.paid(room.pay(30_000))
    assert paid.highest == won(0)
    assert room.state().suspended


def test_short_in_the_stacker_is_finished_from_elsewhere_and_offered_whole() -> None:
    room = Room(STACKER, notes={1: (50_000, 10), 2: (10_000, 10), 3: (10_000, 10)})
    room.far.script = ["short:1"]
    asker = room.pay(30_000)
    room.far.take()
    room.pump()
    assert room.paid(asker).least == won(30_000)
    assert orders(room, Pay) == 2
    assert orders(room, Offer) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_a_restart_while_notes_are_offered_finds_them_or_says_it_cannot_know(taken: bool) -> None:
    room = Room(STACKER)
    room.pay(30_000)
    if taken:
        room.box.take()
    room.cut()
    asker = room.ask(CloseOut(txn(1)))
    room.wait(40_000)
    paid = room.paid(asker)
    if taken:
        assert (paid.least, paid.highest) == (won(0), won(30_000))
        assert room.state().suspended
    else:
        assert paid.highest == won(0)
        assert room.box.worth(Spot.RETRACT) == 30_000


def test_a_restart_with_stacked_notes_puts_them_aside() -> None:
    room = Room(STACKER)
    room.far.keeps_answer = True
    room.pay(30_000)
    room.cut()
    paid = room.get(PaidOut, CloseOut(txn(1)))
    assert (paid.least, paid.highest) == (won(0), won(0))
    assert orders(room, Offer) == 0


def test_a_cable_lost_while_notes_are_offered_makes_the_end_unsure() -> None:
    room = Room(STACKER)
    asker = room.pay(30_000)
    room.lose()
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest) == (won(0), won(30_000))


def test_a_cable_that_comes_back_in_time_is_asked_where_the_notes_are() -> None:
    room = Room(STACKER)
    asker = room.pay(30_000)
    room.lose()
    room.wait(1_000)
    room.reopen()
    assert isinstance(room.far.orders[-1], Look)
    room.far.take()
    room.pump()
    assert room.paid(asker).least == won(30_000)


def test_a_cable_lost_during_the_offer_waits_for_a_hand_and_then_cannot_know() -> None:
    room = Room(STACKER)
    room.far.mute = Offer
    asker = room.pay(30_000)
    assert room.vault.state.job is not None
    assert room.vault.state.job.phase is Phase.OFFERING
    room.lose()
    room.wait(31_000)
    paid = room.paid(asker)
    assert (paid.least, paid.highest) == (won(0), won(30_000))


@pytest.mark.parametrize("bin_state", [Bin.FULL, Bin.MISSING])
def test_an_unfit_retract_bin_refuses_before_the_hold(bin_state: Bin) -> None:
    room = Room(STACKER)
    room.far.retract_bin = bin_state
    assert room.get(VaultRefused, AskNonce(txn(1))).code == codes.RETRACT_BIN


def test_a_restart_while_stacked_notes_were_put_aside_gives_nobody_anything() -> None:
    room = Room(STACKER)
    room.far.script, room.far.mute = ["double:2"], PutAside
    room.pay(20_000)
    room.far.mute = None
    room.connected = False
    room.cut()
    room.reopen()
    paid = room.get(PaidOut, CloseOut(txn(1)))
    assert paid.highest == won(0)
    assert room.state().suspended


def test_a_pull_back_that_is_never_answered_is_an_interval() -> None:
    room = Room(STACKER)
    room.far.mute = Retract
    asker = room.pay(30_000)
    room.wait(31_000)
    room.far.take()
    room.pump()
    room.lose()
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(0), won(30_000))


def test_a_machine_that_never_comes_back_is_reported_within_the_bound() -> None:
    room = Room(STACKER)
    room.pay(30_000)
    room.connected = False
    room.cut()
    asker = room.ask(CloseOut(txn(1)))
    room.wait(89_000)
    assert room.replies(asker) == []
    room.wait(2_000)
    assert (room.paid(asker).least, room.paid(asker).highest) == (won(0), won(30_000))
