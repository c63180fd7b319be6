"""Pairing by a short code, shops, price lists, and the end of a terminal's rights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.http.keys import public_text
from backend.terminals.rules import BadList, goods_of_csv, pairing_code
from tests.backend.http.world import Device, Person, World, world


def opening(all_: World, **changed: str) -> tuple[Any, Device]:
    device = Device(all_, Ed25519PrivateKey.generate())
    asked = {"public_key": public_text(device.key.public_key()), "mode": "seller", "model": "m", "version": "1"}
    reply = all_.call("POST", "/v1/pairings", json=asked | changed)
    if reply.status_code == 201:
        device.keyid = reply.json()["id"]
    return reply, device


def shopkeeper(all_: World, contact: str = "seller@example.org") -> Person:
    person = all_.person(contact)
    assert person.call("PUT", "/v1/shop", json={"shop": "모퉁이 가게", "payout": "coin"}).status_code == 200
    return person


def approve(person: Person, code: str) -> Any:
    return person.call("POST", "/v1/pairings/approve", json={"code": code})


def state(device: Device) -> Any:
    return device.call("GET", f"/v1/pairings/{device.keyid}").json()


def test_a_device_becomes_a_terminal_of_the_shop_that_typed_its_code(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller = shopkeeper(all_)
        reply, device = opening(all_)
        code = reply.json()["code"]
        assert len(code) == 6
        assert reply.json()["ttl_ms"] == 600_000
        assert state(device) == {"state": "pending", "grant": None}
        terminal = approve(seller, f" {code[:3].lower()}-{code[3:]} ").json()["terminal"]
        told = state(device)
        assert told["state"] == "approved"
        assert (told["grant"]["terminal"], told["grant"]["shop"]) == (terminal, "모퉁이 가게")
        assert told["grant"]["exchange_key"] == all_.server.key.public
        device.keyid = terminal
        assert device.call("GET", "/v1/terminals/self").json()["terminal"] == terminal
        (listed,) = seller.call("GET", "/v1/shop/terminals").json()
        assert (listed["id"], listed["state"], listed["mode"]) == (terminal, "active", "seller")


def test_a_pairing_code_is_used_once_and_ends_after_ten_minutes(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller = shopkeeper(all_)
        reply, _ = opening(all_)
        assert approve(seller, reply.json()["code"]).status_code == 200
        assert approve(seller, reply.json()["code"]).json()["code"] == "TM-TERM-004"
        reply, device = opening(all_)
        all_.clock.forward(600_000)
        assert approve(seller, reply.json()["code"]).json()["code"] == "TM-TERM-004"
        assert state(device)["state"] == "expired"


def test_a_refused_device_learns_it(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller = shopkeeper(all_)
        reply, device = opening(all_)
        refused = seller.call("POST", "/v1/pairings/refuse", json={"code": reply.json()["code"]})
        assert refused.status_code == 204
        assert state(device)["state"] == "refused"
        assert approve(seller, reply.json()["code"]).json()["code"] == "TM-TERM-004"


def test_wrong_codes_are_counted_for_each_person(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller, other = shopkeeper(all_), shopkeeper(all_, "other@example.org")
        reply, _ = opening(all_)
        for _ in range(10):
            assert approve(seller, "ZZZZZZ").json()["code"] == "TM-TERM-003"
        assert approve(seller, reply.json()["code"]).json()["code"] == "TM-TERM-005"
        assert approve(other, reply.json()["code"]).status_code == 200


def test_only_somebody_with_a_shop_takes_a_device_in(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        reply, _ = opening(all_)
        assert approve(all_.person(), reply.json()["code"]).json()["code"] == "TM-TERM-006"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"public_key": "AAAA"}, "TM-TERM-001"),
        ({"public_key": "not base64!"}, "TM-TERM-001"),
        ({"mode": "vending"}, "TM-TERM-002"),
    ],
)
def test_a_malformed_pairing_is_refused_by_name(tmp_path: Path, changed: dict[str, str], code: str) -> None:
    with world(tmp_path) as all_:
        reply, _ = opening(all_, **changed)
        assert reply.json()["code"] == code


def test_a_device_sees_its_own_pairing_only(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        _, one = opening(all_)
        _, two = opening(all_)
        assert one.call("GET", f"/v1/pairings/{two.keyid}").json()["code"] == "TM-HTTP-019"


def test_a_terminal_is_revoked_by_its_owner_only(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller, other = shopkeeper(all_), shopkeeper(all_, "other@example.org")
        device = all_.device(seller)
        assert other.call("POST", f"/v1/shop/terminals/{device.keyid}/revoke").json()["code"] == "TM-TERM-007"
        assert device.call("GET", "/v1/terminals/self").status_code == 200
        assert seller.call("POST", f"/v1/shop/terminals/{device.keyid}/revoke").json()["state"] == "revoked"
        assert device.call("GET", "/v1/terminals/self").json()["code"] == "TM-HTTP-015"


def test_people_type_look_alikes_and_hyphens() -> None:
    assert pairing_code(" olI-9az ") == "0119AZ"


# -- price lists -------------------------------------------------------------------------------------------------------


def test_a_price_list_is_replaced_as_a_whole_and_reaches_the_terminal_once(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller = shopkeeper(all_)
        device = all_.device(seller)
        text = 'barcode,name,price\n8801234567893,Milk 1 l,2900\n4006381333931,"Pen, blue",1500\n'
        put = seller.call("PUT", "/v1/shop/goods", content=text.encode(), headers={"content-type": "text/csv"})
        assert put.status_code == 200
        told = device.call("GET", "/v1/terminals/self/goods")
        assert told.json()["goods"] == [
            {"barcode": "8801234567893", "name": "Milk 1 l", "price": "2900"},
            {"barcode": "4006381333931", "name": "Pen, blue", "price": "1500"},
        ]
        headers = device.signed("GET", "/v1/terminals/self/goods") | {"if-none-match": told.headers["etag"]}
        assert all_.call("GET", "/v1/terminals/self/goods", headers=headers).status_code == 304
        assert seller.call("PUT", "/v1/shop/goods", json={"goods": []}).json()["version"] == 2
        headers = device.signed("GET", "/v1/terminals/self/goods") | {"if-none-match": told.headers["etag"]}
        assert all_.call("GET", "/v1/terminals/self/goods", headers=headers).json()["goods"] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("8801,Milk", "line 1"),
        ("8801,Milk,0", "good 1"),
        ("8801,Milk,-5", "good 1"),
        ("8801,Milk,2.5", "good 1"),
        ("8801,Milk,5\n8801,Tea,6", "good 2"),
        ("8801,,5", "good 1"),
        ("우유,Milk,5", "good 1"),
        ('8801,"Milk,5', "not CSV"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_of_the_list_is_taken(tmp_path: Path, text: str, problem: str) -> None:
    with world(tmp_path) as all_:
        seller = shopkeeper(all_)
        seller.call("PUT", "/v1/shop/goods", json={"goods": [{"barcode": "1", "name": "Tea", "price": "3"}]})
        headers = {"content-type": "text/csv"}
        reply = seller.call("PUT", "/v1/shop/goods", content=text.encode(), headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (422, "TM-TERM-009")
        assert problem in reply.json()["detail"]
        assert len(seller.call("GET", "/v1/shop/goods").json()["goods"]) == 1


def test_a_price_list_of_another_type_is_refused(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        reply = shopkeeper(all_).call("PUT", "/v1/shop/goods", content=b"x", headers={"content-type": "text/html"})
        assert (reply.status_code, reply.json()["code"]) == (415, "TM-HTTP-006")


def test_a_csv_may_begin_with_a_byte_order_mark_and_have_empty_lines() -> None:
    assert len(goods_of_csv("\ufeffBarcode, Name, Price\n\n1,Tea,3\n")) == 1
    with pytest.raises(BadList):
        goods_of_csv("1,2,3,4")


@pytest.mark.parametrize("name", ["", "   ", "가" * 61, "x" * 61, "bad\x07bell"])
def test_a_shop_name_must_fit_the_receipt(tmp_path: Path, name: str) -> None:
    with world(tmp_path) as all_:
        assert all_.person().call("PUT", "/v1/shop", json={"shop": name}).json()["code"] == "TM-TERM-010"
