"""The ground the simulator stands on: tape, clock, swarm, disk, torn logs, shrinking."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from sim.bench import torn
from sim.bench.clock import Trace, VirtualClock
from sim.bench.crash import Cut, Life
from sim.bench.disk import Disk
from sim.bench.fate import Chance, Cutting, Plan, Stroke
from sim.bench.outcome import Failure, Outcome, keep, read
from sim.bench.shrink import Shrinker
from sim.bench.swarm import FAMILIES, Swarm, drawn
from sim.bench.tape import Tape, choices


def test_a_tape_made_from_a_seed_makes_the_same_run_again() -> None:
    tape = Tape.of_seed(7)
    told = [(tape.below("a", 10), tape.chance("b", 500), tape.seed("c")) for _ in range(50)]
    again = Tape.of_rows(tape.rows())
    assert [(again.below("a", 10), again.chance("b", 500), again.seed("c")) for _ in range(50)] == told


def test_what_a_tape_does_not_say_is_boring() -> None:
    tape = Tape.of_rows({"a": [3]})
    assert [tape.below("a", 10), tape.below("a", 10), tape.chance("b", 999), tape.seed("c")] == [3, 0, False, 0]
    assert tape.rows() == {"a": [3]}


def test_one_site_taken_out_moves_no_other() -> None:
    tape = Tape.of_rows({"b": [1, 0, 1]})
    assert [tape.chance("b", 10) for _ in range(4) if tape.chance("a", 500) is False] == [True, False, True, False]


def test_two_things_at_the_same_time_happen_in_the_order_they_were_put_down() -> None:
    clock, told = VirtualClock(), list[int]()
    for number in range(5):
        clock.at(10, lambda number=number: told.append(number))  # type: ignore[misc]
    assert clock.due() is None
    clock.now_ms = 10
    while (due := clock.due()) is not None:
        due[1]()
    assert told == [0, 1, 2, 3, 4]


def test_the_trace_tells_two_orders_apart() -> None:
    def hashed(*deeds: str) -> int:
        trace = Trace(VirtualClock())
        for deed in deeds:
            trace.tell("who", deed)
        return trace.hash

    assert hashed("a", "b") != hashed("b", "a")
    assert hashed("a", "b") == hashed("a", "b")


def test_a_twentieth_of_the_seeds_is_boring_and_a_twentieth_has_every_family() -> None:
    sizes = Counter(len(drawn(Tape.of_seed(seed)).rates) for seed in range(2_000))
    assert 60 <= sizes[0] <= 150
    assert 50 <= sizes[len(FAMILIES)] <= 150


def disk(fate: Plan, lost: int = 0) -> Disk:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE told(number INTEGER)")
    image = base.serialize()
    base.close()
    return Disk("journal", image, fate, lambda site, bound: min(lost, bound - 1))


def write(base: sqlite3.Connection, number: int, level: str) -> None:
    base.execute(f"PRAGMA synchronous={level}")
    base.execute("BEGIN IMMEDIATE")
    base.execute("INSERT INTO told VALUES(?)", (number,))
    base.execute("COMMIT")


def opened(one: Disk) -> sqlite3.Connection:
    kind = one.kind(Life("runtime", 1))
    return sqlite3.connect("", factory=kind, isolation_level=None)


def numbers(one: Disk) -> list[int]:
    base = opened(one)
    found = [number for (number,) in base.execute("SELECT number FROM told ORDER BY number")]
    one.died(power=False)
    return found


@pytest.mark.parametrize(("lost", "left"), [(0, [1, 2, 3]), (1, [1, 2]), (2, [1])])
def test_a_power_cut_leaves_what_was_synced_and_any_number_of_the_commits_after_it(lost: int, left: list[int]) -> None:
    one = disk(Plan(), lost)
    base = opened(one)
    for number, level in ((1, "FULL"), (2, "NORMAL"), (3, "NORMAL")):
        write(base, number, level)
    one.died(power=True)
    assert numbers(one) == left


def test_a_killed_program_loses_nothing_it_has_written_and_everything_it_was_writing() -> None:
    one = disk(Plan())
    base = opened(one)
    write(base, 1, "NORMAL")
    base.execute("BEGIN IMMEDIATE")
    base.execute("INSERT INTO told VALUES(2)")
    one.died(power=False)
    assert numbers(one) == [1]


@pytest.mark.parametrize(
    ("stroke", "left"),
    [(Stroke.CUT_BEFORE, [1]), (Stroke.CUT_AFTER, [1, 2]), (Stroke.FAILED_LOST, [1]), (Stroke.FULL, [1])],
)
def test_a_stroke_at_a_commit_leaves_it_whole_or_not_at_all(stroke: Stroke, left: list[int]) -> None:
    one = disk(Plan((Cutting(2, stroke),)))
    base = opened(one)
    write(base, 1, "FULL")
    with pytest.raises((Cut, sqlite3.OperationalError)):
        write(base, 2, "FULL")
    one.died(power=False)
    assert numbers(one) == left


def test_a_sync_that_failed_takes_everything_after_it_until_the_pages_are_written_again() -> None:
    one = disk(Plan((Cutting(2, Stroke.FAILED_KEPT),)))
    base = opened(one)
    write(base, 1, "FULL")
    with pytest.raises(sqlite3.OperationalError):
        write(base, 2, "FULL")
    one.died(power=False)
    base = opened(one)
    write(base, 3, "FULL")
    one.died(power=True)
    assert numbers(one) == [1]


def test_a_dead_program_can_do_nothing_any_more() -> None:
    one = disk(Plan())
    life = Life("runtime", 1)
    base = sqlite3.connect("", factory=one.kind(life), isolation_level=None)
    life.end()
    with pytest.raises(Cut):
        base.execute("INSERT INTO told VALUES(1)")
    one.died(power=False)


# -- torn logs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def commits(tmp_path_factory: pytest.TempPathFactory) -> list[torn.Written]:
    """Three commits on real files: one frame, several frames, and one over a log that begins anew."""
    path = tmp_path_factory.mktemp("torn") / "told.db"
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA wal_autocheckpoint=0")
    base.execute("CREATE TABLE told(number INTEGER, words TEXT)")
    log = path.with_name("told.db-wal")
    found = []
    for number, size in ((1, 10), (2, 9_000), (3, 5_000)):
        if number == 3:
            base.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        before = log.read_bytes()
        base.execute("INSERT INTO told VALUES(?, ?)", (number, "x" * size))
        found.append(torn.Written(path.read_bytes(), before, log.read_bytes()))
    base.close()
    return found


@pytest.mark.parametrize("place", range(3))
def test_the_variants_of_a_torn_commit_are_as_many_as_computed(commits: list[torn.Written], place: int) -> None:
    written = commits[place]
    assert len(list(torn.variants(written))) == torn.space(len(written.bounds) - 1)


@pytest.mark.parametrize("place", range(3))
def test_whatever_is_left_of_a_torn_commit_the_store_is_as_before_it_or_as_after_it(
    commits: list[torn.Written], place: int, tmp_path: Path
) -> None:
    written = commits[place]
    before = torn.content(written.database, written.before, tmp_path)
    after = torn.content(written.database, written.after, tmp_path)
    assert before != after
    logs = {variant.log for variant in torn.variants(written)}
    assert {torn.content(written.database, log, tmp_path) for log in logs} == {before, after}


# -- shrinking and keeping ----------------------------------------------------------------------------


def fails_when(swarm: Swarm, rows: dict[str, list[int]]) -> Outcome:
    """A world that breaks when site "a" says 3 or more in its third decision and "cut" is on."""
    tape = Tape.of_rows(rows)
    values = [tape.below("a", 10) for _ in range(swarm.businesses)]
    for _ in range(8):
        tape.below("noise", 5)
    broken = len(values) > 2 and values[2] >= 3 and swarm.rate("cut") > 0
    failure = Failure("I5", "a note nobody booked", 5) if broken else None
    return Outcome(None, swarm, tape.rows(), swarm.businesses, Counter(), Counter(), 0, failure)


def test_a_failure_is_shrunk_to_the_decisions_that_matter(tmp_path: Path) -> None:
    rows = {"a": [1, 2, 9, 4, 5], "noise": [4, 3, 2, 1]}
    first = fails_when(Swarm({"cut": 5, "noise": 300, "phone": 20}, 12), rows)
    shrunk = Shrinker(fails_when, first).shrunk()
    assert shrunk.swarm == Swarm({"cut": 5}, 3)
    assert shrunk.rows == {"a": [0, 0, 3]}
    assert choices(shrunk.rows) == 1
    swarm, tape, invariant = read(keep(shrunk, tmp_path))
    assert (swarm, tape, invariant) == (shrunk.swarm, shrunk.rows, "I5")


def test_a_file_that_is_no_kept_failure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fail.json"
    path.write_text('{"tape": 5}')
    with pytest.raises(ValueError, match="no kept failure"):
        read(path)


def test_nothing_strikes_once_it_is_calm() -> None:
    fate = Chance(Tape.of_seed(1), Swarm(dict.fromkeys(FAMILIES, 1000), 10))
    assert fate.strikes("phone")
    fate.calm = True
    assert not fate.strikes("phone")
    assert fate.commit("journal") is Stroke.NONE
