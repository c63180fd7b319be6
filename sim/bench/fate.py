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


@dataclass
class Plan:
    """Fate by plan: one stroke at the n-th commit of a store, or the n-th call of a port; then nothing more.

    `forever`: the port fails from then on, until `calm`.
    """

    store: str = ""
    at: int = 0
    stroke: Stroke = Stroke.NONE
    takes_power: bool = True
    port: str = ""
    forever: bool = False
    calm: bool = False
    commits: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)

    def commit(self, store: str) -> Stroke:
        self.commits[store] += 1
        if self.port and self.strikes(f"{OWNERS[store]}_disk"):
            return self.stroke
        if not self.port and store == self.store and self.commits[store] == self.at:
            self.struck[store] += 1
            return self.stroke
        return Stroke.NONE

    def strikes(self, family: str, site: str = "") -> bool:
        self.calls[family] += 1
        if self.calm or family != self.port:
            return False
        due = self.calls[family] >= self.at if self.forever else self.calls[family] == self.at
        if due:
            self.struck[family] += 1
        return due

    def power(self, store: str) -> bool:
        return self.takes_power
