"""The screen as text: in reading order, with the private parts marked, never a typed code."""

from __future__ import annotations

import pytest

from core.screens import Keypad, Plain, Screen
from tests.ui.samples import samples
from ui.spoken import read_aloud, spoken

EN = {screen.name: screen for screen in samples("en")}
KO = {screen.name: screen for screen in samples("ko")}


def test_a_quote_is_read_in_the_order_it_is_seen() -> None:
    assert [line.text for line in spoken(EN["quote"], "en")] == [
        "Pay with Bitcoin?",
        "Hangang Books",
        "50,000 ₩",
        "0.00051234 BTC · 1 BTC = 97,590,000 ₩ · fee 250 ₩",
        "Market price now, two sources",
        "24 seconds left until a new price",
        "Buttons: Cancel, Other coins, Pay",
    ]


def test_korean_is_read_in_korean() -> None:
    assert [line.text for line in spoken(KO["declined"], "ko")] == [
        "중단되었어요.",
        "코인이 부족해요",
        "돈은 움직이지 않았어요.",
        "금액: 50,000원",
        "지갑 잔액: 31,200원",
        "버튼: 취소, 다른 코인",
    ]


def test_a_tone_is_said_as_a_word_first() -> None:
    assert spoken(EN["approved"], "en")[0].text == "Done."
    assert spoken(EN["checking"], "en")[0].text == "Please note."


@pytest.mark.parametrize("name", EN)
def test_every_screen_says_something_in_both_languages_and_nothing_private_in_the_room(name: str) -> None:
    for screen, lang in ((EN[name], "en"), (KO[name], "ko")):
        aloud = read_aloud(screen, lang, headphone=False)
        assert aloud.splitlines()
        assert "31,200" not in aloud
        assert len(read_aloud(screen, lang, headphone=True)) >= len(aloud)


def test_a_typed_code_is_counted_and_never_spoken() -> None:
    screen = Screen("type_code", Plain("Type the 18 digits"), (Keypad("271 829 103"),))
    assert read_aloud(screen, "en", headphone=True).splitlines()[1] == "9 figures typed"
    assert "271" not in read_aloud(screen, "en", headphone=True)


def test_items_are_read_with_their_total() -> None:
    lines = [line.text for line in spoken(EN["ring_up"], "en")]
    assert "3 of 연필 HB, 3,600 ₩" in lines
    assert "Total 50,000 ₩" in lines
    assert "Typed: 12,500 ₩" in lines
