"""The F53/F56: what its link, its errors and its exit do to an order, and what the host makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from core.cash import Count, Mix
from core.dispenser import Clear, Cleared, End, Look, Moved, Pay, Recall, Seen, Taken
from core.faults import dispenser
from drivers.dispenser_f56 import InitForm, Set, Settings, make_host
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_f56 import LINE, F56Peer
from sim.peers.f56_notes import BY_NAME, PHYSICAL, Build
from tests.drivers.dispensers.rig import Rig

LENGTHS = (148, 154)
MIX = Mix.of([(1, 3), (2, 2)])


def settings_of(build: Build, **more: Any) -> Settings:
    chosen = Set.ENHANCED if build.enhanced else Set.CONVENTIONAL
    return Settings("/dev/null", LENGTHS, command_set=chosen, path_sensors=build.path_bits.hex(), **more)


def bench(build: Build | None = None, notes: int = 100, **more: Any) -> Rig[F56Peer]:
    box = CashBox({1: (10_000, notes), 2: (50_000, notes)})
    build = build or Build()
    return Rig(F56Peer(box, build), make_host(settings_of(build, **more)))


def pay(rig: Rig[F56Peer], mix: Mix = MIX, op: str = "a") -> Moved:
    answer = rig.order(Pay(op, mix))
    assert isinstance(answer, Moved)
    return answer


def out(rig: Rig[F56Peer], place: int) -> int:
    return rig.peer.box.count(Spot.EXIT, place) + rig.peer.box.count(Spot.TAKEN, place)


def check_true(rig: Rig[F56Peer], moved: Moved) -> None:
    for part in moved.parts:
        assert part.exited.admits(out(rig, part.place)), (moved, rig.peer.box.census())
        assert part.rejected.admits(rig.peer.box.count(Spot.REJECT, part.place)), (moved, rig.peer.box.census())
        assert part.on_path.admits(rig.peer.box.count(Spot.PATH, part.place)), (moved, rig.peer.box.census())
        if moved.end is not End.DOUBT:
            assert part.exited.known
            assert part.rejected.known
            assert part.on_path.known


BUILDS = {
    "conventional": Build(),
    "enhanced": Build(enhanced=True),
    "pool_keeps": Build(pool_keeps=True),
    "init_to_exit": Build(init_to=Spot.EXIT, path_bits=bytes.fromhex("030000000000")),
}


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize("form", list(InitForm))
def test_notes_are_paid_and_seen_to_be_taken(build: Build, form: InitForm) -> None:
    rig = bench(build, init_form=form)
    moved = pay(rig)
    assert (moved.end, [part.exited for part in moved.parts]) == (End.DONE, [Count.exact(3), Count.exact(2)])
    check_true(rig, moved)
    assert rig.answer(rig.now_ms + 5_000) is None
    assert pay(rig, op="b").code == dispenser.EXIT_OCCUPIED
    rig.peer.box.take()
    assert rig.answer(rig.now_ms + 5_000) == Taken("a")
    assert pay(rig, op="c").end is End.DONE


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize("name", sorted({*BY_NAME, *PHYSICAL, *LINE}))
def test_every_trouble_leaves_a_true_answer(name: str, build: Build) -> None:
    for after in (0, 1, 4, 5):
        rig = bench(build)
        rig.peer.fault(name, after)
        moved = pay(rig)
        check_true(rig, moved)
        assert rig.peer.inside.counts_run <= 1
        assert moved.end is End.DONE or moved.code, moved
        rig.peer.power(True, rig.now_ms)
        rig.now_ms += 5_000
        recalled = rig.order(Recall("a", MIX))
        assert isinstance(recalled, Moved)
        check_true(rig, recalled)
        again = Rig(
            rig.peer,
            make_host(Settings("/dev/null", LENGTHS, command_set=Set.ENHANCED if build.enhanced else Set.CONVENTIONAL)),
            rig.now_ms,
        )
        recalled = again.order(Recall("a", MIX))
        assert isinstance(recalled, Moved)
        assert recalled.end is End.DOUBT
        check_true(rig, recalled)
        rig.now_ms = again.now_ms
        rig.peer.heal()
        rig.now_ms += 60_000
        rig.peer.box.take()
        rig.peer.box.load(2, 50_000, 10)
        while (news := rig.answer(rig.now_ms + 20_000)) is not None:
            assert isinstance(news, Taken)
        cleared = rig.order(Clear())
        assert isinstance(cleared, Cleared)
        assert cleared.clear, cleared
        seen = rig.order(Look())
        assert isinstance(seen, Seen)
        assert seen.ready, seen
        rig.peer.box.take()
        rig.peer.box.remove(Spot.TAKEN)
        assert pay(rig, Mix.of([(2, 4)]), "b").end is End.DONE
