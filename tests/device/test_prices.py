"""Price ticks on the idle screen: what is shown, for how long, and what a stranger can do with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asset import KRW
from device.prices import OLD_MS, PAIRS_MAX, PriceSlot
from tests.sync.clocks import HandClock


def tick(clock: HandClock, amount: str = "10000", rank: int = 0, **fields: object) -> dict[str, object]:
    return {"bid": {"asset": "KRW", "scale": 0, "amount": amount}, "at": clock.now().rfc3339(), "rank": rank} | fields


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def slot(clock: HandClock) -> PriceSlot:
    return PriceSlot(KRW, clock)


def test_the_exchanges_first_coin_is_shown_for_five_seconds(slot: PriceSlot, clock: HandClock) -> None:
    assert slot.line() == ""
    slot.put("BTC-KRW", tick(clock, "97590000", rank=1))
    assert slot.line() == "1 BTC = 97,590,000 KRW"
    slot.put("TIL-KRW", tick(clock))
    assert slot.line() == "1 TIL = 10,000 KRW"
    clock.run(OLD_MS)
    assert slot.line() == "1 TIL = 10,000 KRW"
    clock.run(1)
    assert slot.line() == ""


def test_a_price_of_an_hour_ago_kept_by_the_broker_is_not_shown(slot: PriceSlot, clock: HandClock) -> None:
    kept = tick(clock)
    clock.run(3_600_000)
    slot.put("TIL-KRW", kept)
    assert slot.line() == ""


def test_a_refusal_takes_the_price_away_at_once(slot: PriceSlot, clock: HandClock) -> None:
    slot.put("TIL-KRW", tick(clock))
    slot.put("TIL-KRW", {"code": "TM-MKT-004", "at": clock.now().rfc3339()})
    assert slot.line() == ""


@pytest.mark.parametrize(
    ("pair", "fields"),
    [
        ("TIL-USD", {}),
        ("TIL", {}),
        ("", {}),
        ("KRW-KRW", {}),
        ("til-KRW", {}),
        ("TIL-KRW", {"bid": None}),
        ("TIL-KRW", {"bid": {"asset": "USD", "scale": 2, "amount": "1.00"}}),
        ("TIL-KRW", {"bid": {"asset": "KRW", "scale": 2, "amount": "1.00"}}),
        ("TIL-KRW", {"bid": {"asset": "KRW", "scale": 0, "amount": "0"}}),
        ("TIL-KRW", {"bid": {"asset": "KRW", "scale": 0, "amount": "-5"}}),
        ("TIL-KRW", {"bid": {"asset": "KRW", "scale": 0, "amount": "9" * 60}}),
        ("TIL-KRW", {"bid": {"asset": "KRW", "scale": 0, "amount": 5}}),
        ("TIL-KRW", {"at": "soon"}),
        ("TIL-KRW", {"at": 7}),
        ("TIL-KRW", {"rank": "0"}),
        ("TIL-KRW", {"rank": True}),
    ],
)
def test_an_odd_tick_is_no_tick(slot: PriceSlot, clock: HandClock, pair: str, fields: dict[str, object]) -> None:
    slot.put(pair, tick(clock) | fields)
    assert slot.line() == ""


def test_a_flood_of_coins_does_not_fill_the_memory(slot: PriceSlot, clock: HandClock) -> None:
    for number in range(1_000):
        slot.put(f"C{number}-KRW", tick(clock, rank=number))
    assert len(slot._ticks) == PAIRS_MAX


values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4)


@given(st.text(max_size=20), st.dictionaries(st.sampled_from(["bid", "at", "rank", "x"]), values))
def test_no_tick_raises(pair: str, fields: dict[str, object]) -> None:
    clock = HandClock()
    slot = PriceSlot(KRW, clock)
    slot.put(pair, tick(clock) | fields)
    slot.put("TIL-KRW", tick(clock) | fields)
    slot.line()
