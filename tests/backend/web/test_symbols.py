"""What the page draws is read back by a decoder that is not ours."""

from __future__ import annotations

import re

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.web.goods import label
from backend.web.symbols import BAR_QUIET, QR_QUIET, QR_SIDE, any_qr, bar_path, bar_side, bars, qr_path, qr_rows
from core.asset import KRW
from core.code import compose
from core.money import Money
from core.product import ProductLabel

CODES = st.builds(compose, st.integers(0, 10**9 - 1), st.integers(0, 10**6 - 1)).map(lambda code: code.digits)
RECT = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\3z")


def drawn(path: str, width: int, height: int, scale_x: int, scale_y: int) -> np.ndarray:
    """The path as a browser fills it."""
    assert RECT.sub("", path) == "", "only whole modules are drawn"
    field = np.full((height, width), 255, np.uint8)
    for x, y, run in (map(int, hit) for hit in RECT.findall(path)):
        field[y, x : x + run] = 0
    return np.kron(field, np.ones((scale_y, scale_x), np.uint8))


def read(image: np.ndarray) -> list[tuple[str, str]]:
    return [(found.format.name, found.text) for found in zxingcpp.read_barcodes(image)]


@given(CODES)
@settings(max_examples=25)
def test_the_qr_code_says_the_eighteen_digits(digits: str) -> None:
    side = QR_SIDE + 2 * QR_QUIET
    assert read(drawn(qr_path(qr_rows(digits)), side, side, 6, 6)) == [("QRCode", digits)]


@given(CODES)
@settings(max_examples=25)
def test_the_barcode_says_the_eighteen_digits(digits: str) -> None:
    assert read(drawn(bar_path(bars(digits)), bar_side(), 1, 2, 60)) == [("Code128", digits)]


def test_both_symbols_fill_the_box_the_page_gives_them() -> None:
    digits = compose(0, 0).digits
    assert QR_SIDE + 2 * QR_QUIET == 29
    assert sum(map(int, bars(digits))) + 2 * BAR_QUIET == bar_side() == 154


@pytest.mark.parametrize("name", ["Americano", "초코파이 12개입", "A" * 60])
def test_a_label_carries_name_and_price(name: str) -> None:
    made = label(name, Money(4_500, KRW))
    text = read(drawn(made.path, made.side, made.side, 4, 4))[0][1]
    assert ProductLabel.parse(text, KRW) == ProductLabel(name, Money(4_500, KRW))


def test_a_long_receipt_still_has_a_picture() -> None:
    path, side = any_qr("TMR1:" + "A" * 414)
    assert read(drawn(path, side, side, 4, 4)) == [("QRCode", "TMR1:" + "A" * 414)]
