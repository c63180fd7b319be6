"""The pages about gift cards: the member sees the own codes, the operator sees stock and sales and no code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.parts import DataFolder
from tests.backend.giftcards.world import Shop, batch
from tests.backend.web.test_pages import Browser
from tests.backend.web.world import Exchange, exchange


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exchange")


@pytest.fixture(scope="module")
def x(folder: Path) -> Iterator[Exchange]:
    with exchange(folder) as made:
        yield made


def bought(x: Exchange, member: str, key: bytes) -> str:
    """A card bought by the desks behind the route; its code."""
    owner = x.member("owner@example.org")
    x.shop(owner, "Station ATM")
    terminal = x.cash_machine(owner)
    shop = Shop(x.room.store, file_key=key)
    shop.now = x.room.now()
    shop.load(batch(2))
    shop.give(member, 20_000)
    shop.present(1, member, terminal)
    return shop.card(shop.card_quote(1, terminal=terminal), terminal).code


def test_a_member_sees_the_own_code_and_an_operator_sees_none(x: Exchange, folder: Path) -> None:
    key = DataFolder(folder / "data").key("giftcards").read_bytes()
    with httpx.Client(base_url=x.url, follow_redirects=True) as client:
        me = Browser(x, client)
        me.join("ann@example.org")
        assert "No gift card yet" in me.get("/me/gift-cards").text
        code = bought(x, x.member("ann@example.org"), key)
        page = me.get("/me/gift-cards").text
        assert code in page
        assert "Moonlight Coffee" in page
        assert "Gift card Moonlight Coffee" in me.get("/me/activity").text
    x.operator("op9@example.org")
    with httpx.Client(base_url=x.url, follow_redirects=True) as client:
        operator = Browser(x, client)
        operator.join("op9@example.org", "/operator/sign-in")
        page = operator.get("/operator/gift-cards").text
        assert "Moonlight Coffee" in page
        assert "Station ATM" in page
        assert code not in page
