"""Everything at once, by chance and from a seed: deaths of all three, lost questions, people who change their minds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.effects import (
    AskQuote,
    AskRefund,
    Authorise,
    CloseBatch,
    Complete,
    FindSale,
    Identify,
    LineEffect,
    Refund,
    Reverse,
    Void,
)
from tests.crash.checks import in_doubt, unsound, voided_and_told, wrong_agency, wrong_with
from tests.crash.people import SCENARIOS, Scenario, serve, whims
from tests.crash.shared import NAMES, SIDES
from tests.crash.till import LOST_ANSWER, LOST_QUESTION, Fate, Knife, Till
from tests.crash.town import Town

ASKED: tuple[type[LineEffect], ...] = (
    Identify, AskQuote, Authorise, Complete, Reverse, FindSale, AskRefund, Refund, Void, CloseBatch,
)  # fmt: skip
CUTS_MAX = 4


@pytest.fixture
def till(town: Town, folder: Path, seed: int) -> Iterator[Till]:
    made = Till(town, folder, seed)
    yield made
    made.stop()
    for name in NAMES:
        town.shared.arm(name)


def business(chance: random.Random) -> Scenario:
    start = chance.choices(("sale", "refund", "batch", "reprint"), (6, 3, 1, 1))[0]
    deaf = {one: chance.choice((LOST_QUESTION, LOST_ANSWER)) for one in ASKED if chance.random() < 0.15}
    return Scenario(start, start, deaf=deaf, acts=whims(chance))


def walk(till: Till, chance: random.Random, count: int) -> int:
    """So many businesses, checked one by one; how many deaths there were."""
    shared = till.town.shared
    serve(till, SCENARIOS["sale"])
    deaths = -sum(map(shared.deaths, NAMES))
    for number in range(count):
        till.floor.told.clear()
        till.floor.paper = chance.random() < 0.9
        till.town.until_up()
        for name in NAMES:
            shared.arm(name, chance.randint(1, 4) if chance.random() < 0.1 else 0, chance.choice(SIDES))
        fate = till.knife = Fate(chance, chance.randint(0, CUTS_MAX))
        cuts = fate.left
        scenario = business(chance)
        serve(till, scenario)
        deaths += cuts - fate.left
        assert wrong_with(till) == [], f"business {number}: {scenario.name}"
    till.knife = Knife()
    for name in NAMES:
        shared.arm(name)
    return deaths + sum(map(shared.deaths, NAMES))


def end(till: Till) -> None:
    """The day is over: whoever is in doubt asks, and then everybody has the same story."""
    assert voided_and_told(till) == []
    if in_doubt(till):
        with till.town.keeping_house():
            till.town.shared.forward(60_000)
            till.town.until(lambda: not in_doubt(till), "the agency to learn what became of its sales")
    assert wrong_agency(till) == []
    assert unsound(till) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_dies_and_whoever_hesitates_every_business_is_done_once_or_not_at_all(till: Till, seed: int) -> None:
    deaths = walk(till, random.Random(seed), 40)
    print(f"seed {seed}: 40 businesses, {deaths} deaths")
    assert deaths > 20
    end(till)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(100, 110))
def test_the_same_for_a_long_day(till: Till, seed: int) -> None:
    walk(till, random.Random(seed), 200)
    end(till)
