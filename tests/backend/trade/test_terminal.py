"""Buying and selling at a machine: quoted, done once under its transaction, and inside the member's own wallet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.refused import Refused
from backend.settle.rules import FEES
from backend.trade.rules import sell_for
from core.asset import BTC, KRW
from core.faults import Entry
from core.faults.market import PAIR_UNKNOWN
from core.faults.members import PRICE_NOT_TAPPED
from core.faults.money import AMOUNT_BAD, QUOTE_BAD, QUOTE_EXPIRED, QUOTE_FOREIGN, TXN_USED
from core.faults.trade import COUNTER_UNFIT, TRADE_SHORT, TRADE_UNKNOWN
from core.messages import TradeSide
from core.money import BadAmount, Money
from core.rate import Rate
from tests.backend.giftcards.world import Shop

COIN = BTC.one
BUY, SELL = TradeSide.BUY, TradeSide.SELL


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop.opened()
    made.give("ann", 1_000_000)
    made.give("ann", COIN, BTC)
    yield made
    made.close()


def refused(page: Entry) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == page.code)


def test_buying_takes_exactly_the_fiat_and_brings_the_quoted_coins(shop: Shop) -> None:
    shop.present(1)
    offer = shop.trade_quote(1, BUY, 500_000)
    done = shop.trade(offer)
    assert (done.fiat, done.coins, done.rate) == (offer.fiat, offer.coins, offer.rate)
    assert (shop.wallet(), shop.wallet(BTC)) == (500_000, COIN + COIN // 20)


def test_selling_brings_exactly_the_fiat_for_the_quoted_coins(shop: Shop) -> None:
    shop.present(1)
    shop.trade(shop.trade_quote(1, SELL, 500_000))
    assert (shop.wallet(), shop.wallet(BTC)) == (1_500_000, COIN - COIN // 20)


def test_a_tap_that_agreed_to_another_amount_trades_nothing(shop: Shop) -> None:
    shop.present(1, source="nfc", bound=50_000)
    with refused(PRICE_NOT_TAPPED):
        shop.trade_quote(1, BUY, 500_000)
    assert shop.trade_quote(1, BUY, 50_000).fiat.money() == Money(50_000, KRW)
    shop.present(2, source="nfc", bound=0)
    assert shop.trade(shop.trade_quote(2, SELL, 500_000)).fiat.money() == Money(500_000, KRW)


def test_fee_and_spread_are_the_houses_and_stand_in_the_quote(shop: Shop) -> None:
    shop.sale_terms = replace(shop.sale_terms, fee_bp=100, spread_bp=50)
    shop.present(1)
    offer = shop.trade_quote(1, SELL, 100_000)
    assert (offer.fee.money().minor, offer.spread_bp, offer.rate.money().minor) == (1_000, 50, 9_950_000)
    shop.trade(offer)
    assert (shop.wallet(), shop.free(FEES)) == (1_100_000, 1_000)
    assert COIN - shop.wallet(BTC) == -(-101_000 * COIN // 9_950_000)


def test_the_same_trade_asked_again_is_the_original_one_even_after_its_quote(shop: Shop) -> None:
    shop.present(1)
    offer = shop.trade_quote(1, BUY, 500_000)
    first = shop.trade(offer)
    shop.later(86_400_000)
    assert shop.trade(offer) == first == shop.traded(1)
    assert shop.wallet() == 500_000


def test_a_second_quote_of_a_done_transaction_trades_nothing(shop: Shop) -> None:
    shop.present(1)
    one, other = shop.trade_quote(1, BUY, 500_000), shop.trade_quote(1, BUY, 400_000)
    shop.trade(one)
    with refused(TXN_USED):
        shop.trade(other)
    assert shop.wallet() == 500_000


def test_a_quote_that_ended_trades_nothing(shop: Shop) -> None:
    shop.present(1)
    offer = shop.trade_quote(1, BUY, 500_000)
    shop.later(offer.ttl_ms)
    with refused(QUOTE_EXPIRED):
        shop.trade(offer)
    with refused(TRADE_UNKNOWN):
        shop.traded(1)
    assert shop.wallet() == 1_000_000


def test_a_quote_is_good_at_its_own_machine_alone(shop: Shop) -> None:
    shop.present(1)
    offer = shop.trade_quote(1, BUY, 500_000)
    with refused(QUOTE_FOREIGN):
        shop.trade(offer, "M2")
    with refused(QUOTE_BAD):
        shop.trade(replace(offer, quote=offer.quote[:-1] + "!"))
    shop.trade(offer)
    with refused(TRADE_UNKNOWN):
        shop.traded(1, "M2")


def test_what_the_wallet_has_not_is_refused_at_the_quote_and_at_the_trade(shop: Shop) -> None:
    shop.present(1)
    with refused(TRADE_SHORT):
        shop.trade_quote(1, BUY, 1_000_001)
    with refused(TRADE_SHORT):
        shop.trade_quote(1, SELL, 10_000_001)
    offer = shop.trade_quote(1, BUY, 600_000)
    shop.present(2)
    shop.trade(shop.trade_quote(2, BUY, 500_000))
    with refused(TRADE_SHORT):
        shop.trade(offer)
    assert shop.wallet() == 500_000


@pytest.mark.parametrize("asset", ["KRW", "DOGE", ""])
def test_what_is_no_coin_here_is_not_traded(shop: Shop, asset: str) -> None:
    shop.present(1)
    with refused(PAIR_UNKNOWN):
        shop.trade_quote(1, BUY, 1_000, asset)


def test_an_amount_of_nothing_is_not_quoted(shop: Shop) -> None:
    shop.present(1)
    for side in TradeSide:
        with refused(AMOUNT_BAD):
            shop.trade_quote(1, side, 0)


def test_no_price_no_quote(shop: Shop) -> None:
    shop.present(1)
    shop.prices = {}
    with pytest.raises(Refused, match="TM-MKT"):
        shop.trade_quote(1, BUY, 10_000)


def test_a_till_and_a_revoked_machine_do_not_trade(shop: Shop) -> None:
    shop.present(1, terminal="S1")
    with refused(COUNTER_UNFIT):
        shop.trade_quote(1, BUY, 10_000, terminal="S1")
    shop.present(2)
    offer = shop.trade_quote(2, BUY, 10_000)
    shop.store.write(lambda unit: unit.run("UPDATE terminal SET state = 'revoked' WHERE id = 'M1'"))
    with refused(COUNTER_UNFIT):
        shop.trade(offer)


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(0, 1_000))
def test_selling_for_an_amount_costs_the_least_coins_that_bring_it(fiat: int, price: int, fee: int) -> None:
    rate = Rate(BTC, Money(price, KRW))
    try:
        deal = sell_for(Money(fiat, KRW), rate, fee)
    except BadAmount:
        return
    assert deal.fiat.minor == fiat
    need = fiat + deal.fee.minor
    assert deal.coins.minor * price >= need * COIN > (deal.coins.minor - 1) * price


@given(st.lists(st.tuples(st.sampled_from(list(TradeSide)), st.integers(1, 400_000)), max_size=6))
def test_whatever_is_traded_all_books_sum_to_zero_and_no_wallet_falls_below(deals: list[tuple[TradeSide, int]]) -> None:
    shop = Shop.opened()
    shop.sale_terms = replace(shop.sale_terms, fee_bp=77, spread_bp=33)
    shop.give("ann", 1_000_000)
    shop.give("ann", COIN // 10, BTC)
    for number, (side, fiat) in enumerate(deals, 1):
        shop.present(number)
        before = shop.wallet()
        try:
            shop.trade(shop.trade_quote(number, side, fiat))
        except Refused:
            continue
        assert shop.wallet() - before == (-fiat if side is BUY else fiat)
    assert min(shop.wallet(), shop.wallet(BTC)) >= 0
    shop.close()
