"""The far ends of both Puloon dialects, asked directly: what a host of somebody else's would see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.wire import lcdm30, lcdm50
from core.wire.lcdm30_messages import Ask as Ask30
from core.wire.lcdm30_messages import Command as Command30
from core.wire.lcdm30_messages import Dispense as Dispense30
from core.wire.lcdm30_messages import Lengths, SetLengths
from core.wire.lcdm50 import Ask, Command, Dispense
from core.wire.puloon_frames import ACK, EOT, NAK, frame
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_lcdm30 import Habits, Lcdm30Peer
from sim.peers.dispenser_lcdm50 import Lcdm50Peer
from sim.peers.puloon import PuloonPeer

NOTES = {1: (1_000, 20), 2: (5_000, 20)}


def said(peer: PuloonPeer[object], message: bytes, for_ms: int = 0, *, ack: bool = True) -> list[tuple[int, bytes]]:
    """What is said in the `for_ms` after `message`, with its time after it; replies are acknowledged."""
    began = peer._now
    peer.hear(message, began)
    heard = []
    while True:
        for one in peer.say():
            heard.append((peer._now - began, one))
            if ack and one[0] == 1:
                peer.hear(bytes([ACK]), peer._now)
        at = peer.wakes_at()
        if at is None or at > began + (for_ms or 100_000):
            return heard
        peer.turn(at)


def lcdm50_peer() -> PuloonPeer[object]:
    return Lcdm50Peer(CashBox(NOTES))  # type: ignore[return-value]


def lcdm30_peer(habits: Habits | None = None) -> PuloonPeer[object]:
    return Lcdm30Peer(CashBox(NOTES), habits=habits or Habits())  # type: ignore[return-value]


def test_a_dispense_takes_its_time_and_the_notes_lie_at_the_exit() -> None:
    peer = lcdm50_peer()
    (ack_ms, ack), (reply_ms, reply) = said(peer, lcdm50.encode(Dispense(upper=10)))
    assert (ack, ack_ms <= 500) == (bytes([ACK]), True)
    assert reply == bytes.fromhex("01500245313031303030303003") + reply[-1:]
    assert 1_000 < reply_ms < 3_000
    assert peer.box.count(Spot.EXIT, 1) == 10


def test_a_reply_nobody_acknowledges_is_said_three_times() -> None:
    heard = said(lcdm50_peer(), lcdm50.encode(Ask(Command.STATUS)), ack=False)
    assert len([one for _, one in heard if one[0] == 1]) == 3


def test_a_spoilt_command_is_refused_and_moves_nothing() -> None:
    peer = lcdm50_peer()
    command = bytearray(lcdm50.encode(Dispense(upper=10)))
    command[4] ^= 1
    assert [one for _, one in said(peer, bytes(command))] == [bytes([NAK])]
    assert peer.box.count(Spot.EXIT) == 0


def test_it_does_not_listen_while_it_pays() -> None:
    peer = lcdm50_peer()
    peer.hear(lcdm50.encode(Dispense(upper=10)), 0)
    peer.turn(700)
    peer.say()
    assert said(peer, lcdm50.encode(Ask(Command.STATUS)), 100) == []
    assert said(peer, b"\x04\x50\x02\x44", 100) == []


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (lcdm50.encode(Dispense(lower=3)), 0x30),
        (frame(EOT, 0x50, b"\x4599"), 0x3B),
        (frame(EOT, 0x50, b"\x4500"), 0x3B),
    ],
)
def test_a_number_of_notes_is_checked_by_the_machine_itself(command: bytes, error: int) -> None:
    (_, _), (_, reply) = said(lcdm50_peer(), command)
    assert reply[8] == error


def test_an_unknown_command_is_answered_as_such() -> None:
    (_, _), (_, reply) = said(lcdm50_peer(), frame(EOT, 0x50, b"\x60"))
    assert reply == lcdm50.encode_reply(lcdm50.Purged(0x37))
    (_, _), (_, reply), _ = said(lcdm30_peer(), frame(EOT, 0x30, b"\x79"))
    assert reply[4] == 0x20 + 0x30


def test_it_says_its_version() -> None:
    (_, _), (_, reply) = said(lcdm50_peer(), lcdm50.encode(Ask(Command.ROM_VERSION)))
    assert reply == bytes.fromhex("0150024f31365441443243037f".replace("024f", "02474f"))


@pytest.mark.parametrize("place_out", [1, 2])
def test_a_cassette_that_is_not_there_refuses(place_out: int) -> None:
    peer = lcdm50_peer()
    peer.out.add(place_out)
    command = Dispense(upper=1) if place_out == 1 else Dispense(lower=1)
    (_, _), (_, reply) = said(peer, lcdm50.encode(command))
    assert reply[8] == 0x44 + place_out
    other = lcdm30_peer()
    other.out.add(place_out)
    counts = (1, 0, 0, 0) if place_out == 1 else (0, 1, 0, 0)
    (_, _), (_, reply), _ = said(other, lcdm30.encode(Dispense30(counts)))
    assert reply[4] == 0x20 + 0x24


def test_without_a_tray_nothing_is_paid_and_nothing_cleared() -> None:
    for peer, dispense, purge in (
        (lcdm50_peer(), lcdm50.encode(Dispense(upper=1)), lcdm50.encode(Ask(Command.PURGE))),
        (lcdm30_peer(), lcdm30.encode(Dispense30((1, 0, 0, 0))), lcdm30.encode(Ask30(Command30.PURGE))),
    ):
        peer.fault("tray_out")
        said(peer, dispense)
        said(peer, purge)
        assert (peer.box.count(Spot.EXIT), peer.box.count(Spot.REJECT)) == (0, 0)


@pytest.mark.parametrize("replies", [0, 1, 2])
def test_a_reset_brings_none_one_or_two_replies(replies: int) -> None:
    heard = said(lcdm30_peer(Habits(reset_replies=replies)), lcdm30.encode(Ask30(Command30.RESET)))
    assert len([one for _, one in heard if one[0] == 1]) == replies


@pytest.mark.parametrize("says_eot", [True, False])
def test_an_exchange_ends_with_eot_or_without(says_eot: bool) -> None:
    heard = said(lcdm30_peer(Habits(says_eot=says_eot)), lcdm30.encode(Ask30(Command30.STATUS)))
    assert (heard[-1][1] == bytes([EOT])) is says_eot


def test_note_lengths_are_kept() -> None:
    peer = lcdm30_peer()
    said(peer, lcdm30.encode(SetLengths((188, 196, 0, 0))))
    heard = said(peer, lcdm30.encode(Ask30(Command30.GET_LENGTHS)))
    assert heard[1][1] == lcdm30.encode_reply(Lengths(0, (188, 196, 0, 0)))
    assert said(peer, lcdm30.encode(Ask30(Command30.SENSORS)))[1][1][4] == 0x20


@pytest.mark.parametrize("keeps", [True, False])
def test_the_memory_outlives_the_power_or_does_not(keeps: bool) -> None:
    peer = lcdm30_peer(Habits(keeps_last=keeps))
    peer.hear(lcdm30.encode(Dispense30((5, 0, 0, 0), serial=9)), 0)
    peer.turn(800)
    out = peer.box.count(Spot.EXIT)
    peer.power(False, 800)
    assert said(peer, lcdm30.encode(Ask30(Command30.LAST_STATUS)), 100) == []
    peer.power(True, 1_000)
    reply = said(peer, lcdm30.encode(Ask30(Command30.LAST_STATUS)))[1][1]
    assert 0 < out < 5
    assert (reply[4], reply[7]) == ((0x52, 0x20 + out) if keeps else (0x20, 0x20))
    assert said(peer, lcdm30.encode(Ask30(Command30.GET_SERIAL)))[1][1][5] == 0x20 + (9 if keeps else 0)


@pytest.mark.parametrize("make", [lcdm50_peer, lcdm30_peer])
def test_an_unknown_trouble_is_a_programmers_error(make: Callable[[], PuloonPeer[object]]) -> None:
    with pytest.raises(KeyError):
        make().fault("no such trouble")


@pytest.mark.parametrize("make", [lcdm50_peer, lcdm30_peer])
def test_every_trouble_has_one_name(make: Callable[[], PuloonPeer[object]]) -> None:
    names = list(make().faults)
    assert len(names) == len(set(names))
