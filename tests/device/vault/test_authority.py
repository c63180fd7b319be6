"""Forged, replayed, expired and over-amount authorities: not one note, however often they are tried."""

from __future__ import annotations

import random

import pytest

from core.authority import LIFE_MAX_MS
from core.vault_talk import AskNonce, Nonce, PaidOut, PayOut, VaultRefused
from device.vault import codes
from device.vault.keys import PinnedKeys, VaultKey
from sim.peers.cash_box import Spot
from tests.device.vault.room import EXCHANGE, Mac, Room, txn, won

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def refused(room: Room, authority: str, amount: int, number: int = 1) -> str:
    return room.get(VaultRefused, PayOut(txn(number), authority, won(amount))).code


def test_each_wrong_field_is_refused_by_name() -> None:
    room = Room()
    nonce = room.nonce()
    assert refused(room, room.authority(nonce, 10_000, terminal="T2"), 10_000) == codes.NOT_OURS
    assert refused(room, room.authority(nonce, 10_000, vault="v2"), 10_000) == codes.NOT_OURS
    assert refused(room, room.authority(nonce, 10_000, txn=txn(2)), 10_000) == codes.NOT_OURS
    assert refused(room, room.authority(nonce, 10_000, nonce="0" * 32), 10_000) == codes.NONCE_DEAD
    assert refused(room, "ca1.exchange.e30.AA", 10_000) == codes.FORGED
    assert room.get(PaidOut, PayOut(txn(1), room.authority(nonce, 10_000), won(10_000))).least == won(10_000)


@pytest.mark.parametrize("amount", [0, -10_000, 10_001, 20_000])
def test_more_than_the_authority_or_nothing_is_refused_and_kills_it(amount: int) -> None:
    room = Room()
    authority = room.authority(room.nonce(), 10_000)
    assert refused(room, authority, amount) == codes.TOO_MUCH
    assert refused(room, authority, 10_000) == codes.NONCE_DEAD


def test_another_currency_is_refused() -> None:
    room = Room()
    from core.messages.money import WireMoney

    most = WireMoney("USD", 2, "100.00")
    assert refused(room, room.authority(room.nonce(), 0, most=most), 10_000) == codes.TOO_MUCH


def test_an_amount_that_no_mix_pays_is_refused_and_moves_nothing() -> None:
    room = Room()
    assert refused(room, room.authority(room.nonce(), 10_005), 10_005) == codes.NO_MIX
    assert room.box.count(Spot.TAKEN) == 0


def test_an_authority_lives_as_long_as_it_says_and_no_longer() -> None:
    room = Room()
    authority = room.authority(room.nonce(), 10_000, life_ms=5_000)
    room.wait(5_001)
    assert refused(room, authority, 10_000) == codes.EXPIRED
    authority = room.authority(room.nonce(), 10_000)
    room.wait(LIFE_MAX_MS)
    assert refused(room, authority, 10_000) == codes.NONCE_DEAD
    room = Room()
    authority = room.authority(room.nonce(), 10_000, life_ms=5_000)
    room.wait(4_999)
    assert room.get(PaidOut, PayOut(txn(1), authority, won(10_000))).least == won(10_000)


def test_one_nonce_lives_at_a_time_and_none_survives_a_power_cut() -> None:
    room = Room()
    first = room.nonce(1)
    assert room.nonce(1).nonce == first.nonce
    room.nonce(2)
    assert refused(room, room.authority(first, 10_000), 10_000) == codes.NONCE_DEAD
    second = room.authority(room.nonce(1), 10_000)
    room.cut()
    assert refused(room, second, 10_000) == codes.NONCE_DEAD
    third = room.authority(room.nonce(1), 10_000)
    room.lose()
    room.reopen()
    assert refused(room, third, 10_000) == codes.NONCE_DEAD


def test_a_used_authority_pays_nothing_a_second_time() -> None:
    room = Room()
    authority = room.authority(room.nonce(), 10_000)
    room.get(PaidOut, PayOut(txn(1), authority, won(10_000)))
    for _ in range(3):
        room.get(PaidOut, PayOut(txn(1), authority, won(10_000)))
        assert refused(room, authority, 10_000, number=2) in (codes.NOT_OURS, codes.NONCE_DEAD)
    assert room.box.count(Spot.TAKEN) == 1


def attack(room: Room, tries: int, seed: int) -> None:
    """Everything a runtime under an attacker's control can do with authorities it has seen."""
    chance = random.Random(seed)
    number = 10
    seen = [room.authority(room.nonce(1), 50_000)]
    room.now_ms += LIFE_MAX_MS + 1
    thief = Mac("exchange-2")
    for _ in range(tries):
        if chance.random() < 0.02:
            number += 1
            live = room.get(Nonce, AskNonce(txn(number)))
            seen = [*seen[-20:], room.authority(live, 50_000, life_ms=1)]  # good, and dead at the next millisecond
            room.now_ms += 2
        text = chance.choice(seen)
        match chance.randrange(5):
            case 0:
                place = chance.randrange(len(text))
                text = text[:place] + chance.choice(ALPHABET) + text[place + 1 :]
            case 1:
                text = text[: chance.randrange(len(text))]
            case 2:
                head = text.rpartition(".")[0]
                text = f"{head}.{chance.choice(seen).rpartition('.')[2]}"
            case 3:
                text = text.replace("exchange", thief.key_id)
            case _:
                pass  # an honest one, replayed or too late
        room.vault.ask(
            1, PayOut(txn(chance.randrange(1, number + 1)), text, won(chance.choice([10_000, 50_000]))), room.now_ms
        )
        last = next(sent.reply for sent in room.vault.replies() if sent.asker == 1)
        assert isinstance(last, VaultRefused), last


@pytest.mark.parametrize("tries", [10_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_a_hundred_thousand_tries_move_no_note(tries: int) -> None:
    room = Room()
    attack(room, tries, tries)
    assert room.box.count(Spot.TAKEN) + room.box.count(Spot.EXIT) == 0
    assert room.vault.state.books.move is None


def test_hundreds_of_tries_against_the_real_signature_move_no_note() -> None:
    room = Room()
    key = VaultKey.of_seed(bytes(32))
    from dataclasses import replace

    room.vault.setup = replace(room.setup, exchange=PinnedKeys({key.key_id: key.public}))
    nonce = room.nonce()
    from core.authority import AUTHORITY, Authority
    from core.sealed import seal

    good = seal(AUTHORITY, Authority("T1", "vault", txn(1), nonce.nonce, won(10_000), 60_000), key)
    for place in range(0, len(good), 2):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        assert refused(room, changed, 10_000) == codes.FORGED
    assert room.box.count(Spot.TAKEN) == 0
    assert EXCHANGE.key_id != key.key_id
    assert room.get(PaidOut, PayOut(txn(1), good, won(10_000))).least == won(10_000)
