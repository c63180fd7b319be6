"""The n-th call of every port fails, once and for ever, for every n there is: disks, cable, socket, line and paper.

The scenario is run once without a failure and every call counted. Then it is run again for each call of each port,
which fails there: this once, or from there on until people have gone and everything is mended.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.cash_report import Act
from core.vault_talk import Reply, Request
from device.vault.records import Record
from sim.bench import crashes_checks, technician
from sim.bench.crashes_scenarios import Scenario
from sim.bench.fate import OWNERS, Stroke
from sim.bench.outcome import Violated
from sim.bench.swarm import Swarm
from sim.bench.tape import Tape
from sim.bench.torture import PROGRAMS, QUIET_MS, Torture
from sim.bench.visits import Visit
from sim.bench.world import World

COURIER: Final = "courier_link"
# Port -> the question to fate that is one call of it, and what befalls a commit there.
PORTS: Final[Mapping[str, tuple[str, Stroke]]] = {
    **{f"{store}: no room": (store, Stroke.FULL) for store in OWNERS},
    **{f"{store}: sync fails, lost": (store, Stroke.FAILED_LOST) for store in OWNERS},
    **{f"{store}: sync fails, kept": (store, Stroke.FAILED_KEPT) for store in OWNERS},
    "cable: a message is lost": ("cable_loss", Stroke.NONE),
    "cable: a message is spoilt": ("cable_noise", Stroke.NONE),
    "cable: it falls out": ("cable_cut", Stroke.NONE),
    "machine: its power goes": ("dispenser_power", Stroke.NONE),
    "socket: runtime and vault": ("cash_link", Stroke.NONE),
    "socket: courier and vault": (COURIER, Stroke.NONE),
    "line: no connection": ("line_down", Stroke.NONE),
    "line: a question is lost": ("lost_question", Stroke.NONE),
    "line: an answer is lost": ("lost_answer", Stroke.NONE),
    "line: an answer is late": ("slow_line", Stroke.NONE),
    "line: a copy comes later": ("late_copy", Stroke.NONE),
    "printer": ("printer", Stroke.NONE),
    "price feed": ("price", Stroke.NONE),
}


@dataclass
class Nth:
    """Fate of one run. Calls are counted while `open`; the `at`-th of `port` fails, and with `forever` all after it,
    until `calm`. `synced`: does this commit of a store ask for a sync?"""

    script: Mapping[str, int]
    port: str = ""
    at: int = 0
    forever: bool = False
    open: bool = False
    calm: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    struck: int = 0
    synced: Callable[[str], bool] = lambda store: True

    def commit(self, store: str) -> Stroke:
        for port, (family, stroke) in PORTS.items():
            asked = family == store and (stroke is Stroke.FULL or self.synced(store))
            if asked and self._fails(port):
                return stroke
        return Stroke.NONE

    def strikes(self, family: str, site: str = "") -> bool:
        self.asked[family] += 1
        if self.asked[family] == self.script.get(family):
            return True
        return any(self._fails(port) for port, (asks, _) in PORTS.items() if asks == family)

    def power(self, store: str) -> bool:
        return False

    def _fails(self, port: str) -> bool:
        if not self.open or self.calm:
            return False
        self.calls[port] += 1
        if port != self.port:
            return False
        hit = self.calls[port] >= self.at if self.forever else self.calls[port] == self.at
        self.struck += hit
        return hit


class Failing(Torture):
    """One customer, while a port fails."""

    def __init__(self, scenario: Scenario, nth: Nth) -> None:
        super().__init__(Tape.of_rows(scenario.rows()), Swarm({}, 1), nth, scenario.machine)
        self.nth = nth
        world: Any = self.world
        answer = world.answer

        def answered(request: Request) -> Reply | None:
            return None if nth.strikes(COURIER) else answer(request)

        world.answer = answered
        self._synced = {"book": True}
        append = world.side.book.append

        def appended(records: tuple[Record, ...], *, durable: bool) -> None:
            self._synced["book"] = durable
            append(records, durable=durable)

        world.side.book.append = appended
        nth.synced = self._asks

    def _asks(self, store: str) -> bool:
        if store == "book":
            return self._synced["book"]
        disk: Any = self.world.journal if store == "journal" else self.world.store
        return bool(disk._open._durable)

    def _visit(self, visit: Visit) -> None:
        """Somebody who is turned away for good leaves the machine as it is: nothing is taken out that is not booked."""
        super()._visit(careful(self.world) if self.nth.open else visit)

    def _serve(self) -> None:
        world = self.world
        self.nth.open = True
        super()._serve()
        self.nth.open = False
        world.line_until_ms = 0
        if not world.run(lambda: all(world.alive(who) for who in PROGRAMS) and self._settled(), QUIET_MS):
            raise Violated("L1", self._unrested())
        crashes_checks.told(world)


def careful(world: World) -> Visit:
    """Count, book what lies in bins and path as taken out, and only then take it out and mend."""
    if not (yield from technician.counts(world)):
        return False
    inside = tuple(row for row in technician.found(world) if not row.place.startswith("cassette"))
    if inside and not (yield from technician._serve(world, technician.FIRST, Act.REMOVED, inside)):
        return False
    world.peer.heal()
    world.side.touched()
    world.side.turn()
    return True


@dataclass(frozen=True, slots=True)
class Failed:
    """A violation, and everything needed to see it again."""

    scenario: str
    port: str
    at: int
    forever: bool
    words: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.scenario}: {self.port}, call {self.at}{' and all after' if self.forever else ''}: {self.words}"


@dataclass
class Calls:
    """The figures of one scenario: calls there are, those that were to fail, and those that did, once and for ever."""

    scenario: str
    calls: Counter[str]
    tried: Counter[str] = field(default_factory=Counter)
    once: Counter[str] = field(default_factory=Counter)
    forever: Counter[str] = field(default_factory=Counter)
    broken: list[Failed] = field(default_factory=list)

    def __str__(self) -> str:
        total, once, forever = (one.total() for one in (self.calls, self.once, self.forever))
        return (
            f"{self.scenario:20} {len(self.calls):2} ports {total:5} calls  failed once {once:5}  for ever {forever:5}"
            f"  {len(self.broken)} violations"
        )


def run(scenario: Scenario, nth: Nth) -> tuple[str, tuple[str, ...]]:
    """What is violated, and the story; "" for nothing."""
    failing = Failing(scenario, nth)
    try:
        failing.run()
    except Violated as violated:
        return str(violated), tuple(failing.world.trace.last)
    except Exception as error:  # noqa: BLE001 - whatever crashes here crashed the product
        where = traceback.extract_tb(error.__traceback__)[-1]
        words = f"crash {type(error).__name__}: {error} at {where.filename.rpartition('/')[2]}:{where.lineno}"
        return words, tuple(failing.world.trace.last)
    return "", ()


def counted(scenario: Scenario) -> Counter[str]:
    """How often each port is called when nothing fails."""
    nth = Nth(scenario.strikes())
    words, _ = run(scenario, nth)
    assert not words, f"{scenario} without any failure: {words}"
    return nth.calls


def every(scenario: Scenario, *, each: int = 1) -> Calls:
    """Each call of each port, once and for ever; `each` thins all calls out, whichever their port."""
    told = Calls(scenario.name, counted(scenario))
    calls = [(port, at) for port, count in sorted(told.calls.items()) for at in range(1, count + 1)]
    for port, at in calls[::each]:
        told.tried[port] += 1
        for forever in (False, True):
            nth = Nth(scenario.strikes(), port, at, forever)
            words, trace = run(scenario, nth)
            if nth.struck:
                (told.forever if forever else told.once)[port] += 1
            if words:
                told.broken.append(Failed(scenario.name, port, at, forever, words, trace))
    return told
