"""A sale from quote to capture: exact amounts, one record, once, and each wrong turn by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from backend.ledger import desk as ledger
from backend.ledger.desk import OwnerKind
from backend.refused import Refused
from backend.settle import desk
from backend.settle.desk import Presented, Terms
from core.asset import BTC, KRW
from core.faults.market import PAIR_UNKNOWN
from core.faults.money import (
    AMOUNT_BAD,
    BURIED,
    COIN_UNKNOWN,
    COINS_SHORT,
    HOLD_EXPIRED,
    QUOTE_BAD,
    QUOTE_EXPIRED,
    QUOTE_FOREIGN,
    QUOTE_USED,
    SALE_OVER,
    SALE_UNKNOWN,
    TXN_USED,
)
from core.messages import AuthoriseRequest, SaleState
from core.money import Money
from tests.backend.settle.world import ANN, BEN, CAFE, MALL, XRP, World, txn, won

COIN = BTC.one


@pytest.fixture
def world() -> Iterator[World]:
    made = World.open()
    made.give("ann", Money(6 * COIN, BTC))
    yield made
    made.close()


def refused(act: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code, caught.value.status


def test_ten_thousand_won_a_coin_and_a_price_of_fifty_thousand_take_exactly_five_coins(world: World) -> None:
    offer = world.quote(1, 50_000)
    assert (offer.quantity.amount, offer.fee.amount, offer.total.amount) == ("5.00000000", "0", "5.00000000")
    assert [source.name for source in offer.sources] == ["one", "two"]
    world.authorise(offer)
    capture = world.capture(1)
    assert (capture.price.amount, capture.total.amount) == ("50000", "5.00000000")
    assert (capture.payout.amount.amount, capture.payout.commission.amount) == ("49500", "500")
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == COIN
    assert world.free(OwnerKind.HOUSE, "liquidity", BTC) == 5 * COIN
    assert world.free(OwnerKind.HOUSE, "liquidity", KRW) == -50_000
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 49_500
    assert world.free(OwnerKind.AGENCY, "agency", KRW) == 500


def test_the_fee_stands_beside_the_price_and_is_booked_apart(world: World) -> None:
    world.terms = Terms(fee_bp=50, spread_bp=0)
    offer = world.quote(1, 50_000)
    assert (offer.fee.amount, offer.fee_quantity.amount) == ("250", "0.02500000")
    assert (offer.quantity.amount, offer.total.amount) == ("5.00000000", "5.02500000")
    world.authorise(offer)
    world.capture(1)
    assert world.free(OwnerKind.HOUSE, "fees", BTC) == 2_500_000
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN - 502_500_000


def test_the_spread_lowers_the_rate_that_is_shown(world: World) -> None:
    world.terms = Terms(fee_bp=0, spread_bp=100)
    offer = world.quote(1, 49_500)
    assert (offer.rate.amount, offer.spread_bp, offer.quantity.amount) == ("9900", 100, "5.00000000")


def test_a_price_that_does_not_divide_takes_the_next_smallest_unit(world: World) -> None:
    world.prices[BTC] = (30_000, 30_000)
    assert world.quote(1, 10_000).quantity.amount == "0.33333334"


def test_a_seller_who_wants_the_coin_gets_the_coin(world: World) -> None:
    world.authorise(world.quote(1, 50_000), CAFE)
    capture = world.capture(1)
    assert (capture.payout.amount.amount, capture.payout.commission.amount) == ("4.95000000", "0.05000000")
    assert world.free(OwnerKind.SELLER, "cafe", BTC) == 495_000_000
    assert world.free(OwnerKind.AGENCY, "agency", BTC) == 5_000_000
    assert world.free(OwnerKind.HOUSE, "liquidity", BTC) == 0


def test_the_first_coin_of_the_order_that_is_enough_is_taken_and_the_others_are_listed(world: World) -> None:
    world.give("ann", Money(1000 * XRP.one, XRP))
    assert (world.quote(1, 50_000).total.asset, world.quote(1, 50_000).others) == ("BTC", ("XRP",))
    assert (world.quote(2, 70_000).total.asset, world.quote(2, 70_000).others) == ("XRP", ())
    assert (world.quote(3, 50_000, asset="XRP").total.asset, world.quote(3, 50_000, asset="XRP").others) == (
        "XRP",
        ("BTC",),
    )


def test_not_enough_coins_is_refused_and_tells_no_balance(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.quote(1, 60_001)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (COINS_SHORT.code, 402, False)
    assert "6" not in caught.value.refusal.detail
    assert refused(lambda: world.quote(1, 1, BEN)) == (COINS_SHORT.code, 402)


def test_a_coin_outside_the_wallet_and_a_price_of_nothing_are_refused(world: World) -> None:
    assert refused(lambda: world.quote(1, 100, BEN, asset="XRP")) == (COIN_UNKNOWN.code, 422)
    assert refused(lambda: world.quote(1, 0)) == (AMOUNT_BAD.code, 422)
    assert refused(lambda: world.quote(1, -5)) == (AMOUNT_BAD.code, 422)
    assert refused(lambda: world.quote(1, 2**62)) == (AMOUNT_BAD.code, 422)
    assert refused(lambda: world.quote(1, 100, Presented("ann", 1, ("KRW",)))) == (COINS_SHORT.code, 402)


def test_without_a_believable_price_there_is_no_quote(world: World) -> None:
    del world.prices[BTC]
    assert refused(lambda: world.quote(1, 100)) == (PAIR_UNKNOWN.code, 422)


def test_coins_are_reserved_by_the_authorisation_and_cannot_be_spent_twice(world: World) -> None:
    first, second = world.quote(1, 40_000), world.quote(2, 40_000)
    world.authorise(first)
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 2 * COIN
    assert refused(lambda: world.authorise(second)) == (COINS_SHORT.code, 402)
    assert refused(lambda: world.capture(2)) == (SALE_UNKNOWN.code, 404)


def test_the_same_request_again_gives_the_original_answer_also_after_the_quote_expired(world: World) -> None:
    offer = world.quote(1, 50_000)
    first = world.authorise(offer)
    world.now = world.now.plus(60_000)
    assert world.authorise(offer) == first
    captured = world.capture(1)
    world.now = world.now.plus(60_000)
    assert world.capture(1) == captured
    assert world.authorise(offer) == first
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == COIN


def test_a_quote_is_good_until_its_last_millisecond(world: World) -> None:
    offer = world.quote(1, 50_000)
    world.now = world.now.plus(15_000)
    assert refused(lambda: world.authorise(offer)) == (QUOTE_EXPIRED.code, 409)
    world.now = world.now.plus(-1)
    world.authorise(offer)


def test_a_quote_is_good_once(world: World) -> None:
    offer = world.quote(1, 10_000)
    world.authorise(offer)
    world.reverse(1)
    again = AuthoriseRequest(offer.txn, 2, "p1", offer.quote)
    assert refused(lambda: world.store.write(world.authorising(again))) == (SALE_OVER.code, 409)


def test_a_quote_id_cannot_settle_under_a_second_transaction(world: World) -> None:
    # The capsule binds quote and transaction; should that ever fail, the table still refuses the second use.
    world.entropy = (7).to_bytes  # type: ignore[method-assign]
    one, two = world.quote(1, 10_000), world.quote(2, 10_000)
    assert one.id == two.id
    world.authorise(one)
    assert refused(lambda: world.authorise(two)) == (QUOTE_USED.code, 409)


def test_one_transaction_has_one_quote(world: World) -> None:
    one, two = world.quote(1, 10_000), world.quote(1, 20_000)
    world.authorise(one)
    assert refused(lambda: world.authorise(two)) == (TXN_USED.code, 422)


def tampered(offer: Any) -> list[str]:
    head, key, payload, mac = offer.quote.split(".")
    return [
        "",
        "q1",
        offer.quote[:-1],
        offer.quote + "A",
        ".".join((head, key, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), mac)),
        ".".join((head, "k0", payload, mac)),
        ".".join((head, "none", payload, mac)),
        ".".join(("r1", key, payload, mac)),
        "é" + offer.quote,
        offer.quote * 40,
    ]


def test_a_quote_changed_anywhere_is_refused(world: World) -> None:
    offer = world.quote(1, 10_000)
    for wrong in tampered(offer):
        assert refused(lambda wrong=wrong: world.authorise(offer, quote=wrong)) == (QUOTE_BAD.code, 422)
    world.authorise(offer)


def test_a_quote_for_another_transaction_terminal_or_presentation_is_refused(world: World) -> None:
    offer = world.quote(1, 10_000)
    assert refused(lambda: world.authorise(offer, txn=txn(9))) == (QUOTE_FOREIGN.code, 422)
    assert refused(lambda: world.authorise(offer, presentation="p9")) == (QUOTE_FOREIGN.code, 422)
    assert refused(lambda: world.authorise(offer, terminal="t9")) == (QUOTE_FOREIGN.code, 422)


def test_the_market_may_move_and_the_quote_stands(world: World) -> None:
    offer = world.quote(1, 50_000)
    world.prices[BTC] = (5_000, 5_000)
    world.authorise(offer)
    assert world.capture(1).total.amount == "5.00000000"


def test_a_sale_belongs_to_its_terminal(world: World) -> None:
    world.authorise(world.quote(1, 10_000))
    assert refused(lambda: world.capture(1, terminal="t9")) == (SALE_UNKNOWN.code, 404)
    assert refused(lambda: world.reverse(1, terminal="t9")) == (SALE_UNKNOWN.code, 404)


def test_a_reversal_releases_the_hold_and_the_sale_is_over(world: World) -> None:
    world.authorise(world.quote(1, 50_000))
    assert world.reverse(1).state is SaleState.REVERSED
    assert world.reverse(1).state is SaleState.REVERSED
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN
    assert refused(lambda: world.capture(1)) == (SALE_OVER.code, 409)


def test_a_reversal_of_a_captured_sale_undoes_all_of_it(world: World) -> None:
    world.terms = Terms(fee_bp=50, spread_bp=10)
    world.sell(1, 50_000)
    assert world.reverse(1).state is SaleState.REVERSED
    assert world.reverse(1).state is SaleState.REVERSED
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN
    for kind, owner, asset in (
        (OwnerKind.SELLER, "mall", KRW),
        (OwnerKind.AGENCY, "agency", KRW),
        (OwnerKind.HOUSE, "fees", BTC),
        (OwnerKind.HOUSE, "liquidity", KRW),
    ):
        assert world.free(kind, owner, asset) == 0


def test_a_reversal_of_an_unknown_sale_is_remembered_and_the_late_original_loses(world: World) -> None:
    offer = world.quote(1, 50_000)
    assert world.reverse(1).state is SaleState.REVERSED
    assert world.find(txn(1).text).state is SaleState.REVERSED
    assert refused(lambda: world.authorise(offer)) == (BURIED.code, 409)
    assert refused(lambda: world.capture(1)) == (SALE_UNKNOWN.code, 404)
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN


def test_a_reversal_succeeds_although_the_seller_was_paid_out_and_the_debt_is_paid_first(world: World) -> None:
    world.sell(1, 50_000)

    def pay_out(unit: Any) -> None:
        mall = ledger.account(unit, ledger.Owner(OwnerKind.SELLER, "mall"), KRW)
        bank = ledger.account(unit, ledger.Owner(OwnerKind.WORLD, "bank"), KRW)
        postings = (ledger.give(mall, 49_500), ledger.get(bank, 49_500))
        ledger.post(unit, ledger.Record("payout", "po", world.now, postings))

    world.store.write(pay_out)
    world.reverse(1)
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 0
    assert world.free(OwnerKind.RECEIVABLE, "mall", KRW) == -49_500
    world.sell(2, 40_000)
    assert world.free(OwnerKind.RECEIVABLE, "mall", KRW) == -49_500 + 39_600
    world.sell(3, 20_000)
    assert world.free(OwnerKind.RECEIVABLE, "mall", KRW) == 0
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 39_600 + 19_800 - 49_500


def test_an_authorisation_that_is_never_captured_expires(world: World) -> None:
    offer = world.quote(1, 50_000)
    world.authorise(offer)
    world.now = world.now.plus(world.terms.hold_ms)
    assert refused(lambda: world.capture(1)) == (HOLD_EXPIRED.code, 409)
    assert world.store.write(lambda unit: desk.expire(unit, world.now)) == (txn(1),)
    assert world.store.write(lambda unit: desk.expire(unit, world.now)) == ()
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN
    assert refused(lambda: world.capture(1)) == (SALE_OVER.code, 409)
    assert refused(lambda: world.authorise(offer)) == (HOLD_EXPIRED.code, 409)
    assert world.reverse(1).state is SaleState.EXPIRED


def test_the_sweep_ends_a_whole_day_of_forgotten_sales_in_bounded_bites(world: World) -> None:
    for number in range(1, 301):
        world.authorise(world.quote(number, 10))
    world.now = world.now.plus(world.terms.hold_ms)
    bites = [len(world.store.write(lambda unit: desk.expire(unit, world.now))) for _ in range(3)]
    assert bites == [256, 44, 0]
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN


def test_the_sweep_leaves_holds_of_other_desks_to_them(world: World) -> None:
    def work(unit: Any) -> None:
        account = ledger.account(unit, ledger.Owner(OwnerKind.MEMBER, "ann", 1), BTC)
        ledger.hold(unit, "other", account, 1, reason="order", at=world.now, expires_at=world.now.plus(1))

    world.store.write(work)
    assert world.store.write(lambda unit: desk.expire(unit, world.now.plus(1))) == ()


def test_a_sale_is_found_by_transaction_and_by_reference_by_its_seller_only(world: World) -> None:
    capture = world.sell(1, 50_000)
    assert len(capture.rrn) == 12
    assert len(capture.approval_code) == 6
    for reference in (txn(1).text, capture.rrn):
        sale = world.find(reference)
        assert (sale.state, sale.capture, sale.voidable) == (SaleState.SETTLED, capture, True)
        assert sale.refundable == won(50_000)
    for reference, seller in ((capture.rrn, "cafe"), ("nothing", "mall"), (txn(9).text, "mall"), ("x" * 41, "mall")):
        assert refused(lambda reference=reference, seller=seller: world.find(reference, seller)) == (
            SALE_UNKNOWN.code,
            404,
        )


def test_lists_of_sales_page_backwards(world: World) -> None:
    for number in (1, 2, 3):
        world.sell(number, 10_000)
    page = world.store.read(lambda unit: desk.recent(unit, world.house, seller="mall", limit=2))
    assert [one.sale.txn for one in page] == [txn(3), txn(2)]
    rest = world.store.read(lambda unit: desk.recent(unit, world.house, member="ann", before=page[-1].id))
    assert [(one.sale.txn, one.shop, one.terminal) for one in rest] == [(txn(1), "Corner shop", "t1")]


def test_the_member_is_told_in_the_same_commit(world: World) -> None:
    heard: list[tuple[str, object]] = []
    stop = world.store.listen(lambda topic, value: heard.append((topic, value)))
    world.sell(1, 50_000)
    world.reverse(1)
    told = world.store.read(lambda unit: desk.events(unit, member="ann", after=0))
    assert [event.kind for event in told] == ["sale.settled", "sale.reversed"]
    assert '"total":"5.00000000"' in told[0].json
    assert world.store.read(lambda unit: desk.events(unit, member="ann", after=told[-1].id)) == []
    world.store.write(lambda _: None)
    stop()
    assert heard == [("member", "ann"), ("seller", "mall")] * 2


def test_the_journal_keeps_the_prices_the_quote_stood_on(world: World) -> None:
    world.sell(1, 50_000)
    row = world.store.read(lambda unit: unit.one("SELECT meta FROM journal WHERE kind = 'sale'"))
    assert row is not None
    assert '"sources":[["one",10000,1790000000000],["two",10000,1790000000000]]' in row[0]


def test_an_authorisation_needs_coins_of_that_kind(world: World) -> None:
    offer = world.quote(1, 10_000)
    assert refused(lambda: world.authorise(offer, presented=BEN)) == (COINS_SHORT.code, 402)
    assert refused(lambda: world.authorise(offer, presented=replace(ANN, wallet=2))) == (COINS_SHORT.code, 402)
    assert MALL.payout == "fiat"


@pytest.mark.parametrize("values", [{"fee_bp": 1001}, {"spread_bp": -1}, {"quote_ms": 999}, {"quote_ms": 60_001}])
def test_terms_outside_sense_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"mistake|lives"):
        Terms(**values)
