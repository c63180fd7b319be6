"""Names as people write them: a shop of sixty Korean syllables sells a drink with a picture in its name."""

from __future__ import annotations

import pytest

from core.asset import KRW
from core.money import Money
from core.product import ProductLabel
from sim.walks.sale import Sold, present, wrong_with
from sim.walks.stage import Stage, gather
from sim.walks.verdict import facts_on, printed_texts
from sim.world import Choices, World

pytestmark = [pytest.mark.whole, pytest.mark.timeout(90)]
SHOP = "모퉁이를 돌면 나오는 아주 작은 가게 " * 2 + "그리고 오래된 이웃들의 커피 볶는 집"
DRINK = ProductLabel("커피 ☕️ 한 잔 \U0001f600", Money(50_000, KRW))


def test_a_long_korean_shop_and_a_product_with_a_picture_in_its_name_print_whole() -> None:
    shop = (SHOP * 2)[:60].strip()
    with World(Choices(lang="ko", shop=shop)) as world:
        stage = Stage(world, gather(world))
        stage.see("idle")
        world.camera.show(DRINK.text(), "qr", "product")
        stage.read("50,000")
        world.camera.clear()
        stage.press("charge")
        stage.see("identify")
        present(stage, "typed")
        stage.see("confirm")
        stage.press("confirm")
        stage.see("approved")
        paper = world.printer.wait_for_paper(2, timeout_s=30)
        stage.read("영수증을 받아 주세요")
        txn = stage.last_txn()
        assert wrong_with(stage, Sold(paper, txn, facts_on(paper).rrn, 0.0)) == []
        assert shop.startswith(facts_on(paper).shop)
        assert 30 <= len(facts_on(paper).shop.encode()) <= 40
        world.device.stop()
        (text,) = printed_texts(world.device_journal)
    assert shop.replace(" ", "") in "".join(text.split())
