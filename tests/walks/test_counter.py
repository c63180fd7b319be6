"""The counter of an ATM in the world: wallet, books, paper and the member's page agree, and no code leaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.messages import TradeSide
from sim.walks.counter import giftcard, leaked, trade
from sim.walks.stage import Stage, gather
from sim.world import Choices, World


@pytest.fixture(scope="module")
def atm() -> Iterator[Stage]:
    with World(Choices(dispenser="lcdm30", cards=3)) as world:
        yield Stage(world, gather(world))


def test_coins_are_bought_and_sold_at_the_machine(atm: Stage) -> None:
    for side in TradeSide:
        done = trade(atm, side, "typed")
        assert done.wrong == ()
        assert atm.books(done.txn).balanced


def test_gift_cards_are_sold_for_money_and_for_coins_and_no_file_tells_a_code(atm: Stage) -> None:
    done = giftcard(atm, "typed")
    assert done.wrong == ()
    assert atm.books(done.txn).balanced
    assert leaked(atm, done.codes) == []
