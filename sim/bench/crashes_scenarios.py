"""The withdrawals that are cut at every commit: one customer each, and what the machine does to them.

A scenario is a tape and the troubles that strike in it; nothing else in it is left to chance, so a run is the same
until it is cut.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.bench import crashes_checks
from sim.bench.crashes_files import Commit, Files, FilesBook, FilesDisk, journal_on, store_on
from sim.bench.fate import Stroke
from sim.bench.machines import Machine, named
from sim.bench.outcome import Violated
from sim.bench.runtime import empty_journal
from sim.bench.swarm import Swarm
from sim.bench.tape import Tape
from sim.bench.torture import QUIET_MS, Torture
from sim.bench.town import town

STORES: Final = ("journal", "book", "exchange")


LCDM30, LCDM50, XFS4IOT = named("lcdm30"), named("lcdm50"), named("xfs4iot")


@dataclass(frozen=True)
class Scenario:
    """`trouble` strikes the machine when it pays, after `after` notes; `leaves` the customer leaves the notes lying
    (`takes_some`: half of them); `low` so few notes that no other cassette can finish it; `option` which of the
    offered amounts."""

    name: str
    machine: Machine
    trouble: str = ""
    after: int = 0
    leaves: bool = False
    takes_some: bool = False
    low: bool = False
    option: int = 2

    def __str__(self) -> str:
        return self.name

    def rows(self) -> dict[str, list[int]]:
        rows = {"customer.amount": [self.option], "customer.gap": [1], "customer.odd": [1 if self.takes_some else 2]}
        if self.trouble:
            names = self.machine.troubles_by_name()
            rows |= {"dispenser_fault.name": [names.index(self.trouble)], "dispenser_fault.after": [self.after]}
        return rows

    def strikes(self) -> dict[str, int]:
        """Family -> the call at which it strikes."""
        on = {"dispenser_fault": self.trouble != "", "customer": self.leaves, "low_cassettes": self.low}
        return {family: 1 for family, strikes in on.items() if strikes}


SCENARIOS: Final = (
    Scenario("ok_lcdm30", LCDM30),
    Scenario("ok_lcdm50", LCDM50),
    Scenario("ok_xfs4iot", XFS4IOT),
    Scenario("finished_lcdm50", LCDM50, "pickup", 2),
    Scenario("partial_lcdm30", LCDM30, "pickup", 2, low=True, option=3),
    Scenario("partial_lcdm50", LCDM50, "pickup", 2, low=True, option=3),
    Scenario("jam_lcdm30", LCDM30, "jam_ejt_exit", 2),
    Scenario("jam_lcdm50", LCDM50, "jam_ejt", 2),
    Scenario("retract_xfs4iot", XFS4IOT, leaves=True),
    Scenario("part_taken_xfs4iot", XFS4IOT, leaves=True, takes_some=True),
)


@dataclass(frozen=True, slots=True)
class CutAt:
    """Here a program is cut: with the `commit`-th commit of `store`. Its next start finds `left`; None: all that was
    written. `power`: it goes for the whole machine."""

    store: str
    commit: int
    power: bool
    left: Files | None = None

    def __str__(self) -> str:
        how = "without power" if self.power else "killed"
        return f"{self.store} {how} at commit {self.commit}" + (" (torn)" if self.left else "")


@dataclass
class Blade:
    """Fate of one run: the scenario's own troubles, and the cuts, one after the other. `since`: the commits of each
    store until the last cut."""

    script: Mapping[str, int]
    cuts: tuple[CutAt, ...] = ()
    calm: bool = False
    commits: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    made: int = 0
    since: Mapping[str, int] = field(default_factory=dict)

    def commit(self, store: str) -> Stroke:
        self.commits[store] += 1
        if self.calm or self.made == len(self.cuts):
            return Stroke.NONE
        cut = self.cuts[self.made]
        if store != cut.store or self.commits[store] != cut.commit:
            return Stroke.NONE
        self.made += 1
        self.since = dict(self.commits)
        return Stroke.CUT_AFTER

    def left(self, store: str) -> Files | None:
        return self.cuts[self.made - 1].left

    def power(self, store: str) -> bool:
        return self.cuts[self.made - 1].power

    def strikes(self, family: str, site: str = "") -> bool:
        self.calls[family] += 1
        return self.calls[family] == self.script.get(family)


class Cutting(Torture):
    """One customer before a machine whose three stores lie on real files in `folder`. `window` is, for each store, the
    commits from the customer's coming until everything was told and mended. `unlucky`: see `FilesDisk`."""

    def __init__(self, scenario: Scenario, blade: Blade, folder: Path, *, unlucky: bool = False) -> None:
        super().__init__(Tape.of_rows(scenario.rows()), Swarm({}, 1), blade, scenario.machine)
        self.blade = blade
        world: Any = self.world
        self.disks = {
            "journal": FilesDisk("journal", folder, Files(empty_journal()), blade, "journal.db", journal_on),
            "exchange": FilesDisk("exchange", folder, Files(town().image), blade, "exchange.db", store_on),
        }
        self.book = FilesBook(folder, blade)
        world.journal, world.store, world.side.book = self.disks["journal"], self.disks["exchange"], self.book
        self.disks["book"] = self.book.disk
        for disk in self.disks.values():
            disk.unlucky = unlucky
        self.window: dict[str, tuple[int, int]] = {}

    def _serve(self) -> None:
        first = {store: disk.commits for store, disk in self.disks.items()}
        super()._serve()
        if not self.world.run(self._settled, QUIET_MS):
            raise Violated("L1", self._unrested())
        self.window = {store: (first[store], disk.commits) for store, disk in self.disks.items()}
        crashes_checks.told(self.world)

    def let_go(self) -> None:
        self.book.let_go()
        for disk in self.disks.values():
            disk.let_go()


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run. `commits` are those of the window that wrote anything; `made` how many cuts were reached;
    `since` how many commits each store had made until the last cut; `could_lose`: at a power cut a store beside the one
    that was cut had unsynced commits."""

    commits: Mapping[str, tuple[Commit, ...]]
    made: int
    since: Mapping[str, int]
    could_lose: bool
    violation: str
    trace: tuple[str, ...]


def run(scenario: Scenario, folder: Path, cuts: tuple[CutAt, ...] = (), *, unlucky: bool = False) -> Ran:
    """The scenario from its beginning, with these cuts. Nothing that goes wrong in it is raised."""
    cutting = Cutting(scenario, Blade(scenario.strikes(), cuts), folder, unlucky=unlucky)
    violation, tail = "", tuple[str, ...]()
    try:
        cutting.run()
    except Violated as violated:
        violation = str(violated)
    except Exception as error:  # noqa: BLE001 - whatever crashes here crashed the product
        where = traceback.extract_tb(error.__traceback__)[-1]
        violation = f"crash {type(error).__name__}: {error} at {where.filename.rpartition('/')[2]}:{where.lineno}"
    finally:
        cutting.let_go()
    if violation:
        tail = tuple(cutting.world.trace.last)
    commits = {}
    for store, disk in cutting.disks.items():
        first, last = cutting.window.get(store, (0, 0))
        commits[store] = tuple(one for one in disk.recorded if first < one.number <= last)
    could_lose = any(disk.could_lose for disk in cutting.disks.values())
    return Ran(commits, cutting.blade.made, cutting.blade.since, could_lose, violation, tail)
