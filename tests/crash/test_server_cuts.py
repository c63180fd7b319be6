"""The exchange, and the agency, are killed before and after every commit of their stores, in the middle of a business.

Each is a program of its own that sends itself SIGKILL at that commit and is started again on its file and port, while
the terminal goes on asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.crash.checks import in_doubt, unsound, voided_and_told, wrong_agency, wrong_with
from tests.crash.people import SCENARIOS, Scenario, serve
from tests.crash.shared import NAMES, SIDES
from tests.crash.till import Till
from tests.crash.town import Town

KILLED_DURING = ("sale", "sale whose authorisation is lost", "refund in fiat", "void", "batch close")


@pytest.fixture
def till(town: Town, folder: Path, request: pytest.FixtureRequest) -> Iterator[Till]:
    made = Till(town, folder, seed=crc32(request.node.name.encode()))
    yield made
    made.stop()
    for name in NAMES:
        town.shared.arm(name)


def once(till: Till, scenario: Scenario, name: str, at: int, side: str) -> int:
    """One business with a death in it; how many commits the server made."""
    town = till.town
    till.floor.told.clear()
    town.until_up()
    if scenario.before:
        serve(till, SCENARIOS[scenario.before])
    town.shared.arm(name, at, side)
    serve(till, scenario)
    commits = town.shared.commits(name)
    town.shared.arm(name)
    town.until_up()
    assert wrong_with(till) == [], f"{scenario.name}, the {name} killed {side} commit {at}"
    return commits


@pytest.mark.parametrize("scenario", KILLED_DURING)
@pytest.mark.parametrize("name", NAMES)
def test_killed_at_any_commit_of_its_store_a_business_is_done_once_or_not_at_all(
    till: Till, name: str, scenario: str
) -> None:
    town = till.town
    commits = once(till, SCENARIOS[scenario], name, 0, "before")
    deaths = town.shared.deaths(name)
    for at in range(1, commits + 1):
        for side in SIDES:
            once(till, SCENARIOS[scenario], name, at, side)
    deaths = town.shared.deaths(name) - deaths
    print(f"{scenario}: the {name} killed {deaths} times at {commits} commits")
    assert deaths == commits * len(SIDES)
    assert voided_and_told(till) == []
    if in_doubt(till):
        with town.keeping_house():
            town.shared.forward(60_000)
            town.until(lambda: not in_doubt(till), "the agency to learn what became of its sales")
    assert wrong_agency(till) == []
    assert unsound(till) == []
