"""Product labels and article numbers."""

from __future__ import annotations

import pytest

from core.asset import KRW
from core.money import Money
from core.product import BadProduct, ProductLabel, gtin


def test_a_label_says_name_and_price() -> None:
    label = ProductLabel("Americano: large", Money(4_500, KRW))
    assert label.text() == "TMP1:KRW:4500:Americano: large"
    assert ProductLabel.parse(label.text(), KRW) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TMP1:",
        "TMP2:KRW:1:x",
        "TMP1:USD:1:x",
        "TMP1:KRW:0:x",
        "TMP1:KRW:-5:x",
        "TMP1:KRW:1.5:x",
        "TMP1:KRW:NaN:x",
        "TMP1:KRW:1:",
        "TMP1:KRW:1:" + "x" * 61,
        "TMP1:KRW:1:\x07",
        "TMP1:KRW:1:" + "x" * 300,
    ],
)
def test_a_label_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(BadProduct):
        ProductLabel.parse(text, KRW)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4006381333931", "4006381333931"),
        ("73513537", "0000073513537"),
        ("036000291452", "0036000291452"),
        ("4006381333932", None),
        ("12345", None),
        ("40063813339３1", None),
        ("", None),
    ],
)
def test_an_article_number_carries_its_check_digit(text: str, number: str | None) -> None:
    assert gtin(text) == number
