"""Races on one quote, one refund, one sale, one wallet: real threads, a real file, one winner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.ledger.desk import OwnerKind
from backend.refused import Refused
from core.asset import BTC, KRW
from core.faults.money import COINS_SHORT, NOT_REFUNDABLE, QUOTE_USED, SALE_OVER
from core.messages import AuthoriseRequest, RefundChoice, SaleState
from core.money import Money
from tests.backend.settle.world import World, txn

THREADS = 8
DEADLINE_S = 20


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.open(tmp_path / "books.db")
    made.give("ann", Money(10 * BTC.one, BTC))
    yield made
    made.close()


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Start every act at the same moment; what each returned, or the code of its refusal."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait(DEADLINE_S)
        try:
            results[place] = act()
        except Refused as refused:
            results[place] = refused.code

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    return results


def test_one_quote_sent_many_times_at_once_makes_one_sale(world: World) -> None:
    offer = world.quote(1, 50_000)
    results = race(*[lambda: world.authorise(offer)] * THREADS)
    assert len(set(map(str, results))) == 1
    captures = race(*[lambda: world.capture(1)] * THREADS)
    assert len(set(map(str, captures))) == 1
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 5 * BTC.one


def test_one_quote_id_under_many_transactions_settles_once(world: World) -> None:
    world.entropy = (7).to_bytes  # type: ignore[method-assign]
    offers = [world.quote(number, 10_000) for number in range(1, THREADS + 1)]
    requests = [
        AuthoriseRequest(offer.txn, 1, f"p{number}", offer.quote) for number, offer in enumerate(offers, start=1)
    ]
    results = race(*[lambda r=request: world.store.write(world.authorising(r)) for request in requests])
    assert sorted(result for result in results if isinstance(result, str)) == [QUOTE_USED.code] * (THREADS - 1)
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 9 * BTC.one


def test_the_last_coins_are_spent_once(world: World) -> None:
    offers = [world.quote(number, 60_000) for number in range(1, THREADS + 1)]
    results = race(*[lambda o=offer: world.authorise(o) for offer in offers])
    assert sum(result == COINS_SHORT.code for result in results) == THREADS - 1
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 4 * BTC.one


def test_refunds_that_race_never_give_back_more_than_was_captured(world: World) -> None:
    world.sell(1, 50_000)
    world.sell(2, 30_000)
    offers = [world.offer_refund(number, 1, 20_000) for number in range(10, 10 + THREADS)]
    acts = [
        lambda n=number, o=offer: world.store.write(world.refunding(n, o, RefundChoice.FIAT))
        for number, offer in enumerate(offers, start=10)
    ]
    results = race(*acts)
    assert sum(result == NOT_REFUNDABLE.code for result in results) == THREADS - 2
    assert world.free(OwnerKind.MEMBER, "ann", KRW) == 40_000


def test_one_refund_sent_many_times_at_once_pays_once(world: World) -> None:
    world.sell(1, 50_000)
    world.sell(2, 30_000)
    offer = world.offer_refund(9, 1, 20_000)
    results = race(*[lambda: world.store.write(world.refunding(9, offer, RefundChoice.COINS_TODAY))] * THREADS)
    assert len(set(map(str, results))) == 1
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 4 * BTC.one


def test_capture_and_reversal_that_race_end_in_one_state(world: World) -> None:
    for number in range(1, 9):
        world.authorise(world.quote(number, 10_000))
        captured, reversed_ = race(lambda n=number: world.capture(n), lambda n=number: world.reverse(n))
        assert reversed_.state is SaleState.REVERSED
        assert captured == SALE_OVER.code or captured.txn == txn(number)
        assert world.find(txn(number).text).state is SaleState.REVERSED
    assert world.free(OwnerKind.MEMBER, "ann", BTC) == 10 * BTC.one


def test_what_was_answered_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    first = World.open(path)
    first.give("ann", Money(10 * BTC.one, BTC))
    capture = first.sell(1, 50_000)
    first.close()
    second = World.open(path)
    assert second.find(capture.rrn).capture == capture
    second.close()
