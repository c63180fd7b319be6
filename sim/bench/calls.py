"""Every call failed: four withdrawals, and each call of each port that can fail, once or for ever.

Paid in full, in part, jammed, and notes nobody took. Each runs once untouched, and its calls are counted: of the line,
the cable, the talk with the vault, the printer, the phone, and each commit of each store. Then the n-th of them fails,
for every n, and the scenario must end as the notes really lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sim.bench.fate import Plan, Stroke
from sim.bench.machines import named
from sim.bench.outcome import Outcome
from sim.bench.swarm import Swarm
from sim.bench.tape import Rows, Tape
from sim.bench.torture import run

SWARM: Final = Swarm({}, 1)


@dataclass(frozen=True)
class Scenario:
    """`ends` the state that it must have been in (`sim.bench.sometimes`); `trouble` of the machine, by name, after so
    many notes; `leaves` the customer does not take the notes."""

    name: str
    machine: str
    ends: str = ""
    trouble: str = ""
    after: int = 0
    leaves: bool = False

    @property
    def script(self) -> frozenset[str]:
        return frozenset({"dispenser_fault"} if self.trouble else set()) | frozenset(
            {"customer"} if self.leaves else set()
        )

    def rows(self, lost: tuple[int, ...] = ()) -> Rows:
        """The tape: what the customer chooses, which trouble strikes, and what each cut takes."""
        made: dict[str, list[int]] = {"customer.amount": [3], "customer.big": [0]}
        for store in ("journal", "book", "exchange"):
            made[f"cut.{store}.lost"] = list(lost)
        if self.trouble:
            machine = named(self.machine)
            names = machine.troubles_by_name()
            made["dispenser_fault.name"] = [names.index(self.trouble)]
            made["dispenser_fault.after"] = [self.after]
        if self.leaves:
            made["customer.odd"] = [2]
        return made


SCENARIOS: Final[Mapping[str, Scenario]] = {
    one.name: one
    for one in (
        Scenario("paid in full", "lcdm30", "withdrawn in full"),
        Scenario("paid in part", "lcdm50", "withdrawn in part", "pickup", 2),
        Scenario("jammed", "lcdm50", "withdrawn with a doubt", "jam_exit", 1),
        Scenario("not taken", "xfs4iot", "withdrawn with a doubt", leaves=True),
    )
}


def played(scenario: Scenario, plan: Plan, lost: tuple[int, ...] = ()) -> Outcome:
    """The scenario under a plan, recovered, finished and checked."""
    return run(Tape.of_rows(scenario.rows(lost)), SWARM, fate=plan, machine=named(scenario.machine))


def golden(scenario: Scenario) -> Plan:
    """The scenario untouched: how many commits there are, and whose."""
    plan = Plan(script=scenario.script)
    outcome = played(scenario, plan)
    assert outcome.failure is None, outcome.failure
    assert outcome.reached[scenario.ends], f"{scenario.name} does not end in {scenario.ends}: {outcome.reached}"
    return plan


def failing(
    scenario: Scenario, port: str, calls: int, *, forever: bool, every: int = 1
) -> Iterator[tuple[str, Outcome]]:
    """The n-th call of a port failed, for every n, once or for ever."""
    strokes = (Stroke.FULL, Stroke.FAILED_LOST, Stroke.FAILED_KEPT) if port.endswith(".commit") else (Stroke.NONE,)
    for at in range(1, calls + 1, every):
        for stroke in strokes:
            plan = Plan(script=scenario.script, port=port, at=at, forever=forever, stroke=stroke)
            kind = "for ever" if forever else "once"
            yield f"{scenario.name}: call {at} of {port} failed {kind} {stroke.value}", played(scenario, plan)
