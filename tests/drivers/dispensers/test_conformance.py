"""What every machine that pays must do, whatever its maker: the same sentences for all of `machines.MACHINES`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.cash import Mix
from core.dispenser import Binned, Clear, Cleared, End, Look, Moved, Offer, Offered, Pay, PutAside, Recall, Seen, Test
from core.faults import dispenser as faults
from core.faults.catalogue import catalogue
from sim.cashlink import CashLink, Split
from sim.peers.cash_box import CashBox
from sim.peers.pipe import SINGLE, WHOLE, Weather
from tests.drivers.dispensers.machines import MACHINES, Machine
from tests.drivers.dispensers.truth import Bench

every_machine = pytest.mark.parametrize("machine", MACHINES, ids=str)


def with_faults() -> Iterator[tuple[Machine, str]]:
    for machine in MACHINES:
        for name in machine.peer(CashBox(machine.loaded)).faults:
            yield machine, name


def pay(bench: Bench, op: str = "pay") -> Moved:
    moved = bench.link.order(Pay(op, bench.machine.pays))
    assert isinstance(moved, Moved)
    assert moved.op == op
    return moved


def recall(bench: Bench, op: str = "pay") -> Moved:
    moved = bench.link.order(Recall(op, bench.machine.pays))
    assert isinstance(moved, Moved)
    return moved


def look(bench: Bench) -> Seen:
    seen = bench.link.order(Look())
    assert isinstance(seen, Seen)
    return seen


def mended(bench: Bench) -> None:
    """A technician mends, clears, and the machine pays again."""
    peer = bench.link.peer
    peer.heal()
    bench.link.idle(2_000)
    peer.box.take()
    for place, (face, count) in bench.machine.loaded.items():
        peer.box.load(place, face, count)
    cleared = bench.link.order(Clear())
    assert isinstance(cleared, Cleared)
    assert cleared.clear, cleared
    assert look(bench).ready
    bench.mark()
    moved = pay(bench, "pay after")
    assert moved.end is End.DONE, moved
    bench.agrees(moved)


@every_machine
def test_a_mix_is_paid_exactly(machine: Machine) -> None:
    bench = Bench.of(machine)
    seen = look(bench)
    assert seen.ready
    assert seen.path_clear
    assert seen.exit_clear
    for turn in range(3):
        bench.mark()
        moved = pay(bench, f"pay {turn}")
        assert moved.end is End.DONE
        assert [part.place for part in moved.parts] == [place for place, _ in machine.pays.notes]
        bench.agrees(moved)
        bench.link.peer.box.take()
        assert look(bench).ready
    assert bench.payouts() == 3 * machine.payouts


@every_machine
def test_a_single_place_is_paid_exactly(machine: Machine) -> None:
    for place in machine.loaded:
        bench = Bench.of(machine)
        moved = bench.link.order(Pay("one", Mix(((place, 2),))))
        assert isinstance(moved, Moved)
        assert moved.end is End.DONE
        bench.agrees(moved)


@pytest.mark.parametrize(("machine", "name"), list(with_faults()), ids=str)
def test_whatever_goes_wrong_the_answer_admits_what_lies_where(machine: Machine, name: str) -> None:
    for after in (0, 1, 3):
        bench = Bench.of(machine)
        bench.link.peer.fault(name, after)
        bench.mark()
        moved = pay(bench)
        bench.agrees(moved)
        assert bench.payouts() <= (3 if name.startswith("nak") else machine.payouts)
        assert moved.code == "" or moved.code in catalogue(), moved
        if moved.end is not End.DOUBT:
            mended(bench)
            continue
        assert moved.code, "a doubt says why"
        again = pay(bench, "second")
        assert (again.end, again.code in catalogue()) == (End.NOTHING, True), "locked until it was cleared"
        assert not look(bench).ready
        bench.agrees(recall(bench))
        assert not bench.destroyed(), "evidence first"
        mended(bench)


@every_machine
def test_an_empty_cassette_is_a_short_count_and_exact(machine: Machine) -> None:
    bench = Bench.of(machine)
    if "empty" not in bench.link.peer.faults:
        bench.link.peer.fault(next(iter(bench.link.peer.faults)))
    else:
        bench.link.peer.fault("empty", 2)
        moved = pay(bench)
        assert moved.end is (End.SHORT if machine.short_sure else End.DOUBT)
        bench.agrees(moved)


@every_machine
def test_a_test_note_never_leaves(machine: Machine) -> None:
    bench = Bench.of(machine)
    moved = bench.link.order(Test("test", 1))
    assert isinstance(moved, Moved)
    if bench.link.host.capabilities.tests:
        assert moved.end is End.DONE
        assert moved.parts[0].rejected.low == 1
    else:
        assert moved.end is End.NOTHING
    bench.agrees(moved)
    assert pay(bench).end is End.DONE


@every_machine
def test_an_order_the_machine_cannot_carry_out_moves_nothing(machine: Machine) -> None:
    bench = Bench.of(machine)
    can = bench.link.host.capabilities
    wrong = [Mix(((can.places + 1, 1),)), Mix(((1, can.place_max + 1),)), Mix(())]
    for mix in wrong:
        moved = bench.link.order(Pay("wrong", mix))
        assert isinstance(moved, Moved)
        assert moved.end is End.NOTHING
    nothing = bench.link.order(Test("wrong", can.places + 1))
    assert isinstance(nothing, Moved)
    assert nothing.end is End.NOTHING
    assert bench.payouts() == 0
    if not can.stacks:
        offered = bench.link.order(Offer("pay"))
        assert isinstance(offered, Offered)
        assert not offered.sure
        binned = bench.link.order(PutAside("pay"))
        assert isinstance(binned, Binned)
        assert not binned.sure


@every_machine
def test_pieces_of_any_length_mean_the_same(machine: Machine) -> None:
    cuts = [Split(at) for at in range(1, 30)] if machine.noisy else []
    for split in cuts:
        bench = Bench.of(machine)
        bench.link.split = split
        moved = pay(bench)
        assert moved.end is End.DONE, split
        bench.agrees(moved)
    bench = Bench.of(machine, SINGLE if machine.noisy else WHOLE)  # a message of a WebSocket is never cut
    assert pay(bench).end is End.DONE


@every_machine
@pytest.mark.parametrize(
    "weather",
    [Weather(noise=0.01), Weather(noise=0.05), Weather(loss=0.01), Weather(loss=0.05), Weather(delay_ms=250),
     Weather(single=True, noise=0.02, loss=0.02), Weather(loss=0.4), Weather(delay_ms=900)],
    ids=str,
)  # fmt: skip
def test_a_bad_cable_never_makes_the_answer_false(machine: Machine, weather: Weather) -> None:
    for seed in range(25 if machine.noisy else 0):
        bench = Bench.of(machine, weather, seed)
        moved = pay(bench)
        bench.link.idle(120_000)
        bench.agrees(moved)
        seen = look(bench)
        if moved.end is End.DOUBT:
            assert not seen.ready
            bench.agrees(recall(bench))


@every_machine
def test_after_a_restart_at_any_message_the_answer_admits_what_lies_where(machine: Machine) -> None:
    whole = Bench.of(machine)
    pay(whole)
    total = len(whole.link.messages)
    for patience_ms in (0, 5_000):
        for cut in range(1, total + 1):
            bench = Bench.of(machine)
            bench.link.host.order(Pay("pay", machine.pays), bench.link.now_ms)
            answer = bench.link.wait(200_000, cut)
            bench.link.restart(machine.host())
            bench.link.idle(patience_ms)
            moved = recall(bench)
            bench.link.idle(10_000)
            bench.agrees(moved)
            assert bench.payouts() <= machine.payouts
            if isinstance(answer, Moved):
                bench.agrees(answer)
            mended(bench)


@every_machine
def test_a_cable_pulled_at_any_message_ends_the_order_and_is_recalled(machine: Machine) -> None:
    whole = Bench.of(machine)
    pay(whole)
    for cut in range(1, len(whole.link.messages) + 1):
        bench = Bench.of(machine)
        bench.link.host.order(Pay("pay", machine.pays), bench.link.now_ms)
        answer = bench.link.wait(200_000, cut)
        bench.link.unplug()
        moved = answer or next(news for news in bench.link.news if isinstance(news, Moved))
        assert isinstance(moved, Moved)
        bench.link.idle(10_000)
        bench.agrees(moved)
        bench.link.plug()
        bench.agrees(recall(bench))
        assert bench.payouts() <= machine.payouts
        mended(bench)


@every_machine
@pytest.mark.parametrize("ours_too", [False, True], ids=["machine alone", "both"])
def test_a_power_cut_after_any_note_is_a_bound(machine: Machine, ours_too: bool) -> None:
    for at_ms in range(0, 2_600, 65):
        bench = Bench.of(machine)
        bench.link.host.order(Pay("pay", machine.pays), bench.link.now_ms)
        early = bench.link.wait(at_ms)
        bench.link.power(False)
        bench.link.idle(500)
        bench.link.power(True)
        if ours_too:
            bench.link.restart(machine.host())
            moved: object = recall(bench)
        else:
            moved = early or bench.link.wait(bench.link.host.capabilities.answer_ms)
        assert isinstance(moved, Moved)
        bench.agrees(moved)
        if moved.end is End.DOUBT:
            bench.agrees(recall(bench))
        assert bench.payouts() <= machine.payouts
        mended(bench)


@every_machine
def test_a_dead_machine_moves_nothing_and_says_so(machine: Machine) -> None:
    bench = Bench.of(machine)
    bench.link.power(False)
    assert not look(bench).ready
    moved = pay(bench)
    assert moved.end is End.NOTHING
    cleared = bench.link.order(Clear())
    assert isinstance(cleared, Cleared)
    assert not cleared.clear
    assert bench.payouts() == 0


@every_machine
def test_two_runs_are_the_same_run(machine: Machine) -> None:
    def trace() -> list[tuple[bool, bytes]]:
        bench = Bench.of(machine, Weather(loss=0.02, noise=0.02) if machine.noisy else Weather(), seed=7)
        pay(bench)
        return bench.link.messages

    assert trace() == trace()


def test_every_host_fault_has_its_page() -> None:
    assert {page.code for page in faults.FAULTS} <= set(catalogue())


def test_the_suite_runs_the_machines_far_end_only() -> None:
    assert all(isinstance(Bench.of(machine).link, CashLink) for machine in MACHINES)
