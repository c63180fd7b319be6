"""A member buys and sells at the real-time price: what was offered is what is booked, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger import desk as ledger
from backend.trade.rules import buy, sell
from core.asset import BTC, KRW
from core.messages import WireMoney
from core.money import BadAmount, Money
from core.rate import Rate
from tests.backend.http.world import Person, World, world
from tests.backend.members.test_joining import notice


def rich(all_: World, won: int = 1_000_000) -> Person:
    person = all_.person()
    notice(all_, "B1", person.call("GET", "/v1/me").json()["deposit_reference"], str(won))
    return person


def wire(money: Money) -> dict[str, Any]:
    told = WireMoney.of(money)
    return {"asset": told.asset, "scale": told.scale, "amount": told.amount}


def offer(person: Person, side: str, money: Money, asset: str = "BTC") -> Any:
    return person.call("POST", "/v1/me/trade-offers", json={"side": side, "asset": asset, "amount": wire(money)})


def confirm(person: Person, told: Any, key: str = "K1") -> Any:
    headers = {"idempotency-key": key}
    return person.call("POST", "/v1/me/trades", json={"offer": told.json()["offer"]}, headers=headers)


def held(person: Person) -> dict[str, str]:
    return {one["asset"]: one["total"]["amount"] for one in person.call("GET", "/v1/me").json()["holdings"]}


def test_fiat_buys_a_coin_and_the_coin_sells_again(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = rich(all_)
        told = offer(person, "buy", Money(500_000, KRW))
        assert (told.status_code, told.json()["coins"]["amount"]) == (200, "50.00000000")
        assert confirm(person, told).status_code == 200
        assert held(person) == {"KRW": "500000", "BTC": "50.00000000"}
        assert confirm(person, offer(person, "sell", Money.parse("20", BTC)), "K2").status_code == 200
        assert held(person) == {"KRW": "700000", "BTC": "30.00000000"}
        assert all_.server.store.read(ledger.check) == ()


def test_an_offer_is_used_once_under_whatever_key(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = rich(all_)
        told = offer(person, "buy", Money(500_000, KRW))
        first, again, other = confirm(person, told), confirm(person, told), confirm(person, told, "K2")
        assert first.json() == again.json() == other.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert held(person)["KRW"] == "500000"
        headers = {"idempotency-key": "K1"}
        changed = person.call("POST", "/v1/me/trades", json={"offer": "x"}, headers=headers)
        assert (changed.status_code, changed.json()["code"]) == (422, "TM-HTTP-022")
        assert person.call("POST", "/v1/me/trades", json={"offer": "x"}).json()["code"] == "TM-HTTP-020"


def test_an_offer_expires_and_belongs_to_its_member(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, other = rich(all_), all_.person("joon@example.org")
        told = offer(person, "buy", Money(500_000, KRW))
        assert confirm(other, told).status_code == 403
        forged = person.call(
            "POST", "/v1/me/trades", json={"offer": told.json()["offer"] + "A"}, headers={"idempotency-key": "K9"}
        )
        assert forged.status_code == 422
        all_.clock.forward(60_001)
        assert confirm(person, told).status_code in (409, 410)
        assert held(person)["KRW"] == "1000000"


def test_nobody_spends_more_than_there_is(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = rich(all_, won=1000)
        reply = confirm(person, offer(person, "buy", Money(1001, KRW)))
        assert reply.status_code == 402
        assert held(person)["KRW"] == "1000"


@pytest.mark.parametrize(
    ("side", "money", "asset"),
    [
        ("buy", Money(0, KRW), "BTC"),
        ("buy", Money(-5, KRW), "BTC"),
        ("buy", Money.parse("1", BTC), "BTC"),
        ("sell", Money(5, KRW), "BTC"),
        ("sell", Money(1, BTC), "BTC"),
        ("buy", Money(5, KRW), "XYZ"),
        ("buy", Money(5, KRW), "KRW"),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused(tmp_path: Path, side: str, money: Money, asset: str) -> None:
    with world(tmp_path) as all_:
        assert offer(all_.person(), side, money, asset).status_code == 422


@given(st.integers(1, 10**12), st.integers(1, 10**9), st.integers(0, 1000))
def test_buying_never_gives_more_than_the_money_is_worth(fiat: int, price: int, fee_bp: int) -> None:
    rate = Rate(BTC, Money(price, KRW))
    try:
        deal = buy(Money(fiat, KRW), rate, fee_bp)
    except BadAmount:
        return
    assert rate.value(deal.coins) + deal.fee <= deal.fiat
    assert deal.fiat.minor == fiat


@given(st.integers(1, 10**12), st.integers(1, 10**9), st.integers(0, 1000))
def test_selling_never_gives_more_than_the_coins_are_worth(coins: int, price: int, fee_bp: int) -> None:
    rate = Rate(BTC, Money(price, KRW))
    try:
        deal = sell(Money(coins, BTC), rate, fee_bp)
    except BadAmount:
        return
    assert deal.fiat + deal.fee == rate.value(deal.coins)
    assert deal.fiat.minor > 0
