"""Coin hopper and F53/F56 over real pseudo-terminals, with the unmodified pyserial."""

from __future__ import annotations

import time

import pytest

from core.cash import Mix
from core.dispenser import Cable, End, Host, Look, Moved, Pay, Seen, Taken
from core.faults import dispenser as faults
from core.ports import DriverFault
from drivers import dispenser_cctalk as cctalk
from drivers import dispenser_f56 as f56
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer
from sim.peers.dispenser_cctalk import CctalkPeer
from sim.peers.dispenser_f56 import F56Peer
from sim.peers.pty_dispenser import DispenserOnPty
from tests.drivers.dispensers.test_pty import ask, now_ms

SPEED = 10.0
LOADED = {1: (1_000_00, 50), 2: (5_000_00, 50)}
NAMES = ["hopper", "f56"]


def peer_of(name: str) -> Peer:
    box = CashBox(LOADED)
    return CctalkPeer(box, (3, 4)) if name == "hopper" else F56Peer(box)


def opened(name: str, port: str) -> tuple[Host, Cable]:
    if name == "hopper":
        hopper = cctalk.Settings(port, addresses=(3, 4))
        return cctalk.make_host(hopper), cctalk.open(hopper)
    notes = f56.Settings(port, (136, 142))
    return f56.make_host(notes), f56.open(notes)


@pytest.mark.parametrize("name", NAMES)
def test_notes_and_coins_are_paid_over_a_real_serial_port(name: str) -> None:
    with DispenserOnPty(peer_of(name), speed=SPEED) as machine:
        host, cable = opened(name, machine.port)
        host.start(now_ms())
        seen = ask(host, cable, Look())
        assert isinstance(seen, Seen)
        assert seen.ready
        moved = ask(host, cable, Pay("op", Mix(((1, 3), (2, 1)))))
        assert isinstance(moved, Moved)
        assert moved.end is End.DONE
        assert machine.do(lambda peer, now_ms: peer.box.count(Spot.EXIT)) == 4
        machine.do(lambda peer, now_ms: peer.box.take())
        if host.capabilities.sees_taken:
            assert Taken("op") in pumped(host, cable, 5, Taken)
        cable.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_cable_pulled_in_a_movement_ends_it_in_doubt(name: str) -> None:
    machine = DispenserOnPty(peer_of(name), speed=SPEED)
    host, cable = opened(name, machine.port)
    host.start(now_ms())
    host.order(Pay("op", Mix(((1, 20),))), now_ms())
    until = time.monotonic() + 10
    moving = (Spot.PATH, Spot.EXIT)
    while sum(machine.do(lambda peer, now_ms: list(map(peer.box.count, moving)))) < 2 and time.monotonic() < until:
        assert not any(isinstance(news, Moved) for news in pumped(host, cable, 0.01))
    machine.close()
    with pytest.raises(DriverFault, match=faults.UNPLUGGED):
        pumped(host, cable, 2)
    host.lost(now_ms())
    moved = next(news for news in host.news() if isinstance(news, Moved))
    assert moved.end is End.DOUBT
    assert moved.parts[0].exited.admits(20)
    cable.close()


def pumped(host: Host, cable: Cable, for_s: float, until_told: type = Moved) -> list[object]:
    """What the host told in `for_s` seconds of pumping, or until it told such news."""
    told: list[object] = []
    until = time.monotonic() + for_s
    while time.monotonic() < until and not any(isinstance(news, until_told) for news in told):
        for message in host.say():
            cable.send(message)
        for message in cable.receive(10):
            host.hear(message, now_ms())
        host.turn(now_ms())
        told += host.news()
    return told
