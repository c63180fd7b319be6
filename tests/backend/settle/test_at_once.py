"""A sale in one act: the same books, the same answer and the same refusals as authorisation and capture in two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from backend.ledger.desk import OwnerKind
from backend.refused import Refused
from backend.settle.desk import Presented, Seller
from core.asset import BTC, KRW
from core.faults.money import BURIED, COINS_SHORT, QUOTE_EXPIRED, QUOTE_USED, SALE_OVER, TXN_USED
from core.messages import SaleState
from core.money import Money
from tests.backend.settle.world import ANN, CAFE, MALL, World, txn

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


def books(world: World) -> tuple[Any, ...]:
    """Everything a sale leaves behind, but its approval code, which is drawn."""
    return tuple(
        world.store.read(lambda unit, sql=sql: unit.all(sql))
        for sql in (
            "SELECT key, kind, txn, terminal, actor, meta FROM journal ORDER BY id",
            "SELECT * FROM entry ORDER BY journal, seq",
            "SELECT owner_kind, owner, wallet, asset, posted, held FROM account ORDER BY id",
            "SELECT rrn, stan, seller, payout, price, quantity, fee, state, settled_at, expires_at, tally FROM sale",
            "SELECT member, kind, json, at FROM event",
        )
    )


@pytest.mark.parametrize("seller", [MALL, CAFE])
def test_the_books_do_not_tell_one_act_from_two(seller: Seller) -> None:
    answers, left = [], []
    for at_once in (True, False):
        world = World.open()
        world.give("ann", Money(6 * COIN, BTC))
        offer = world.quote(1, 50_000)
        if at_once:
            answer = world.sell_at_once(offer, seller)
        else:
            world.authorise(offer, seller)
            answer = world.capture(1)
        answers.append(replace(answer, approval_code=""))
        left.append(books(world))
        world.close()
    assert answers[0] == answers[1]
    assert left[0] == left[1]


def test_again_gives_the_original_answer_in_whatever_way_it_is_asked(world: World) -> None:
    offer = world.quote(1, 50_000)
    first = world.sell_at_once(offer)
    world.now = world.now.plus(60_000)
    assert world.sell_at_once(offer) == first
    assert world.capture(1) == first
    assert world.authorise(offer).approval_code == first.approval_code
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == COIN


def test_an_authorised_sale_is_captured(world: World) -> None:
    offer = world.quote(1, 50_000)
    approved = world.authorise(offer)
    assert world.sell_at_once(offer).approval_code == approved.approval_code
    assert world.find(txn(1).text).state is SaleState.SETTLED


def test_coins_another_sale_has_reserved_cannot_be_spent(world: World) -> None:
    first, second = world.quote(1, 40_000), world.quote(2, 40_000)
    world.authorise(first)
    before = books(world)
    assert refused(lambda: world.sell_at_once(second)) == (COINS_SHORT.code, 402)
    assert refused(lambda: world.sell_at_once(second, presented=Presented("ben", 1, ()))) == (COINS_SHORT.code, 402)
    assert books(world) == before


def test_a_sale_taken_back_before_it_came_loses(world: World) -> None:
    offer = world.quote(1, 50_000)
    world.reverse(1)
    assert refused(lambda: world.sell_at_once(offer)) == (BURIED.code, 409)


def test_a_sale_taken_back_afterwards_stays_so(world: World) -> None:
    offer = world.quote(1, 50_000)
    world.sell_at_once(offer)
    world.reverse(1)
    assert refused(lambda: world.sell_at_once(offer)) == (SALE_OVER.code, 409)
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 6 * COIN
    assert world.free(OwnerKind.SELLER, "mall", KRW) == 0


def test_a_quote_is_good_once_and_for_its_time(world: World) -> None:
    world.entropy = (7).to_bytes  # type: ignore[method-assign]
    one, two = world.quote(1, 10_000), world.quote(2, 10_000)
    world.now = world.now.plus(15_000)
    assert refused(lambda: world.sell_at_once(one)) == (QUOTE_EXPIRED.code, 409)
    world.now = world.now.plus(-1)
    world.sell_at_once(one)
    assert refused(lambda: world.sell_at_once(two)) == (QUOTE_USED.code, 409)


def test_one_transaction_has_one_quote(world: World) -> None:
    first, other = world.quote(1, 10_000), world.quote(1, 20_000)
    world.sell_at_once(first, presented=ANN)
    assert refused(lambda: world.sell_at_once(other)) == (TXN_USED.code, 422)
