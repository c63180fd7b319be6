"""Codes that are no good, by camera and typed: each is refused by its name, and the next good one pays."""

from __future__ import annotations

import pytest

from core.code import SLOT_MS, compose
from core.faults.members import CODE_EXPIRED, CODE_UNKNOWN, CODE_USED
from core.screens import say
from core.words import word
from sim.walks.sale import sell
from sim.walks.stage import Stage
from sim.world import now
from tests.walks.counter import leave, reads, sales_settled, says, to_confirm, to_identify, type_code

pytestmark = pytest.mark.whole


def text(key: str) -> str:
    return word(say(key), "en")


def old_code(stage: Stage) -> str:
    return stage.cast.shopper.phone.code(now().plus(-4 * SLOT_MS)).digits


def nobodys_code(stage: Stage) -> str:
    return compose(987_654_321, now().ms % 1_000_000).digits


@pytest.mark.parametrize(("code", "refusal"), [(old_code, CODE_EXPIRED), (nobodys_code, CODE_UNKNOWN)])
@pytest.mark.parametrize("typed", [False, True], ids=["camera", "typed"])
def test_an_expired_and_a_random_code_are_refused_by_name(stage: Stage, code, refusal, typed: bool) -> None:  # type: ignore[no-untyped-def]
    sold = sales_settled(stage)
    to_identify(stage)
    if typed:
        type_code(stage, code(stage))
    else:
        stage.world.camera.show(code(stage), "qr", "phone")
    shown = says(stage, refusal.code)
    assert shown.name == ("identify_typed" if typed else "identify")
    leave(stage)
    assert sales_settled(stage) == sold


@pytest.mark.parametrize("typed", [False, True], ids=["camera", "typed"])
def test_a_mistyped_code_is_refused_before_anybody_is_asked(stage: Stage, typed: bool) -> None:
    good = stage.next_shopper().phone.code(now()).digits
    wrong = good[:4] + str((int(good[4]) + 1) % 10) + good[5:]
    to_identify(stage)
    if typed:
        type_code(stage, wrong)
    else:
        stage.world.camera.show(wrong, "qr", "phone")
    reads(stage, text("sale.identify.mistyped"))


def test_a_foreign_code_is_no_tillmark_code(stage: Stage) -> None:
    to_identify(stage)
    stage.world.camera.show("https://example.com/pay?to=somebody", "qr", "phone")
    assert reads(stage, text("sale.identify.not_a_code")).name == "identify"


@pytest.mark.parametrize("typed", [False, pytest.param(True, marks=pytest.mark.full)], ids=["camera", "typed"])
def test_a_code_pays_once_and_the_next_customer_is_served(stage: Stage, typed: bool) -> None:
    used = to_confirm(stage)
    stage.press("confirm")
    stage.see("approved")
    leave(stage)
    sold = sales_settled(stage)
    to_identify(stage)
    if typed:
        type_code(stage, used)
    else:
        stage.world.camera.show(used, "qr", "phone")
    says(stage, CODE_USED.code)
    leave(stage)
    assert sales_settled(stage) == sold
    assert sell(stage).rrn


def test_a_product_without_a_price_asks_for_it_and_one_with_a_bad_price_is_named(stage: Stage) -> None:
    stage.see("idle")
    stage.press("sale")
    stage.see("ring_up")
    stage.world.camera.show("8809876543213", "ean13", "product")
    shown = reads(stage, text("sale.ring_up.no_price"))
    assert any("8809876543213" in line for line in shown.spoken), shown.spoken
    stage.world.camera.show("TMP1:KRW:0:Free lunch", "qr", "product")
    shown = stage.until(lambda shown: any("Free lunch" in line for line in shown.spoken), "the name of the bad product")
    stage.press("charge")
    reads(stage, text("sale.ring_up.nothing"))
