"""The torture itself: seeds, planted mistakes, the canary, determinism, and what it must have reached."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.bench import sometimes
from sim.bench.outcome import Tally, keep
from sim.bench.planted import PLANTED
from sim.bench.swarm import Swarm
from sim.bench.tape import Tape, choices
from sim.bench.torture import run, run_seed
from sim.verbs.torture import command, shrunk, tortured

SLICES = 8
FAST_SEEDS = 240  # of the two thousand: the rest runs in the long tier
FOUND_WITHIN = 120  # seeds

SLOW = frozenset({"no_tombstone", "checksum_ignored", "quote_for_ever"})


@pytest.mark.parametrize("slice_", range(SLICES))
def test_whatever_goes_wrong_notes_and_money_agree_in_the_end(slice_: int) -> None:
    each = FAST_SEEDS // SLICES
    tally, cpu_s = tortured(slice_ * each, (slice_ + 1) * each)
    print(f"{tally.transactions} transactions, {tally.transactions / cpu_s:.0f} a CPU-second")
    assert [(one.seed, one.failure) for one in tally.failures] == []
    assert tally.transactions >= each * 7


@pytest.mark.full
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("slice_", range(SLICES))
def test_two_thousand_seeds_find_nothing(slice_: int) -> None:
    each = sometimes.SEEDS // SLICES
    tally, _ = tortured(slice_ * each, (slice_ + 1) * each)
    assert [(one.seed, one.failure) for one in tally.failures] == []


@pytest.mark.full
@pytest.mark.timeout(3_000)
def test_two_thousand_seeds_have_been_in_every_interesting_state() -> None:
    tally = Tally()
    for seed in range(sometimes.SEEDS):
        tally.add(run_seed(seed))
    assert sometimes.missing(tally.reached) == []


def test_a_world_without_faults_is_boring() -> None:
    outcome = run(Tape.of_rows({}), Swarm({}, 10))
    assert outcome.failure is None
    assert outcome.struck == Counter()
    assert outcome.transactions == 10


def test_a_run_that_reaches_too_little_is_told_apart() -> None:
    assert sometimes.missing(Counter(dict.fromkeys(sometimes.STATES, 1))) == []
    assert "the power went" in sometimes.missing(Counter({"authorised": 5}))
    assert len(set(sometimes.STATES)) == len(sometimes.STATES) >= 30


@pytest.mark.parametrize("name", sorted(PLANTED.keys() - SLOW))
def test_each_planted_mistake_is_found(name: str) -> None:
    with PLANTED[name]():
        for seed in range(FOUND_WITHIN):
            if run_seed(seed).failure is not None:
                return
    raise AssertionError(f"{name} was not found within {FOUND_WITHIN} seeds")


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(SLOW))
def test_the_rarer_mistakes_are_found_as_well(name: str) -> None:
    with PLANTED[name]():
        assert any(run_seed(seed).failure is not None for seed in range(sometimes.SEEDS))


def test_after_a_planted_mistake_the_product_is_what_it_was() -> None:
    for name in PLANTED:
        with PLANTED[name]():
            pass
    assert run_seed(0).failure is None


def test_the_canary_fails_the_command_and_is_kept_and_replayed(tmp_path: Path) -> None:
    options = ["--seeds", "0:2", "--jobs", "1", "--planted", "canary", "--keep", str(tmp_path), "--json"]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 1
    assert json.loads(result.output)["violations"] == 2
    (kept,) = tmp_path.glob("fail-*.json")
    assert CliRunner().invoke(command, ["--replay", str(kept), "--planted", "canary"]).exit_code == 1
    assert CliRunner().invoke(command, ["--replay", str(kept)]).exit_code == 0


def test_a_failure_is_shrunk_to_few_kinds_of_fault_and_few_choices(tmp_path: Path) -> None:
    with PLANTED["doubt_is_nothing"]():
        outcome = next(one for one in (run_seed(seed) for seed in range(100)) if one.failure is not None)
        small = shrunk(outcome)
        assert small.failure is not None
        assert len(small.swarm.rates) <= 3
        assert choices(small.rows) <= 12
        keep(small, tmp_path)


def test_the_same_seeds_leave_the_same_trace_whatever_the_hash_seed() -> None:
    program = "from sim.verbs.torture import tortured; print(tortured(0, 12)[0].traced)"
    traces = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PATH": ""}, capture_output=True, check=True,
            text=True, cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(traces) == 1


def test_seeds_are_a_range() -> None:
    result = CliRunner().invoke(command, ["--seeds", "5:5"])
    assert result.exit_code == 2
    assert "as in 0:2000" in result.output
