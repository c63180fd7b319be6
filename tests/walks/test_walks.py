"""The walks beside the sale: books, papers and proofs agree at their end."""

from __future__ import annotations

import pytest

from sim.walks.batch import batch_walk
from sim.walks.refund import refund_walk
from sim.walks.sale import sell, wrong_with
from sim.walks.stage import Stage

pytestmark = pytest.mark.whole


@pytest.mark.timeout(120)
def test_a_sale_goes_back_in_two_parts_and_another_is_voided(stage: Stage) -> None:
    first, second = sell(stage), sell(stage, "nfc")
    assert wrong_with(stage, first) + wrong_with(stage, second) == []
    assert refund_walk(stage, first, second) == []


@pytest.mark.full
@pytest.mark.timeout(180)
def test_three_counts_agree_and_a_lost_sale_is_found(stage: Stage) -> None:
    stage.press("batch")
    stage.see("close_batch")
    stage.press("close")
    stage.until(lambda shown: shown.name in ("batch_closed", "batch_differs"), "the day before is closed")
    stage.press("done")
    stage.see("idle")
    assert batch_walk(stage) == []
