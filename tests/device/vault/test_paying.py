"""A withdrawal at the cash side: under its authority, once, in order, and told exactly as it was."""

from __future__ import annotations

import pytest

from core.cash import Count
from core.dispenser import Capabilities, Pay
from core.vault_talk import AskNonce, CloseOut, PaidOut, PayOut, Stage, VaultRefused
from device.vault import codes
from sim.peers.cash_box import Spot
from tests.device.vault.far_end import MEMORY, PLAIN, STACKER, WATCHED
from tests.device.vault.room import Room, txn, won


def test_a_withdrawal_is_paid_and_reported_with_two_syncs() -> None:
    room = Room()
    nonce = room.nonce()
    before = room.book.fsyncs
    asker = room.ask(PayOut(txn(1), room.authority(nonce, 130_000), won(130_000)))
    paid = room.paid(asker)
    assert (paid.least, paid.highest, paid.code) == (won(130_000), won(130_000), "")
    assert [(row.face, row.given) for row in paid.notes] == [
        (won(50_000), Count.exact(2)),
        (won(10_000), Count.exact(3)),
    ]
    assert room.box.worth(Spot.TAKEN) == 130_000
    assert room.book.fsyncs - before == 2
    assert room.report(paid).nonce == nonce.nonce


def test_the_same_question_gets_the_same_report_for_ever() -> None:
    room = Room()
    nonce = room.nonce()
    request = PayOut(txn(1), room.authority(nonce, 50_000), won(50_000))
    first = room.paid(room.ask(request))
    assert room.get(PaidOut, request) == first
    assert room.get(PaidOut, CloseOut(txn(1))) == first
    room.cut()
    assert room.get(PaidOut, request) == first
    assert room.get(PaidOut, CloseOut(txn(1))) == first
    assert sum(isinstance(order, Pay) for order in room.far.orders) == 1


def test_a_transaction_nobody_knows_is_closed_for_ever() -> None:
    room = Room()
    closed = room.get(PaidOut, CloseOut(txn(5)))
    assert (room.report(closed).nonce, closed.highest, closed.notes) == ("", won(0), ())
    assert room.get(VaultRefused, AskNonce(txn(5))).code == codes.TXN_USED


def test_closing_before_the_first_note_kills_the_authority() -> None:
    room = Room()
    nonce = room.nonce()
    closed = room.get(PaidOut, CloseOut(txn(1)))
    assert room.report(closed).nonce == nonce.nonce
    assert room.get(PaidOut, PayOut(txn(1), room.authority(nonce, 50_000), won(50_000))) == closed
    assert room.box.count(Spot.TAKEN) == 0


@pytest.mark.parametrize("machine", [PLAIN, MEMORY, WATCHED, STACKER])
def test_every_kind_of_machine_pays(machine: Capabilities) -> None:
    room = Room(machine)
    nonce = room.nonce()
    before = room.book.fsyncs
    asker = room.ask(PayOut(txn(1), room.authority(nonce, 70_000), won(70_000)))
    room.far.take()
    room.pump()
    assert room.paid(asker).least == won(70_000)
    assert room.box.worth(Spot.TAKEN) == 70_000
    assert room.book.fsyncs - before == (3 if room.machine.stacks else 2)
    assert room.state().ready


def test_a_machine_without_memory_is_asked_for_few_notes_at_a_time() -> None:
    room = Room()
    nonce = room.nonce()
    before = room.book.fsyncs
    asker = room.ask(PayOut(txn(1), room.authority(nonce, 1_250_000), won(1_250_000)))
    assert room.paid(asker).least == won(1_250_000)
    pays = [order.mix.total for order in room.far.orders if isinstance(order, Pay)]
    assert pays == [10, 10, 5]
    assert room.book.fsyncs - before <= 2 + 2 * 2


def test_notes_are_shown_as_they_come() -> None:
    room = Room(MEMORY)
    stages = [reply for reply in room.replies(room.pay(30_000)) if isinstance(reply, Stage)]
    assert [(stage.notes, stage.total) for stage in stages] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_restart_asks_the_machine_and_never_pays_again() -> None:
    room = Room(MEMORY)
    room.far.script = ["die:2"]
    asker = room.pay(30_000)
    assert not any(isinstance(reply, PaidOut) for reply in room.replies(asker))
    room.far.last = None
    room.far.heal()
    room.cut(kept=5)
    closed = room.get(PaidOut, CloseOut(txn(1)))
    assert sum(isinstance(order, Pay) for order in room.far.orders) == 1
    assert closed.least.money() <= won(room.box.worth(Spot.TAKEN)).money() <= closed.highest.money()
    assert closed.least == won(20_000)  # the notes whose proof reached the disk
    assert room.state().suspended
