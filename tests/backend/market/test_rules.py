"""Which prices can be believed: each kind of nonsense by its name, and how a source earns trust again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.market.board import PriceBoard
from backend.market.rules import BadPrice, Bands, Pair, Price, Reading, Side, minor_of
from core.asset import BTC, KRW, Asset
from core.faults import Refusal
from core.faults.market import (
    BOOK_CROSSED,
    PAIR_UNKNOWN,
    PRICE_NEGATIVE,
    PRICE_NOT_A_NUMBER,
    PRICE_SPIKE,
    PRICE_STALE,
    PRICE_ZERO,
    PRICES_DIVERGE,
    TOO_FEW_SOURCES,
)
from core.moment import Moment

PAIR = Pair(BTC, KRW)
USD = Asset("USD", 2)
NOW = Moment(1_790_000_000_000)


class Ticking:
    """A board with a clock that the test moves."""

    def __init__(self, sources_min: int = 2) -> None:
        self.ms = 0
        self.board = PriceBoard([PAIR], Bands(sources_min=sources_min), lambda: self.ms)

    def say(
        self, source: str, bid: int, ask: int | None = None, venue_at: int | None = None, last: int | None = None
    ) -> None:
        reading = Reading(source, PAIR, bid, bid if ask is None else ask, venue_at, NOW.plus(self.ms), self.ms, last)
        self.board.offer(reading)

    def price(self, side: Side = Side.SELL) -> int | str:
        found = self.board.snapshot().price(PAIR, side)
        return found.code if isinstance(found, Refusal) else found.rate.price.minor


@pytest.fixture
def board() -> Ticking:
    made = Ticking()
    made.say("a", 10_000, 10_010)
    made.say("b", 10_001, 10_013)
    return made


def test_the_median_is_the_bid_for_selling_and_the_ask_for_buying_in_favour_of_the_house(board: Ticking) -> None:
    assert board.price(Side.SELL) == 10_000
    assert board.price(Side.BUY) == 10_012
    board.say("c", 10_050, 10_060)
    assert board.price(Side.SELL) == 10_001


def test_the_sources_and_the_oldest_time_are_told(board: Ticking) -> None:
    board.ms = 500
    board.say("b", 10_002)
    found = board.board.snapshot().price(PAIR, Side.SELL)
    assert isinstance(found, Price)
    assert [(name, money.minor) for name, money, _ in found.sources] == [("a", 10_000), ("b", 10_002)]
    assert found.at == NOW


def test_a_price_is_stale_after_three_seconds(board: Ticking) -> None:
    board.ms = 3_000
    assert board.price() == 10_000
    board.ms = 3_001
    assert board.price() == PRICE_STALE.code


def test_a_venue_that_repeats_itself_is_not_fresh() -> None:
    board = Ticking()
    for board.ms in range(0, 4_000, 500):
        board.say("a", 10_000, venue_at=7)
        board.say("b", 10_000, venue_at=board.ms)
    assert board.price() == PRICE_STALE.code
    board.say("a", 10_000, venue_at=8)
    assert board.price() == 10_000


def test_one_source_alone_is_too_few() -> None:
    board = Ticking()
    assert board.price() == TOO_FEW_SOURCES.code
    board.say("a", 10_000)
    assert board.price() == TOO_FEW_SOURCES.code


def test_a_pair_that_is_not_traded_is_refused_and_its_readings_are_dropped(board: Ticking) -> None:
    other = Pair(Asset("ETH", 8), KRW)
    board.board.offer(Reading("a", other, 1, 1, None, NOW, 0))
    found = board.board.snapshot().price(other, Side.SELL)
    assert isinstance(found, Refusal)
    assert found.code == PAIR_UNKNOWN.code


def test_a_spike_of_one_source_sets_it_aside_until_it_agrees_three_times(board: Ticking) -> None:
    board.ms = 100
    board.say("a", 20_000)
    assert board.price() == PRICE_SPIKE.code
    board.say("a", 20_000)
    for agreeing in range(3):
        assert board.price() == PRICE_SPIKE.code, agreeing
        board.say("a", 10_000 + agreeing)
    assert board.price() == 10_001


def test_a_source_that_stays_wrong_is_never_trusted_again(board: Ticking) -> None:
    for board.ms in range(100, 2_000, 100):
        board.say("a", 20_000)
        board.say("b", 10_000)
        assert board.price() == PRICE_SPIKE.code


LAST_TRADES = [
    ("just below the bid", 9_860, None),
    ("inside the book", 10_150, None),
    ("just above the ask", 10_450, None),
    ("far below the bid", 9_840, PRICE_SPIKE),
    ("far above the ask", 10_470, PRICE_SPIKE),
]


@pytest.mark.parametrize(("where", "last", "page"), LAST_TRADES, ids=[where for where, *_ in LAST_TRADES])
def test_a_book_may_leave_its_last_trade_by_the_band_and_no_further(where: str, last: int, page: object) -> None:
    board = Ticking()
    board.say("a", 10_000, 10_300, last=last)
    board.say("b", 10_000, 10_300)
    assert board.price() == (10_000 if page is None else PRICE_SPIKE.code), where


def test_a_book_that_left_its_last_trade_is_believed_where_another_source_vouches_for_it(board: Ticking) -> None:
    board.say("a", 10_000, 10_010, last=9_000)
    assert board.price() == 10_000


def test_two_thin_venues_whose_books_both_left_their_last_trades_vouch_for_one_another_in_the_end() -> None:
    board = Ticking()
    seen = []
    for board.ms in range(100, 700, 100):
        board.say("a", 10_000, last=9_000)
        board.say("b", 10_000, last=9_000)
        seen.append(board.price())
    assert seen[0] == PRICE_SPIKE.code
    assert seen[-1] == 10_000


def test_a_market_that_really_jumps_is_believed_as_soon_as_the_sources_vouch_for_one_another(board: Ticking) -> None:
    seen = []
    for board.ms in range(100, 600, 100):
        board.say("a", 11_000)
        board.say("b", 11_000)
        seen.append(board.price())
    assert seen[0] == PRICE_SPIKE.code
    assert seen[-1] == 11_000


def test_with_three_sources_two_go_on_without_the_one_that_spikes(board: Ticking) -> None:
    board.say("c", 10_002)
    board.say("a", 20_000)
    assert board.price() == 10_001


def test_sources_that_drift_apart_are_not_believed() -> None:
    board = Ticking()
    drifting = 10_000
    for board.ms in range(0, 2_000, 100):
        drifting += 10
        board.say("a", 10_000)
        board.say("b", drifting)
    assert board.price() == PRICES_DIVERGE.code


def test_one_of_three_that_drifts_is_left_out() -> None:
    board = Ticking()
    drifting = 10_000
    for board.ms in range(0, 3_000, 100):
        drifting += 10
        board.say("a", 10_000)
        board.say("c", 10_002)
        board.say("b", drifting)
    assert board.price() == 10_001


def test_a_torn_book_sets_its_source_aside(board: Ticking) -> None:
    board.say("a", 10_100, 10_000)
    assert board.price() == BOOK_CROSSED.code


@pytest.mark.parametrize("page", [PRICE_ZERO, PRICE_NEGATIVE, PRICE_NOT_A_NUMBER])
def test_nonsense_sets_its_source_aside_by_name(board: Ticking, page: object) -> None:
    assert isinstance(page, type(PRICE_ZERO))
    board.board.distrust("a", PAIR, page)
    assert board.price() == page.code
    for _ in range(3):
        board.say("a", 10_000)
    assert board.price() == 10_000


PRICES = [
    ("10000", KRW, 10_000),
    ("10000.0", KRW, 10_000),
    ("10000.9", KRW, 10_000),
    ("1E+4", KRW, 10_000),
    ("12.345", USD, 1_234),
    ("0", KRW, PRICE_ZERO),
    ("0.9", KRW, PRICE_ZERO),
    ("-1", KRW, PRICE_NEGATIVE),
    ("NaN", KRW, PRICE_NOT_A_NUMBER),
    ("Infinity", KRW, PRICE_NOT_A_NUMBER),
    ("1e308", KRW, PRICE_NOT_A_NUMBER),
    ("1e16", KRW, PRICE_NOT_A_NUMBER),
    ("ten", KRW, PRICE_NOT_A_NUMBER),
    ("", KRW, PRICE_NOT_A_NUMBER),
    ("1" * 41, KRW, PRICE_NOT_A_NUMBER),
]


@pytest.mark.parametrize(("text", "fiat", "expected"), PRICES)
def test_a_price_as_text_is_exact_or_refused_by_name(text: str, fiat: Asset, expected: object) -> None:
    if isinstance(expected, int):
        assert minor_of(text, fiat, up=False) == expected
        return
    with pytest.raises(BadPrice) as caught:
        minor_of(text, fiat, up=False)
    assert caught.value.page is expected


def test_an_ask_is_rounded_up() -> None:
    assert minor_of("10000.1", KRW, up=True) == 10_001


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(9_000, 11_000), st.integers(0, 400)), max_size=60))
def test_whatever_the_sources_say_a_price_is_between_two_that_agree(said: list[tuple[str, int, int]]) -> None:
    board = Ticking()
    for source, bid, passed in said:
        board.ms += passed
        board.say(source, bid)
        found = board.board.snapshot().price(PAIR, Side.SELL)
        if isinstance(found, Price):
            bids = [money.minor for _, money, _ in found.sources]
            assert len(bids) >= 2
            assert min(bids) <= found.rate.price.minor <= max(bids)
            assert (max(bids) - min(bids)) * 10_000 <= 2 * 150 * max(bids)
