"""The coin hopper: what its bus, its counters and its memory do to an order, and what the host makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from core.cash import Count, Mix
from core.dispenser import Clear, Cleared, End, Look, Moved, Order, Pay, Progress, Recall, Seen
from core.wire.cctalk import Check
from drivers.dispenser_cctalk import Host, Security, Settings, make_host
from sim.peers.cash_box import CashBox, Spot
from sim.peers.cctalk_hopper import BITS, Build
from sim.peers.dispenser_cctalk import LINE, CctalkPeer


@dataclass
class Bench:
    """A host and its far end on a clock that only moves when nothing else is left to do."""

    peer: CctalkPeer
    host: Host
    now_ms: int = 1_000
    heard: list[object] = field(default_factory=list)

    def step(self) -> bool:
        self.host.turn(self.now_ms)
        self.peer.turn(self.now_ms)
        moved = False
        for raw in self.host.say():
            self.peer.hear(raw, self.now_ms)
            moved = True
        for raw in self.peer.say():
            self.host.hear(raw, self.now_ms)
            moved = True
        self.heard += self.host.news()
        return moved

    def order(self, order: Order) -> object:
        self.host.order(order, self.now_ms)
        return self.answer()

    def answer(self, until_ms: int | None = None) -> object:
        """The answer to the open order, or None when the clock gets to `until_ms` first."""
        end = self.now_ms + self.host.capabilities.answer_ms if until_ms is None else until_ms
        while self.now_ms <= end:
            while self.step():
                pass
            for news in self.heard:
                if not isinstance(news, Progress):
                    self.heard.remove(news)
                    return news
            wakes = [at for at in (self.host.wakes_at(), self.peer.wakes_at()) if at is not None]
            self.now_ms = max(self.now_ms + 1, min([*wakes, end + 1]))
        return None


def bench(coins: int = 100, addresses: tuple[int, ...] = (3,), *, echo: bool = True, check: Check = Check.SUM,
          build: Build | None = None, **more: object) -> Bench:  # fmt: skip
    box = CashBox(dict.fromkeys(range(1, len(addresses) + 1), (500, coins)))
    settings = Settings("/dev/null", addresses=addresses, echo=echo, check=check, **more)  # type: ignore[arg-type]
    return Bench(CctalkPeer(box, addresses, echo=echo, check=check, build=build or Build()), make_host(settings))


def pay(rig: Bench, coins: int = 5, op: str = "a") -> Moved:
    answer = rig.order(Pay(op, Mix.of([(1, coins)])))
    assert isinstance(answer, Moved)
    return answer


def out(rig: Bench) -> int:
    return rig.peer.box.count(Spot.EXIT)


def check_true(rig: Bench, moved: Moved) -> None:
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
    again = Bench(rig.peer, make_host(Settings("/dev/null")), rig.now_ms + 1_000)
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


def rig_detail(rig: Bench) -> str:
    seen = rig.order(Look())
    assert isinstance(seen, Seen)
    assert seen.ready, seen
    return seen.detail
