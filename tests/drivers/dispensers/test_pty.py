"""The same hosts over real pseudo-terminals, with the unmodified pyserial and the machines in a thread of their own."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from core.cash import Mix
from core.dispenser import Answer, Cable, End, Host, Look, Moved, Order, Pay, Seen
from core.faults import dispenser as faults
from core.ports import DriverFault
from core.wire.lcdm50_sensors import Model
from drivers import dispenser_lcdm30 as lcdm30
from drivers import dispenser_lcdm50 as lcdm50
from drivers.kit.serial_cable import Parity
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer
from sim.peers.dispenser_lcdm30 import Lcdm30Peer
from sim.peers.dispenser_lcdm50 import Lcdm50Peer
from sim.peers.pty_dispenser import DispenserOnPty

SPEED = 20.0
LOADED = {1: (1_000_00, 50), 2: (5_000_00, 50)}


def now_ms() -> int:
    return int(time.monotonic() * 1000)


def ask(host: Host, cable: Cable, order: Order) -> Answer:
    """Pump as the vault does: one thread, waiting on the cable."""
    host.order(order, now_ms())
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for message in host.say():
            cable.send(message)
        for answer in host.news():
            if isinstance(answer, Moved | Seen):
                return answer
        wakes = host.wakes_at()
        wait_ms = 50 if wakes is None else min(50, max(0, wakes - now_ms()))
        for message in cable.receive(wait_ms):
            host.hear(message, now_ms())
        host.turn(now_ms())
    raise AssertionError("no answer")


def machines() -> list[tuple[str, Peer]]:
    return [("lcdm50", Lcdm50Peer(CashBox(LOADED), items=True)), ("lcdm30", Lcdm30Peer(CashBox(LOADED)))]


def opened(name: str, port: str) -> tuple[Host, Cable]:
    if name == "lcdm50":
        settings = lcdm50.Settings(port, model=Model.LCDM_2000)
        return lcdm50.make_host(settings), lcdm50.open(settings)
    even = lcdm30.Settings(port, parity=Parity.EVEN)
    return lcdm30.make_host(even), lcdm30.open(even)


@pytest.mark.parametrize(("name", "peer"), machines(), ids=["lcdm50", "lcdm30"])
def test_notes_are_paid_over_a_real_serial_port(name: str, peer: Peer) -> None:
    with DispenserOnPty(peer, speed=SPEED) as machine:
        host, cable = opened(name, machine.port)
        host.start(now_ms())
        seen = ask(host, cable, Look())
        assert isinstance(seen, Seen)
        assert seen.ready
        moved = ask(host, cable, Pay("op", Mix(((1, 3), (2, 1)))))
        assert isinstance(moved, Moved)
        assert moved.end is End.DONE
        assert machine.do(lambda peer, now_ms: peer.box.count(Spot.EXIT)) == 4
        cable.close()


@pytest.mark.parametrize(("name", "peer"), machines(), ids=["lcdm50", "lcdm30"])
def test_a_cable_pulled_in_the_middle_ends_the_order_in_doubt(name: str, peer: Peer) -> None:
    machine = DispenserOnPty(peer, speed=SPEED)
    host, cable = opened(name, machine.port)
    host.start(now_ms())
    machine.do(lambda peer, now_ms: peer.fault("hang", 2))
    host.order(Pay("op", Mix(((1, 3),))), now_ms())
    until = time.monotonic() + 10
    while machine.do(lambda peer, now_ms: peer.box.count(Spot.PATH)) == 0 and time.monotonic() < until:
        for message in host.say():
            cable.send(message)
        for message in cable.receive(20):
            host.hear(message, now_ms())
        host.turn(now_ms())
    machine.close()
    with pytest.raises(DriverFault, match=faults.UNPLUGGED):
        heard_nothing(cable)
    host.lost(now_ms())
    moved = next(news for news in host.news() if isinstance(news, Moved))
    assert moved.end is End.DOUBT
    assert moved.parts[0].exited.admits(2)
    cable.close()


def heard_nothing(cable: Cable) -> None:
    for _ in range(20):
        cable.receive(50)


def test_what_a_technician_may_write_is_checked() -> None:
    with pytest.raises(ValueError, match="places = 2"):
        lcdm30.Settings("x", form=lcdm30.Form.OLD)
    assert replace(lcdm50.Settings("x"), model=Model.LCDM_2000).wiring.model is Model.LCDM_2000
