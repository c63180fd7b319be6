"""`tillmark torture`: the whole product under seeds, with everything that can go wrong, on a virtual clock."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import click

from sim.bench import sometimes
from sim.bench.outcome import Outcome, Tally, keep, read
from sim.bench.planted import PLANTED
from sim.bench.shrink import Shrinker
from sim.bench.tape import Tape
from sim.bench.torture import run, run_seed

SLICE: Final = 50  # seeds between two words about how far it is
FAILURES_KEPT: Final = 5  # one mistake breaks many seeds in the same way


@click.command("torture", epilog="Example:  tillmark torture --seeds 0:2000")
@click.option("--seeds", default="0:200", show_default=True, help="From A up to, and without, B.")
@click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A kept failure, again.")
@click.option("--explain", is_flag=True, help="With --replay: every line of what happened.")
@click.option("--planted", type=click.Choice(sorted(PLANTED)), help="With this mistake planted.")
@click.option("--jobs", default=0, type=click.IntRange(0, 64), help="Processes; 0 for one on each core.")
@click.option("--keep", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where failures are kept.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    seeds: str, replay: Path | None, explain: bool, planted: str | None, jobs: int, folder: Path | None, as_json: bool
) -> None:
    """Run the product under seeds. Exit code 1 for a violation, 2 for a run that explored too little."""
    with PLANTED[planted]() if planted else contextlib.nullcontext():
        if replay is not None:
            sys.exit(_replayed(replay, explain))
        first, last = _range(seeds)
        tally, cpu_s = _tortured(first, last, jobs or os.cpu_count() or 1, planted, quiet=as_json)
        _kept(tally, folder or Path(), quiet=as_json)
    figures = _figures(tally, cpu_s, last - first)
    if as_json:
        click.echo(json.dumps(figures))
    else:
        _told(figures)
    sys.exit(1 if tally.failures else 2 if figures["not_reached"] else 0)


def _range(seeds: str) -> tuple[int, int]:
    first, _, last = seeds.partition(":")
    if not (first.isdigit() and last.isdigit() and int(first) < int(last)):
        raise click.BadParameter("as in 0:2000", param_hint="--seeds")
    return int(first), int(last)


def tortured(first: int, last: int, planted: str = "") -> tuple[Tally, float]:
    """These seeds in this process, and the processor seconds they took."""
    began, tally = time.process_time(), Tally()
    with PLANTED[planted]() if planted else contextlib.nullcontext():
        for seed in range(first, last):
            tally.add(run_seed(seed))
    return tally, time.process_time() - began


def _tortured(first: int, last: int, jobs: int, planted: str | None, *, quiet: bool) -> tuple[Tally, float]:
    """The same on several cores, put together in the order of the seeds."""
    starts = range(first, last, SLICE)
    whole, cpu_s = Tally(), 0.0
    with ProcessPoolExecutor(min(jobs, len(starts))) as pool:
        parts = pool.map(
            tortured, starts, [min(start + SLICE, last) for start in starts], [planted or ""] * len(starts)
        )
        for tally, seconds in parts:
            whole.join(tally)
            cpu_s += seconds
            if not quiet and sys.stderr.isatty():
                click.echo(
                    f"\r{whole.seeds} of {last - first} seeds, {len(whole.failures)} failures", nl=False, err=True
                )
    return whole, cpu_s


def _kept(tally: Tally, folder: Path, *, quiet: bool) -> None:
    """The first failures, shrunk and written down."""
    told: set[str] = set()
    for outcome in tally.failures:
        assert outcome.failure is not None
        if outcome.failure.invariant in told or len(told) == FAILURES_KEPT:
            continue
        told.add(outcome.failure.invariant)
        folder.mkdir(parents=True, exist_ok=True)
        path = keep(shrunk(outcome), folder)
        if not quiet:
            click.echo(
                f"SEED={outcome.seed} INVARIANT={outcome.failure.invariant} AT={outcome.failure.at_ms} ms"
                f" {outcome.failure.words}\n  kept as {path}",
                err=True,
            )


def shrunk(outcome: Outcome) -> Outcome:
    """The smallest run that fails in the same way."""
    return Shrinker(lambda swarm, rows: run(Tape.of_rows(rows), swarm), outcome).shrunk()


def _replayed(path: Path, explain: bool) -> int:
    try:
        swarm, rows, invariant = read(path)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    outcome = run(Tape.of_rows(rows), swarm, listener=click.echo if explain else None)
    if outcome.failure is None:
        click.echo(f"{invariant} holds now")
        return 0
    click.echo(f"{outcome.failure.invariant}: {outcome.failure.words}")
    return 1


def _figures(tally: Tally, cpu_s: float, seeds: int) -> dict[str, Any]:
    return {
        "seeds": tally.seeds,
        "transactions": tally.transactions,
        "cpu_s": round(cpu_s, 1),
        "transactions_per_cpu_s": round(tally.transactions / cpu_s) if cpu_s else 0,
        "faults": dict(sorted(tally.struck.items())),
        "reached": {state: tally.reached[state] for state in sometimes.STATES},
        "not_reached": sometimes.missing(tally.reached) if seeds >= sometimes.SEEDS else [],
        "trace": f"{tally.traced:08x}",
        "violations": len(tally.failures),
    }


def _told(figures: dict[str, Any]) -> None:
    for family, count in figures["faults"].items():
        click.echo(f"  {count:8}  {family}")
    click.echo("reached:")
    for state, count in figures["reached"].items():
        click.echo(f"  {count:8}  {state}")
    for state in figures["not_reached"]:
        click.echo(f"NOT REACHED: {state}")
    click.echo(
        f"{figures['seeds']} seeds, {figures['transactions']} transactions, {figures['violations']} violations;"
        f" {figures['transactions_per_cpu_s']} transactions per CPU-second, trace {figures['trace']}"
    )
