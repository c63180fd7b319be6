"""A market that cannot be believed, and a wallet that does not hold enough: no price by name, then a price again."""

from __future__ import annotations

import pytest

from core.asset import KRW
from core.faults.market import PRICE_NEGATIVE, PRICE_SPIKE, PRICE_STALE, PRICE_ZERO
from core.faults.money import COINS_SHORT
from core.money import Money
from sim.peers.venue import Trouble
from sim.walks.stage import Stage, join
from sim.world import now
from tests.walks.counter import leave, sales_settled, says, to_identify, type_code, wait_until_told

pytestmark = pytest.mark.whole


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        (Trouble.ZERO, PRICE_ZERO),
        pytest.param(Trouble.NEGATIVE, PRICE_NEGATIVE, marks=pytest.mark.full),
        (Trouble.SPIKE, PRICE_SPIKE),
        (Trouble.STOPPED, PRICE_STALE),
    ],
)
def test_a_price_that_cannot_be_believed_sells_nothing_and_the_next_one_does(
    stage: Stage, trouble: Trouble, refusal
) -> None:  # type: ignore[no-untyped-def]
    world = stage.world
    stage.next_shopper()
    to_identify(stage)
    venue = world.venues[
        0 if trouble is Trouble.STOPPED else 1
    ]  # the second tells no time: it cannot be caught standing
    venue.trouble = trouble
    wait_until_told(stage, refusal.code)
    type_code(stage, stage.fresh_code().digits)
    shown = says(stage, refusal.code)
    assert shown.name == "quote_refused"
    venue.trouble = Trouble.NONE
    wait_until_told(stage, "")
    stage.press("again")
    stage.see("confirm")
    stage.press("confirm")
    stage.see("approved")


def test_a_wallet_with_too_few_coins_is_told_so_and_keeps_them(stage: Stage) -> None:
    sold = sales_settled(stage)
    poor = join(stage.world, "poor@example.org", Money(40_000, KRW), Money(30_000, KRW))
    to_identify(stage)
    type_code(stage, poor.phone.code(now()).digits)
    shown = says(stage, COINS_SHORT.code)
    assert shown.name == "quote_refused"
    leave(stage)
    assert sales_settled(stage) == sold
