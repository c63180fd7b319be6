"""The feed of what happened: how long it is kept, and that forgetting is done in small bites."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from backend.settle import desk
from backend.settle.feed import KEPT_MS, PRUNE_MAX, tell
from backend.store import Store
from backend.store.unit import Unit
from core.moment import Moment

UNIT = 200  # events told of in one unit of work
NOW = Moment(1_790_000_000_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "s.db", desk.MIGRATIONS)
    yield opened
    opened.close()


def told(store: Store, count: int, at: Moment) -> None:
    def write(unit: Unit, some: int) -> None:
        for _ in range(some):
            tell(unit, "ann", "kim", "sale.settled", {"n": 1}, at)

    for begun in range(0, count, UNIT):
        store.write(partial(write, some=min(UNIT, count - begun)))


def kept(store: Store) -> list[int]:
    return [one.at.ms for one in store.read(lambda unit: desk.events(unit, member="ann", after=0, limit=500))]


def test_an_event_is_kept_for_90_days_and_not_a_millisecond_less(store: Store) -> None:
    told(store, 1, NOW)
    told(store, 1, NOW.plus(1))
    assert KEPT_MS == 90 * 24 * 3_600 * 1_000
    assert store.write(lambda unit: desk.prune(unit, NOW.plus(KEPT_MS))) == 0
    assert store.write(lambda unit: desk.prune(unit, NOW.plus(KEPT_MS + 1))) == 1
    assert kept(store) == [NOW.ms + 1]


def test_a_long_past_is_forgotten_in_bounded_bites_and_the_numbers_go_on(store: Store) -> None:
    told(store, PRUNE_MAX + 5, NOW)
    late = NOW.plus(KEPT_MS + 1)
    assert [store.write(lambda unit: desk.prune(unit, late)) for _ in range(3)] == [PRUNE_MAX, 5, 0]
    told(store, 1, late)
    assert [one.id for one in store.read(lambda unit: desk.events(unit, member="ann", after=0))] == [PRUNE_MAX + 6]
