"""Assets, money and rates: exact, and refused by name when they cannot be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asset import BTC, KRW, SCALE_MAX, Asset, BadAsset
from core.money import MINOR_MAX, AssetMismatch, BadAmount, Money, grouped
from core.rate import Rate

minors = st.integers(-MINOR_MAX, MINOR_MAX)
scales = st.integers(0, SCALE_MAX)
COIN = Asset("TIL", 4)


@given(minors, scales)
def test_money_survives_being_written_and_read(minor: int, scale: int) -> None:
    money = Money(minor, Asset("ABC", scale))
    assert Money.parse(money.decimal(), money.asset) == money


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1e5",
        "1,000",
        "+1",
        "--1",
        ".5",
        "5.",
        "1.2.3",
        "0x10",
        "NaN",
        "inf",
        "１２",
        "1_000",
        "9" * 40,
        "0.000000001",
    ],
)
def test_text_that_is_not_an_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        Money.parse(text, BTC)


def test_won_have_no_decimals() -> None:
    with pytest.raises(BadAmount, match="more than 0 decimals"):
        Money.parse("1.5", KRW)


def test_more_than_63_bits_is_refused_everywhere() -> None:
    with pytest.raises(BadAmount):
        Money(MINOR_MAX + 1, KRW)
    with pytest.raises(BadAmount):
        Money(MINOR_MAX, KRW) + Money(1, KRW)
    with pytest.raises(BadAmount):
        Money.parse(str(MINOR_MAX) + "0", KRW)


def test_floats_and_booleans_are_not_money() -> None:
    for wrong in (1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(wrong, KRW)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(1, KRW) * 1.5  # type: ignore[operator]


def test_two_assets_never_meet_in_one_sum() -> None:
    for act in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(AssetMismatch):
            act(Money(1, KRW), Money(1, BTC))


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_money_adds_and_compares_as_its_minor_units_do(a: int, b: int) -> None:
    x, y = Money(a, KRW), Money(b, KRW)
    assert (x + y).minor == a + b
    assert (x - y).minor == a - b
    assert (-x).minor == -a
    assert (x * 3).minor == 3 * a
    assert (x < y, x <= y, x > y, x >= y, bool(x)) == (a < b, a <= b, a > b, a >= b, a != 0)
    assert Money.zero(KRW) + x == x


@given(st.integers(0, 10**15), st.integers(0, 10_000))
def test_a_share_is_never_a_fraction_short(minor: int, bp: int) -> None:
    share = Money(minor, KRW).share(bp).minor
    assert share - 1 < Fraction(minor * bp, 10_000) <= share


@pytest.mark.parametrize(("minor", "bp"), [(-1, 10), (10, -1)])
def test_a_share_of_a_debt_or_at_a_negative_rate_is_refused(minor: int, bp: int) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        Money(minor, KRW).share(bp)


@pytest.mark.parametrize(
    ("text", "asset", "shown"),
    [
        ("50000", KRW, "50,000 KRW"),
        ("-1234567", KRW, "-1,234,567 KRW"),
        ("0.00512340", BTC, "0.0051234 BTC"),
        ("-0.5", BTC, "-0.5 BTC"),
        ("1000", BTC, "1,000 BTC"),
        ("0", BTC, "0 BTC"),
    ],
)
def test_people_read_grouped_amounts_without_idle_zeros(text: str, asset: Asset, shown: str) -> None:
    assert str(Money.parse(text, asset)) == shown
    assert grouped(Money.parse(text, asset)) == shown.split(maxsplit=1)[0]


@pytest.mark.parametrize("code", ["", "K", "krw", "K RW", "TOOLONGCODE", "1AB"])
def test_an_asset_code_has_one_form(code: str) -> None:
    with pytest.raises(BadAsset):
        Asset(code, 0)


@pytest.mark.parametrize("scale", [-1, 9])
def test_an_asset_has_at_most_eight_decimals(scale: int) -> None:
    with pytest.raises(BadAsset):
        Asset("ABC", scale)


def test_an_asset_is_written_as_its_code() -> None:
    assert (str(BTC), BTC.one) == ("BTC", 10**8)


def test_ten_thousand_won_a_coin_and_a_price_of_fifty_thousand_take_exactly_five_coins() -> None:
    rate = Rate(COIN, Money(10_000, KRW))
    assert rate.quantity(Money(50_000, KRW)) == Money.parse("5", COIN)
    assert str(rate) == "1 TIL = 10,000 KRW"


@given(st.integers(0, 10**12), st.integers(1, 10**9))
def test_a_quantity_is_rounded_up_for_the_payer_and_down_for_the_buyer(fiat: int, price: int) -> None:
    rate = Rate(BTC, Money(price, KRW))
    exact = Fraction(fiat * BTC.one, price)
    if exact > MINOR_MAX - 1:
        with pytest.raises(BadAmount):
            rate.quantity(Money(fiat, KRW))
        return
    up, down = rate.quantity(Money(fiat, KRW)).minor, rate.quantity_down(Money(fiat, KRW)).minor
    assert up - 1 < exact <= up
    assert down <= exact < down + 1


@given(st.integers(0, 10**15), st.integers(1, 10**9))
def test_coins_are_never_worth_more_than_the_market(coins: int, price: int) -> None:
    worth = Fraction(coins * price, BTC.one)
    if worth <= MINOR_MAX:
        value = Rate(BTC, Money(price, KRW)).value(Money(coins, BTC)).minor
        assert value <= worth < value + 1


@given(st.integers(1, 10**12), st.integers(-9_999, 20_000))
def test_a_moved_price_stays_above_zero(price: int, bp: int) -> None:
    moved = Rate(BTC, Money(price, KRW)).moved(bp).price.minor
    assert moved == max(1, price * (10_000 + bp) // 10_000)


def test_a_price_is_above_zero_and_in_another_asset() -> None:
    for price in (Money(0, KRW), Money(-1, KRW), Money(1, BTC)):
        with pytest.raises(BadAmount):
            Rate(BTC, price)


def test_a_rate_takes_only_its_own_assets_and_no_debts() -> None:
    rate = Rate(BTC, Money(10, KRW))
    for wrong in (Money(1, BTC), Money(-1, KRW)):
        with pytest.raises(BadAmount):
            rate.quantity(wrong)
        with pytest.raises(BadAmount):
            rate.quantity_down(wrong)
    with pytest.raises(BadAmount):
        rate.value(Money(1, KRW))
