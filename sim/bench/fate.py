"""Fate: what strikes, asked at every port. One by chance from the tape, one by plan for the enumerations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from sim.bench.swarm import Swarm
from sim.bench.tape import Tape


class Stroke(Enum):
    """What befalls one commit of a store."""

    NONE = "none"
    CUT_BEFORE = "cut before"
    CUT_INSIDE = "cut inside"  # written and not synced: the disk may hold it or not
    CUT_AFTER = "cut after"
    FULL = "disk full"
    FAILED_LOST = "sync failed, content lost"
    FAILED_KEPT = "sync failed, content kept"


OWNERS: Final[Mapping[str, str]] = {"journal": "runtime", "book": "vault", "exchange": "exchange"}
CUTS: Final = (Stroke.CUT_BEFORE, Stroke.CUT_INSIDE, Stroke.CUT_AFTER)
FAILURES: Final = (Stroke.FULL, Stroke.FAILED_LOST, Stroke.FAILED_KEPT)


class Fate(Protocol):
    """`commit` for a store's commit, `strikes` for anything else; `power` whether a cut takes the whole machine."""

    def commit(self, store: str) -> Stroke: ...

    def strikes(self, family: str, site: str = "") -> bool: ...

    def power(self, store: str) -> bool: ...


@dataclass
class Chance:
    """Fate from the tape, as the swarm allows. `calm`: the liveness phase has begun and nothing strikes any more."""

    tape: Tape
    swarm: Swarm
    struck: Counter[str] = field(default_factory=Counter)
    calm: bool = False

    def strikes(self, family: str, site: str = "") -> bool:
        rate = 0 if self.calm else self.swarm.rate(family)
        if rate and self.tape.chance(f"{family}{site}", rate):
            self.struck[family] += 1
            return True
        return False

    def commit(self, store: str) -> Stroke:
        if self.calm:
            return Stroke.NONE
        owner = OWNERS[store]
        if self.strikes(f"{owner}_cut", ".commit") or (owner != "exchange" and self.strikes("power_cut", f".{store}")):
            return CUTS[self.tape.below(f"cut.{store}.side", 3)]
        if self.strikes(f"{owner}_disk"):
            return FAILURES[self.tape.below(f"disk.{store}.kind", 3)]
        return Stroke.NONE

    def power(self, store: str) -> bool:
        """Is it the power, or only the program?"""
        return store != "exchange" and self.tape.below(f"cut.{store}.power", 2) == 1


@dataclass(frozen=True, slots=True)
class Cutting:
    """One cut: at the `at`-th commit of any store since the cut before it (or the beginning), counted from 1."""

    at: int
    stroke: Stroke
    power: bool = False


@dataclass
class Plan:
    """Fate by plan: `cuts` one after the other, or a port whose `at`-th call fails, once or `forever`.

    `script` are families that strike at their first call: they make the scenario. Everything is counted, so that a
    plan that does nothing tells how much there is to be done: `made` the store of each commit, in order.
    """

    cuts: tuple[Cutting, ...] = ()
    script: frozenset[str] = frozenset()
    port: str = ""
    at: int = 0
    forever: bool = False
    stroke: Stroke = Stroke.FAILED_LOST
    calm: bool = False
    made: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    _stage: int = 0
    _since: int = 0

    def commit(self, store: str) -> Stroke:
        self.made.append(store)
        if self.port:
            return self.stroke if self.strikes(f"{store}.commit") else Stroke.NONE
        self._since += 1
        if self._stage < len(self.cuts) and self._since == self.cuts[self._stage].at:
            self._stage, self._since = self._stage + 1, 0
            self.struck[store] += 1
            return self.cuts[self._stage - 1].stroke
        return Stroke.NONE

    def strikes(self, family: str, site: str = "") -> bool:
        self.calls[family + site] += 1
        if family in self.script:
            return self.calls[family + site] == 1
        if self.calm or family + site != self.port:
            return False
        due = self.calls[self.port] >= self.at if self.forever else self.calls[self.port] == self.at
        self.struck[family] += due
        return due

    def power(self, store: str) -> bool:
        return self._stage > 0 and self.cuts[self._stage - 1].power

    @property
    def recovering(self) -> int:
        """Commits since the last cut of the plan."""
        return self._since
