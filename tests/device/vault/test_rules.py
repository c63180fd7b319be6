"""Small rules of the deciding code that no whole withdrawal comes upon: each is one sentence."""

from __future__ import annotations

import pytest

from core.asset import KRW, Asset
from core.cash import Count
from core.dispenser import Cleared, End, Moved, Noticed, Offered, Seen
from core.money import Money
from core.vault_talk import AskNonce, CloseOut, PaidOut, PayOut, VaultRefused
from device.vault import codes, moves
from device.vault.ledger import OUTSIDE, TAKEN, Doubt, Entry, Ledger, cassette, wrong_with
from device.vault.machine import HELD_MAX
from device.vault.records import BackAt
from device.vault.setup import CassetteSpec, Setup
from device.vault.state import Heard
from tests.device.vault.far_end import PLAIN
from tests.device.vault.room import EXCHANGE, VAULT, Room, txn, won


def one(place: int = 1, face: int = 10_000, asset: Asset = KRW) -> CassetteSpec:
    return CassetteSpec(place, Money(face, asset))


@pytest.mark.parametrize(
    "cassettes",
    [(), (one(), one()), (one(), one(2, asset=Asset("USD", 2))), (one(0),), (one(face=0),), (one(9),)],
    ids=["none", "one place twice", "two currencies", "place 0", "worthless", "a place the machine has not"],
)
def test_a_machine_that_cannot_be_is_refused_before_anything_moves(cassettes: tuple[CassetteSpec, ...]) -> None:
    with pytest.raises(ValueError, match=r"cassette|places"):
        Setup("T1", "vault", "", VAULT, EXCHANGE, PLAIN, cassettes)


def test_an_order_carries_a_note_or_more() -> None:
    with pytest.raises(ValueError, match="a note or more"):
        Setup("T1", "vault", "", VAULT, EXCHANGE, PLAIN, (one(),), chunk_notes=0)


@pytest.mark.parametrize(("source", "target", "notes"), [("exit", "exit", 1), ("exit", "taken", 0)])
def test_an_entry_or_a_doubt_moves_a_note_from_one_place_to_another(source: str, target: str, notes: int) -> None:
    with pytest.raises(ValueError, match="a note or more"):
        Entry(10_000, source, target, notes)
    with pytest.raises(ValueError, match="a note or more"):
        Doubt("t", 10_000, source, target, notes)


@pytest.mark.parametrize(
    ("exact", "problem"),
    [
        ({(cassette(1), 10_000): 1}, "do not add up"),
        ({(cassette(1), 10_000): -1, (OUTSIDE, 10_000): 1}, "went back outside"),
        ({(cassette(1), 10_000): 1, (TAKEN, 10_000): -1}, "came back from taken"),
    ],
)
def test_a_ledger_that_makes_or_loses_a_note_is_wrong(exact: dict[tuple[str, int], int], problem: str) -> None:
    assert problem in wrong_with(Ledger(exact))


def test_answers_to_nothing_we_asked_change_nothing() -> None:
    room = Room()
    before = room.vault.state
    for news in (Moved("x/1", End.DONE, ()), Offered("x", sure=True), Cleared(clear=True)):
        room.vault._step(Heard(news), room.now_ms)
    room.vault._step(Heard(Seen(True, (), True, True)), room.now_ms)
    assert room.vault.state == before


def test_somebody_at_the_machine_ends_what_was_promised_and_is_looked_into() -> None:
    room = Room()
    nonce = room.nonce()
    room.vault._step(Heard(Noticed("TM-CASH-003")), room.now_ms)
    room.pump()
    refused = room.get(VaultRefused, PayOut(txn(1), room.authority(nonce, 10_000), won(10_000)))
    assert refused.code == codes.NONCE_DEAD


def test_more_who_ask_while_the_machine_is_looked_at_than_can_wait_are_told_so() -> None:
    room = Room()
    for number in range(1, HELD_MAX + 2):
        room.vault.ask(number, AskNonce(txn(1)), room.now_ms)
    (sent,) = room.vault.replies()
    assert isinstance(sent.reply, VaultRefused)
    assert (sent.asker, sent.reply.code) == (HELD_MAX + 1, codes.BUSY)
    room.pump()


def test_a_nonce_for_a_withdrawal_that_was_closed_is_refused() -> None:
    room = Room()
    room.get(PaidOut, CloseOut(txn(3)))
    assert room.get(VaultRefused, AskNonce(txn(3))).code == codes.TXN_USED


def test_a_total_of_a_bin_is_shared_out_as_far_as_it_can_be() -> None:
    out = {1: 2, 2: 3}
    assert moves.back_at(out, ((0, Count.exact(4)),), sure=True) == (
        (BackAt(1, Count(1, 2)), BackAt(2, Count(2, 3))),
        True,
    )
    assert moves.back_at(out, ((0, Count.exact(6)),), sure=True)[1] is False
    assert moves.back_at(out, ((0, Count.unknown()),), sure=True)[0] == (
        BackAt(1, Count(0, 2)),
        BackAt(2, Count(0, 3)),
    )
