"""The n-th call of every port fails, once and for ever, and nothing comes of it but what is true."""

from __future__ import annotations

from collections import Counter

import pytest

from sim.bench.crashes_calls import PORTS, Calls, counted, every
from sim.bench.crashes_scenarios import SCENARIOS

BY_NAME = {one.name: one for one in SCENARIOS}
SPARED = frozenset({"ok_lcdm50", "ok_xfs4iot", "finished_lcdm50", "part_taken_xfs4iot"})  # their ports are the others'


def assert_sound(told: Calls) -> None:
    print(told)
    assert not told.broken, "\n".join(map(str, told.broken[:5]))


def test_every_port_is_called_in_a_withdrawal() -> None:
    assert set(counted(BY_NAME["ok_lcdm30"])) == set(PORTS)


def test_the_calls_of_a_scenario_are_the_same_every_time() -> None:
    assert counted(BY_NAME["jam_lcdm50"]) == counted(BY_NAME["jam_lcdm50"])


@pytest.mark.parametrize("name", ["ok_lcdm30", "partial_lcdm50", "jam_lcdm30", "retract_xfs4iot"])
def test_a_call_that_fails_neither_makes_nor_loses_a_note(name: str) -> None:
    """Every 60th of all calls, each once and for ever."""
    told = every(BY_NAME[name], each=60)
    assert_sound(told)
    assert told.once == told.forever == told.tried


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in SPARED])
def test_no_call_of_a_withdrawal_may_not_fail(name: str) -> None:
    told = every(BY_NAME[name])
    assert_sound(told)
    assert told.once == told.forever == told.calls == Counter(counted(BY_NAME[name]))
