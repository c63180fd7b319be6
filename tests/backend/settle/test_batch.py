"""Voids and batch close: what a terminal's day adds up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.ledger.desk import OwnerKind
from backend.refused import Refused
from backend.settle import desk
from backend.settle.closing import ClosedBatch
from core.asset import BTC, KRW
from core.faults.money import NOT_VOIDABLE, SALE_UNKNOWN, TXN_USED
from core.messages import SaleState, Totals
from core.money import Money
from tests.backend.settle.world import CAFE, World, txn, won


@pytest.fixture
def world() -> Iterator[World]:
    made = World.open()
    made.give("ann", Money(100 * BTC.one, BTC))
    yield made
    made.close()


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def close(world: World, number: int, terminal: str = "t1") -> ClosedBatch:
    return world.store.write(
        lambda unit: desk.close_batch(unit, terminal=terminal, txn=txn(number), fiat=KRW, at=world.now)
    )


def totals(world: World, terminal: str = "t1") -> Totals:
    return world.store.read(lambda unit: desk.totals(unit, terminal, KRW))


def test_a_void_takes_the_whole_sale_back_and_again_is_the_same(world: World) -> None:
    world.sell(1, 50_000)
    first = world.void(9, 1)
    assert (first.state, first.voidable, first.refundable) == (SaleState.VOIDED, False, won(0))
    assert world.void(9, 1) == first
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 100 * BTC.one
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 0


def test_only_a_settled_sale_of_this_terminal_can_be_voided(world: World) -> None:
    assert refused(lambda: world.void(9, 1)) == SALE_UNKNOWN.code
    world.authorise(world.quote(1, 50_000))
    assert refused(lambda: world.void(9, 1)) == NOT_VOIDABLE.code
    world.capture(1)
    assert refused(lambda: world.void(9, 1, terminal="t9")) == SALE_UNKNOWN.code


def test_a_batch_counts_sales_voids_and_refunds_and_a_void_is_no_longer_a_sale(world: World) -> None:
    for number in (1, 2, 3):
        world.sell(number, 10_000 * number)
    world.void(9, 1)
    world.refund(10, 3, 5_000)
    world.authorise(world.quote(4, 70_000))
    expected = Totals(2, won(50_000), 1, won(5_000), 1, won(10_000))
    assert totals(world) == expected
    closed = close(world, 20)
    assert (closed.number, closed.totals, closed.commission) == (1, expected, won(500))
    assert {(one.txn, one.kind, one.amount.amount) for one in closed.tallied} == {
        (txn(1), "void", "10000"),
        (txn(2), "sale", "20000"),
        (txn(3), "sale", "30000"),
        (txn(10), "refund", "5000"),
    }
    assert totals(world) == Totals(0, won(0), 0, won(0), 0, won(0))


def test_the_same_close_again_is_the_same_close_and_the_next_has_the_next_number(world: World) -> None:
    world.sell(1, 10_000)
    first = close(world, 20)
    world.sell(2, 20_000)
    assert close(world, 20) == first
    assert close(world, 21).totals.sold == won(20_000)
    assert close(world, 22).number == 3
    assert refused(lambda: close(world, 20, "t9")) == TXN_USED.code


def test_after_the_close_a_sale_can_be_refunded_but_not_voided(world: World) -> None:
    world.sell(1, 50_000)
    world.sell(2, 50_000)
    close(world, 20)
    assert refused(lambda: world.void(9, 1)) == NOT_VOIDABLE.code
    assert not world.find(txn(1).text).voidable
    world.refund(10, 1, 50_000)
    assert totals(world).refunds == 1


def test_a_sale_reversed_in_the_open_batch_never_counted(world: World) -> None:
    world.sell(1, 50_000)
    world.reverse(1)
    assert totals(world) == Totals(0, won(0), 0, won(0), 0, won(0))


def test_a_reversal_after_the_close_still_succeeds_and_the_next_batch_counts_it(world: World) -> None:
    world.sell(1, 50_000)
    close(world, 20)
    assert world.reverse(1).state is SaleState.REVERSED
    assert totals(world) == Totals(0, won(0), 0, won(0), 1, won(50_000))
    assert close(world, 21).totals.voids == 1
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 100 * BTC.one


def test_commission_of_coin_payouts_is_not_counted_as_fiat(world: World) -> None:
    world.sell(1, 50_000, CAFE)
    closed = close(world, 20)
    assert (closed.totals.sold, closed.commission) == (won(50_000), won(0))


def test_terminals_have_batches_of_their_own(world: World) -> None:
    world.sell(1, 50_000)
    assert totals(world, "t2").sales == 0
    assert close(world, 20, "t2").number == 1
    assert totals(world).sales == 1
