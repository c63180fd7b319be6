"""Every call of every port failed, once and for ever: notes and money agree in the end."""

from __future__ import annotations

from collections import Counter

import pytest

from sim.bench import calls
from sim.bench.calls import SCENARIOS, Scenario

SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
LINE_PORTS = ("lost_question", "lost_answer", "line_down", "late_copy", "slow_line", "price", "phone", "printer")
CABLE_PORTS = ("cable_loss", "cable_noise", "cable_cut", "cash_link", "cash_link.back", "dispenser_power")
DISK_PORTS = ("journal.commit", "book.commit", "exchange.commit")


def failed(scenario: Scenario, *, forever: bool, every: int) -> tuple[int, list[str]]:
    plan = calls.golden(scenario)
    made = plan.calls + Counter(f"{store}.commit" for store in plan.made)
    count, found = 0, list[str]()
    for port in (*LINE_PORTS, *CABLE_PORTS, *DISK_PORTS):
        for name, outcome in calls.failing(scenario, port, made[port], forever=forever, every=every):
            count += 1
            if outcome.failure is not None:
                found.append(f"{name}: {outcome.failure.invariant} {outcome.failure.words}")
    return count, found


@SCENARIO
def test_when_a_call_of_a_port_fails_they_agree(scenario: Scenario) -> None:
    """A part of the calls; the long tier has all of them, once and for ever."""
    count, found = failed(scenario, forever=False, every=6)
    print(f"{scenario.name}: {count} failed calls")
    assert found == []
    assert count >= 40


@pytest.mark.full
@pytest.mark.timeout(3_400)
@SCENARIO
@pytest.mark.parametrize("forever", [False, True], ids=["once", "for ever"])
def test_whatever_call_of_a_port_fails_they_agree(scenario: Scenario, forever: bool) -> None:
    count, found = failed(scenario, forever=forever, every=1)
    print(f"{scenario.name}: {count} failed calls, for ever {forever}")
    assert found == []
