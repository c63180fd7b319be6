"""The proof on a receipt: made by the exchange's key, checkable by anybody, the same every time."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.settle.desk import House, Sealer, Seller
from core.asset import BTC
from core.messages import RefundChoice
from core.moment import Moment
from core.money import Money
from core.proof import Kind, open_seal
from tests.backend.settle.world import World

KEY = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


class Sealed(World):
    @property
    def house(self) -> House:
        plain = super().house
        return House(plain.terms, plain.keys, plain.entropy, Sealer("x1", KEY))


def test_a_capture_and_a_refund_carry_seals_that_state_exactly_what_happened() -> None:
    world = Sealed.open()
    assert isinstance(world, Sealed)
    world.give("ann", Money(20 * BTC.one, BTC))
    capture = world.sell(1, 50_000)
    world.sell(2, 50_000)
    opened = open_seal(capture.proof)
    KEY.public_key().verify(opened.signature, opened.signed)
    facts = opened.facts
    assert (opened.key_id, facts.kind, facts.rrn, facts.approval) == (
        "x1",
        Kind.SALE,
        capture.rrn,
        capture.approval_code,
    )
    assert (facts.price, facts.total) == (capture.price.money(), capture.total.money())
    assert (facts.shop, facts.terminal) == ("Corner shop", "t1")
    assert world.capture(1).proof == capture.proof
    refund = world.refund(9, 1, 10_000, RefundChoice.COINS_TODAY)
    given_back = open_seal(refund.proof)
    KEY.public_key().verify(given_back.signature, given_back.signed)
    assert (given_back.facts.kind, given_back.facts.sale) == (Kind.REFUND, capture.txn)
    assert given_back.facts.total == refund.given.money()
    world.close()


def test_a_void_carries_a_seal_that_names_its_sale_and_takes_back_exactly_that() -> None:
    world = Sealed.open()
    assert isinstance(world, Sealed)
    world.give("ann", Money(20 * BTC.one, BTC))
    capture = world.sell(1, 50_000)
    world.now = world.now.plus(60_000)
    voided = world.void(9, 1)
    sold, undone = open_seal(capture.proof).facts, open_seal(voided.proof)
    KEY.public_key().verify(undone.signature, undone.signed)
    assert undone.facts == replace(sold, kind=Kind.VOID, sale=capture.txn, at=Moment.parse(voided.at))
    assert world.void(9, 1).proof == voided.proof
    world.close()


def test_a_long_shop_name_is_cut_on_the_seal_and_never_stops_a_sale() -> None:
    world = Sealed.open()
    world.give("ann", Money(20 * BTC.one, BTC))
    long = Seller("long", "fiat", "서울에서 가장 오래된 국수집 본점 ﷽\n" * 3)
    capture = world.sell(1, 10_000, long)
    facts = open_seal(capture.proof).facts
    assert facts.shop
    assert long.shop.startswith(facts.shop)
    assert len(facts.shop.encode()) <= 40
    refund = world.refund(9, 1, 5_000, seller=long)
    assert open_seal(refund.proof).facts.shop == facts.shop
    world.close()
