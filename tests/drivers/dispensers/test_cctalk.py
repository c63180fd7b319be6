"""The coin hopper: what its bus, its counters and its memory do to an order, and what the host makes of it."""

from __future__ import annotations

import pytest

from core.cash import Count, Mix
from core.dispenser import Clear, Cleared, End, Look, Moved, Pay, Progress, Recall, Seen
from core.wire.cctalk import Check
from drivers.dispenser_cctalk import Security, Settings, make_host
from sim.peers.cash_box import CashBox, Spot
from sim.peers.cctalk_hopper import BITS, Build
from sim.peers.dispenser_cctalk import LINE, CctalkPeer
from tests.drivers.dispensers.rig import Rig


def bench(coins: int = 100, addresses: tuple[int, ...] = (3,), *, echo: bool = True, check: Check = Check.SUM,
          build: Build | None = None, **more: object) -> Rig[CctalkPeer]:  # fmt: skip
    box = CashBox(dict.fromkeys(range(1, len(addresses) + 1), (500, coins)))
    settings = Settings("/dev/null", addresses=addresses, echo=echo, check=check, **more)  # type: ignore[arg-type]
    return Rig(CctalkPeer(box, addresses, echo=echo, check=check, build=build or Build()), make_host(settings))


def pay(rig: Rig[CctalkPeer], coins: int = 5, op: str = "a") -> Moved:
    answer = rig.order(Pay(op, Mix.of([(1, coins)])))
    assert isinstance(answer, Moved)
    return answer


def out(rig: Rig[CctalkPeer]) -> int:
    return rig.peer.box.count(Spot.EXIT)


def check_true(rig: Rig[CctalkPeer], moved: Moved) -> None:
    (part,) = moved.parts
    assert part.exited.admits(out(rig)), (moved, out(rig))
    assert moved.end is End.DOUBT or part.exited.known


@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("check", list(Check))
@pytest.mark.parametrize("serial", [None, 710_623])
def test_coins_are_paid_in_every_dialect(echo: bool, check: Check, serial: int | None) -> None:
    security = Security.NOENCRYPT if serial is None else Security.SERIAL
    rig = bench(echo=echo, check=check, build=Build(serial=serial), security=security)
    moved = pay(rig)
    assert (moved.end, moved.parts[0].exited, moved.code) == (End.DONE, Count.exact(5), "")
    assert out(rig) == 5
    assert [news.exited for news in rig.heard if isinstance(news, Progress)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", sorted({*BITS, *LINE, "power_dip", "power_cut"}))
@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_every_trouble_leaves_a_true_answer(name: str, after: int) -> None:
    rig = bench()
    assert pay(rig, 2, "before").end is End.DONE
    rig.peer.box.take()
    mark = rig.order(Look())
    assert isinstance(mark, Seen)
    rig.peer.fault(name, after)
    moved = pay(rig)
    check_true(rig, moved)
    assert sum(unit.orders for unit in rig.peer.units.values()) <= 2
    assert moved.end is End.DONE or moved.code
    rig.peer.power(True, rig.now_ms)
    recalled = rig.order(Recall("a", moved_mix(moved), mark.mark))
    assert isinstance(recalled, Moved)
    check_true(rig, recalled)
    again = Rig(rig.peer, make_host(Settings("/dev/null")), rig.now_ms + 1_000)
    for kept in (mark.mark, ""):
        recalled = again.order(Recall("a", moved_mix(moved), kept))
        assert isinstance(recalled, Moved)
        check_true(rig, recalled)
    rig.peer.heal()
    rig.now_ms = again.now_ms
    assert rig.order(Clear()) == Cleared(True, "", rig_detail(rig))
    rig.peer.box.take()
    assert pay(rig, 4, "b").end is End.DONE
    assert out(rig) == 4


def moved_mix(moved: Moved) -> Mix:
    return Mix.of((part.place, part.asked) for part in moved.parts)


def rig_detail(rig: Rig[CctalkPeer]) -> str:
    seen = rig.order(Look())
    assert isinstance(seen, Seen)
    assert seen.ready, seen
    return seen.detail
