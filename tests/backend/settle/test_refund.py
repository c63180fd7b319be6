"""Refunds: both outcomes shown, the seller gives first, and never more than was captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from backend.ledger import desk as ledger
from backend.ledger.desk import OwnerKind
from backend.refused import Refused
from backend.settle import desk
from backend.settle.desk import Terms
from core.asset import BTC, KRW
from core.faults.market import PAIR_UNKNOWN
from core.faults.money import (
    AMOUNT_BAD,
    NOT_REFUNDABLE,
    NOT_VOIDABLE,
    QUOTE_BAD,
    QUOTE_EXPIRED,
    QUOTE_FOREIGN,
    QUOTE_USED,
    SALE_UNKNOWN,
    SELLER_SHORT,
    TXN_USED,
)
from core.messages import RefundAsk, RefundChoice, RefundRequest
from core.money import Money
from tests.backend.settle.world import CAFE, MALL, World, txn, won

COIN = BTC.one


@pytest.fixture
def world() -> Iterator[World]:
    made = World.open()
    made.give("ann", Money(10 * COIN, BTC))
    made.sell(1, 50_000)
    # Another sale, so that the seller has enough to give back what the agency kept as commission.
    made.sell(2, 20_000)
    yield made
    made.close()


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def test_both_outcomes_of_the_same_amount_are_offered_at_todays_price(world: World) -> None:
    world.prices[BTC] = (20_000, 25_000)
    offer = world.offer_refund(9, 1, 50_000)
    assert [(option.choice, option.gives.amount) for option in offer.options] == [
        (RefundChoice.COINS_TODAY, "2.00000000"),
        (RefundChoice.FIAT, "50000"),
    ]
    assert offer.options[0].rate == won(25_000)


def test_coins_bought_today_are_another_quantity_than_was_sold(world: World) -> None:
    world.prices[BTC] = (20_000, 25_000)
    done = world.refund(9, 1, 50_000, RefundChoice.COINS_TODAY)
    assert (done.given.amount, done.amount) == ("2.00000000", won(50_000))
    assert done.rrn.startswith("R")
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 3 * COIN + 2 * COIN
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 69_300 - 50_000


def test_fiat_goes_into_the_wallet(world: World) -> None:
    world.refund(9, 1, 30_000)
    assert world.free(OwnerKind.MEMBER, "ann", KRW) == 30_000
    sale = world.find(txn(1).text)
    assert sale.refundable == won(20_000)
    assert not sale.voidable


def test_a_refund_of_a_coin_payout_takes_todays_worth_in_coins_from_the_seller(world: World) -> None:
    world.sell(3, 20_000, CAFE)
    world.fund(ledger.Owner(OwnerKind.SELLER, "cafe"), Money(COIN, BTC))
    world.prices[BTC] = (8_000, 8_000)
    before = world.free(OwnerKind.SELLER, "cafe", BTC)
    done = world.refund(9, 3, 20_000, RefundChoice.COINS_TODAY, CAFE)
    assert done.given.amount == "2.50000000"
    assert before - world.free(OwnerKind.SELLER, "cafe", BTC) == 250_000_000


def test_never_more_than_was_captured_in_sum(world: World) -> None:
    world.refund(8, 1, 30_000)
    assert refused(lambda: world.offer_refund(9, 1, 20_001)) == NOT_REFUNDABLE.code
    first, second = world.offer_refund(10, 1, 20_000), world.offer_refund(11, 1, 1)
    world.store.write(world.refunding(10, first, RefundChoice.FIAT))
    assert refused(lambda: world.store.write(world.refunding(11, second, RefundChoice.FIAT))) == NOT_REFUNDABLE.code
    assert world.free(OwnerKind.MEMBER, "ann", KRW) == 50_000


def test_the_same_refund_again_is_the_same_refund_also_after_the_offer_expired(world: World) -> None:
    offer = world.offer_refund(9, 1, 50_000)
    first = world.store.write(world.refunding(9, offer, RefundChoice.FIAT))
    world.now = world.now.plus(10**6)
    assert world.store.write(world.refunding(9, offer, RefundChoice.FIAT)) == first
    assert world.free(OwnerKind.MEMBER, "ann", KRW) == 50_000
    other = world.refunding(9, offer, RefundChoice.COINS_TODAY)
    assert refused(lambda: world.store.write(other)) == TXN_USED.code


def test_an_offer_expires_and_is_good_once_and_for_its_own_business(world: World) -> None:
    offer = world.offer_refund(9, 1, 1_000)
    foreign = [
        replace(RefundRequest(txn(9), txn(1), RefundChoice.FIAT, offer.offer), txn=txn(10)),
        replace(RefundRequest(txn(9), txn(1), RefundChoice.FIAT, offer.offer), sale=txn(2)),
    ]
    for request in foreign:
        assert refused(lambda request=request: pay_back(world, request)) == QUOTE_FOREIGN.code
    assert refused(lambda: pay_back(world, RefundRequest(txn(9), txn(1), RefundChoice.FIAT, "r1.x"))) == QUOTE_BAD.code
    world.now = world.now.plus(60_000)
    assert refused(lambda: world.store.write(world.refunding(9, offer, RefundChoice.FIAT))) == QUOTE_EXPIRED.code


def pay_back(world: World, request: RefundRequest) -> object:
    return world.store.write(
        lambda unit: desk.refund(unit, world.house, terminal="t1", seller=MALL, request=request, at=world.now)
    )


def test_one_offer_cannot_pay_twice_even_if_its_id_came_twice(world: World) -> None:
    world.entropy = (7).to_bytes  # type: ignore[method-assign]
    one, two = world.offer_refund(8, 1, 1_000), world.offer_refund(9, 1, 1_000)
    world.store.write(world.refunding(8, one, RefundChoice.FIAT))
    assert refused(lambda: world.store.write(world.refunding(9, two, RefundChoice.FIAT))) == QUOTE_USED.code


def test_a_quote_does_not_pass_as_a_refund_offer(world: World) -> None:
    quote = world.quote(9, 10_000)
    request = RefundRequest(txn(9), txn(1), RefundChoice.FIAT, quote.quote)
    assert refused(lambda: pay_back(world, request)) == QUOTE_BAD.code


def test_another_sellers_sale_an_unsettled_one_and_a_bad_amount_are_refused(world: World) -> None:
    assert refused(lambda: world.offer_refund(9, 1, 1, CAFE)) == SALE_UNKNOWN.code
    assert refused(lambda: world.offer_refund(9, 7, 1)) == SALE_UNKNOWN.code
    world.authorise(world.quote(3, 10_000))
    assert refused(lambda: world.offer_refund(9, 3, 1)) == NOT_REFUNDABLE.code
    assert refused(lambda: world.offer_refund(9, 1, 0)) == AMOUNT_BAD.code
    ask = RefundAsk(txn(9), txn(1), replace(won(1), asset="USD"))
    look = desk.refund_offer
    assert (
        refused(
            lambda: world.store.read(
                lambda unit: look(unit, world.house, world.board, terminal="t1", seller=MALL, request=ask, at=world.now)
            )
        )
        == AMOUNT_BAD.code
    )


def test_a_seller_gives_first_and_may_owe_only_what_the_terms_allow(world: World) -> None:
    world.refund(8, 2, 20_000)
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 49_300
    with pytest.raises(Refused) as caught:
        world.refund(9, 1, 50_000)
    assert (caught.value.code, caught.value.retryable) == (SELLER_SHORT.code, False)
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 49_300
    world.terms = Terms(fee_bp=0, spread_bp=0, owing_max=700)
    world.refund(9, 1, 50_000)
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 0
    assert world.free(OwnerKind.RECEIVABLE, "mall", KRW) == -700


def test_without_a_price_only_fiat_is_offered_and_a_coin_payout_waits_for_one(world: World) -> None:
    world.sell(3, 20_000, CAFE)
    del world.prices[BTC]
    offer = world.offer_refund(9, 1, 1_000)
    assert [option.choice for option in offer.options] == [RefundChoice.FIAT]
    coins = world.refunding(9, offer, RefundChoice.COINS_TODAY)
    assert refused(lambda: world.store.write(coins)) == NOT_REFUNDABLE.code
    assert refused(lambda: world.offer_refund(10, 3, 1_000, CAFE)) == PAIR_UNKNOWN.code


def test_an_amount_that_buys_no_coin_is_offered_in_fiat_only(world: World) -> None:
    world.prices[BTC] = (10**12, 10**12)
    assert [option.choice for option in world.offer_refund(9, 1, 1).options] == [RefundChoice.FIAT]


def test_a_sale_with_refunds_can_be_neither_voided_nor_reversed(world: World) -> None:
    world.refund(9, 1, 1_000)
    assert refused(lambda: world.void(10, 1)) == NOT_VOIDABLE.code
    assert refused(lambda: world.reverse(1)) == NOT_VOIDABLE.code


def test_the_member_is_told_of_the_refund(world: World) -> None:
    world.refund(9, 1, 1_000)
    told = world.store.read(lambda unit: desk.events(unit, member="ann", after=0))
    assert told[-1].kind == "sale.refunded"
    assert '"choice":"fiat"' in told[-1].json
