"""What a withdrawal costs and what comes back, in every division of the evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.withdraw.rules import Evidence, Terms, missing, net_of_fee, priced, share_out
from core.asset import BTC, KRW
from core.messages import Tender
from core.money import Money
from core.rate import Rate

AMOUNTS = st.integers(1, 10**9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee_bp": 1_001}, {"spread_bp": -1}, {"quote_ms": 999}, {"quote_ms": 60_001}, {"authority_ms": 120_001},
        {"unapproved_max": 2_000_000}, {"each_max": 4_000_000}, {"unapproved_max": -1},
    ],
)  # fmt: skip
def test_terms_that_contradict_themselves_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Terms(**wrong)


@given(AMOUNTS, st.sampled_from(Tender), st.integers(0, 2 * 10**9), st.integers(1, 10**9), st.integers(0, 1_000))
def test_the_parts_of_a_cost_are_the_whole(amount: int, tender: Tender, fiat: int, price: int, fee_bp: int) -> None:
    rate = Rate(BTC, Money(price, KRW))
    made = priced(Money(amount, KRW), tender, fiat, rate, fee_bp)
    for notes in (0, amount // 2, amount):
        cost = made.cost(Money(notes, KRW))
        assert cost.fiat + cost.sold == notes + cost.fee
        assert 0 <= cost.coins * price - cost.sold * BTC.one < price or cost.coins == 0 == cost.sold


@given(AMOUNTS, st.integers(0, 2 * 10**9), st.integers(0, 2 * 10**9), st.none() | st.integers(0, 10**9))
def test_every_won_that_left_is_paid_by_somebody(amount: int, one: int, other: int, before: int | None) -> None:
    kept = None if before is None else min(before, amount)
    shares = share_out(amount, Evidence(min(one, other), max(one, other)), kept)
    assert shares.machine + shares.doubt == shares.kept + shares.loss
    assert shares.kept <= (amount if kept is None else kept)
    assert min(shares.machine, shares.doubt, shares.loss, shares.kept) >= 0


@given(st.integers(-5, 10**12), st.integers(0, 1_000))
def test_the_limit_is_the_most_whose_fee_still_fits(whole: int, fee_bp: int) -> None:
    most = net_of_fee(Money(whole, KRW), fee_bp)
    assert most.minor + most.share(fee_bp).minor <= max(whole, 0)


def test_a_gap_is_what_the_highest_number_promises() -> None:
    assert (missing(3, 3), missing(2, 5)) == (0, 3)
