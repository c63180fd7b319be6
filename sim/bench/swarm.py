"""The swarm: which families of faults a seed has, and how hard each strikes.

Every family is on or off by a coin, so that most runs are without most faults: bugs hide where too many faults end
every business early. One seed in twenty has none at all and must be boring; one in twenty has all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim.bench.tape import Tape

# family: how often it strikes where it can, in thousandths, when it is (rare, sometimes, a storm)
FAMILIES: Final[Mapping[str, tuple[int, int, int]]] = {
    "lost_question": (10, 60, 300),
    "lost_answer": (10, 60, 300),
    "late_copy": (10, 60, 300),
    "slow_line": (10, 60, 300),
    "line_down": (5, 30, 120),
    "exchange_cut": (3, 15, 60),
    "exchange_disk": (2, 10, 40),
    "runtime_cut": (3, 15, 50),
    "runtime_disk": (2, 8, 30),
    "vault_cut": (3, 15, 50),
    "vault_disk": (2, 8, 30),
    "power_cut": (2, 10, 40),
    "cash_link": (5, 20, 80),
    "dispenser_fault": (40, 150, 500),
    "dispenser_power": (5, 30, 120),
    "cable_noise": (2, 10, 60),
    "cable_loss": (2, 10, 60),
    "cable_cut": (2, 10, 50),
    "customer": (50, 200, 500),
    "wrong_code": (20, 100, 300),
    "phone": (20, 100, 300),
    "price": (20, 100, 300),
    "low_cassettes": (300, 600, 1000),
    "technician": (50, 150, 400),
    "printer": (20, 100, 400),
    "evil_runtime": (20, 100, 300),
    "clock_jump": (10, 50, 200),
}
BORING, WILD = 50, 50  # thousandths of the seeds


@dataclass(frozen=True, slots=True)
class Swarm:
    """`rates`: family -> thousandths; a family that is off is not in it. `businesses` how many customers come."""

    rates: Mapping[str, int]
    businesses: int

    def rate(self, family: str) -> int:
        return self.rates.get(family, 0)

    def without(self, family: str) -> Swarm:
        return Swarm({name: rate for name, rate in self.rates.items() if name != family}, self.businesses)


def drawn(tape: Tape) -> Swarm:
    """The swarm of a seed."""
    businesses = 10 + tape.below("swarm.businesses", 5)
    boring = tape.chance("swarm.boring", BORING)
    wild = not boring and tape.chance("swarm.wild", WILD)
    rates: dict[str, int] = {}
    for family, levels in FAMILIES.items():
        on = tape.chance(f"swarm.{family}", 500)
        level = tape.below(f"swarm.{family}.rate", 3)
        if not boring and (on or wild):
            rates[family] = levels[level]
    return Swarm(rates, businesses)
