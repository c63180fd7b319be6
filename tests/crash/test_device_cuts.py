"""The terminal is killed before and after every write of its journal, and loses power there; then it starts again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.crash.checks import unsound, voided_and_told, wrong_agency, wrong_with
from tests.crash.people import SCENARIOS, Scenario, serve
from tests.crash.till import SIDES, Knife, Till
from tests.crash.town import Town


@pytest.fixture
def till(town: Town, folder: Path, request: pytest.FixtureRequest) -> Iterator[Till]:
    """A terminal of its own for each test: the seed makes its key and its transactions."""
    made = Till(town, folder, seed=crc32(request.node.name.encode()))
    yield made
    made.stop()


def once(till: Till, scenario: Scenario, knife: Knife) -> int:
    """One business with a cut in it; how many writes it took."""
    till.knife = Knife()
    till.floor.told.clear()
    if scenario.before:
        serve(till, SCENARIOS[scenario.before])
    till.stop()  # a fresh start, so that the diary is looked after as the cut wants it
    till.knife = knife
    serve(till, scenario)
    assert wrong_with(till) == [], f"{scenario.name}, cut {knife.side or 'never'} at {knife.at}"
    return knife.count


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_killed_at_any_write_of_its_journal_a_business_is_done_once_or_not_at_all(
    till: Till, scenario: Scenario
) -> None:
    writes = once(till, scenario, Knife())
    cuts = 0
    for at in range(1, writes + 1):
        for side in SIDES:
            knife = Knife(at=at, side=side)
            once(till, scenario, knife)
            cuts += knife.fell
    print(f"{scenario.name}: {cuts} cuts at {writes} writes")
    assert cuts == writes * len(SIDES)
    assert voided_and_told(till) == []
    assert wrong_agency(till) == []
    assert unsound(till) == []
