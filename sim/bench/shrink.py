"""Shrinking: the shortest run that still breaks the same invariant.

Fewer businesses, fewer families, whole sites of the tape emptied, then blocks of decisions set to the boring one
(delta debugging), then smaller values. Every candidate is a whole run, so what remains is a run that really fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.bench.outcome import Outcome
from sim.bench.swarm import Swarm
from sim.bench.tape import choices

RUNS_MAX = 600  # a run takes some milliseconds: a shrink ends within seconds
Again = Callable[[Swarm, dict[str, list[int]]], Outcome]
Tape = dict[str, list[int]]


@dataclass
class Shrinker:
    """`again` runs a swarm and a tape."""

    again: Again
    best: Outcome
    runs: int = 0

    def shrunk(self) -> Outcome:
        """The smallest failing outcome found."""
        assert self.best.failure is not None, "only a failure is shrunk"
        before = -1
        while before != (before := self._size()) and self.runs < RUNS_MAX:
            self._fewer_businesses()
            self._fewer_families()
            for one in self._without_sites():
                self._try(self.best.swarm, one)
            for site in sorted(self._tape()):
                self._zero_blocks(site)
            for site in sorted(self._tape()):
                self._lower(site)
        return self.best

    def _size(self) -> int:
        return choices(self.best.rows) + self.best.swarm.businesses + len(self.best.swarm.rates)

    def _tape(self) -> Tape:
        return {site: list(row) for site, row in self.best.rows.items()}

    def _try(self, swarm: Swarm, tape: Tape) -> bool:
        """Does it still fail in the same way? Then it is the best so far."""
        if self.runs >= RUNS_MAX:
            return False
        self.runs += 1
        outcome = self.again(swarm, tape)
        assert self.best.failure is not None
        if outcome.failure is None or outcome.failure.invariant != self.best.failure.invariant:
            return False
        self.best = outcome
        return True

    def _fewer_businesses(self) -> None:
        for count in (1, 2, 3, 4, 6, 8):
            swarm = self.best.swarm
            if count < swarm.businesses and self._try(Swarm(swarm.rates, count), self._tape()):
                return

    def _fewer_families(self) -> None:
        for family in sorted(self.best.swarm.rates):
            self._try(self.best.swarm.without(family), self._tape())

    def _without_sites(self) -> Iterator[Tape]:
        for site in sorted(self._tape()):
            tape = self._tape()
            if tape.pop(site, None) is not None:
                yield tape

    def _zero_blocks(self, site: str) -> None:
        row = self._tape().get(site, [])
        block = max(1, len(row) // 2)
        while block:
            at = 0
            while at < len(row):
                now = self._tape().get(site, [])
                if any(now[at : at + block]):
                    self._try(self.best.swarm, {**self._tape(), site: now[:at] + [0] * block + now[at + block :]})
                at += block
            block //= 2

    def _lower(self, site: str) -> None:
        for place, value in enumerate(self._tape().get(site, [])):
            for lower in (1, value // 2, value - 1):
                row = self._tape().get(site, [])
                if place < len(row) and 0 < lower < row[place]:
                    row[place] = lower
                    if self._try(self.best.swarm, {**self._tape(), site: row}):
                        break
