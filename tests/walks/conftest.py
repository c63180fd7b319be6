"""One world for all walks of a run: its servers, terminal and people start once; every test leaves it at idle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.walks.stage import Stage, gather
from sim.world import Choices, World
from tests.walks import counter

DRAINED_S = 60.0  # the outbox waits up to a few seconds between two tries after a failure


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with World(Choices(lines=True)) as started:
        yield started


@pytest.fixture(scope="session")
def common_stage(world: World) -> Stage:
    return Stage(world, gather(world))


@pytest.fixture
def stage(common_stage: Stage) -> Iterator[Stage]:
    """The counter, idle; afterwards everything is mended, and every witness must be content."""
    counter.heal(common_stage)
    counter.leave(common_stage)
    yield common_stage
    counter.heal(common_stage)
    counter.leave(common_stage)
    counter.wait_until_told(common_stage, "")
    assert counter.eventually_right(common_stage, DRAINED_S) == []
