"""What came of one run, and how a failure is kept: everything needed to see it again, in one small JSON file."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from sim.bench.swarm import Swarm
from sim.bench.tape import Rows, choices


class Violated(BaseException):
    """An invariant does not hold. Nothing of the product may catch it: it belongs to the checker."""

    def __init__(self, invariant: str, words: str) -> None:
        super().__init__(f"{invariant}: {words}")
        self.invariant = invariant
        self.words = words


@dataclass(frozen=True, slots=True)
class Failure:
    """`invariant` is the class of it (I5, L1, "crash TypeError ..."): what a shrinker must keep."""

    invariant: str
    words: str
    at_ms: int
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`transactions` businesses that were begun and came to their end; `struck` faults by family; `reached` the
    interesting states of `sim.bench.sometimes`; `traced` the hash of everything that happened."""

    seed: int | None
    swarm: Swarm
    rows: Rows
    transactions: int
    struck: Counter[str]
    reached: Counter[str]
    traced: int
    failure: Failure | None = None


@dataclass
class Tally:
    """Many runs together."""

    seeds: int = 0
    transactions: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    traced: int = 0
    failures: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        self.transactions += outcome.transactions
        self.struck += outcome.struck
        self.reached += outcome.reached
        self.traced = crc32(outcome.traced.to_bytes(4), self.traced)
        if outcome.failure is not None:
            self.failures.append(outcome)

    def join(self, other: Tally) -> None:
        """And these as well."""
        self.seeds += other.seeds
        self.transactions += other.transactions
        self.struck += other.struck
        self.reached += other.reached
        self.traced = crc32(other.traced.to_bytes(4), self.traced)
        self.failures += other.failures


def kept(outcome: Outcome) -> dict[str, Any]:
    """A failure as it is kept."""
    assert outcome.failure is not None
    return {
        "seed": outcome.seed,
        "invariant": outcome.failure.invariant,
        "words": outcome.failure.words,
        "at_ms": outcome.failure.at_ms,
        "businesses": outcome.swarm.businesses,
        "rates": dict(outcome.swarm.rates),
        "choices": choices(outcome.rows),
        "tape": {site: list(row) for site, row in outcome.rows.items()},
        "trace": list(outcome.failure.trace),
    }


def keep(outcome: Outcome, folder: Path) -> Path:
    """Write ``fail-<hash>.json``; equal stories have equal names."""
    plain = kept(outcome)
    told = json.dumps({name: plain[name] for name in ("invariant", "tape", "rates", "businesses")}, sort_keys=True)
    path = folder / f"fail-{crc32(told.encode()):08x}.json"
    path.write_text(json.dumps(plain, indent=1) + "\n", "utf-8")
    return path


def read(path: Path) -> tuple[Swarm, dict[str, list[int]], str]:
    """The swarm, the tape and the invariant of a kept failure. Raises ValueError for a file that is none."""
    plain = json.loads(path.read_text("utf-8"))
    try:
        swarm = Swarm({str(name): int(rate) for name, rate in plain["rates"].items()}, int(plain["businesses"]))
        rows = {str(site): [int(value) for value in row] for site, row in plain["tape"].items()}
        return swarm, rows, str(plain["invariant"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no kept failure: {error}") from None
