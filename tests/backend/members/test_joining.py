"""Joining by a code sent to an address: attempts, age, frequency; the wallet that comes with it; fiat in."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger import desk as ledger
from backend.members.deposits import webhook_signature
from backend.members.events import LOST, WAITING_MAX, Hub, MemberEvent
from backend.members.rules import BadContact, Contact
from backend.refused import Refused
from tests.backend.http.world import World, world

SECRET = b"whsec-for-tests"


@pytest.mark.parametrize(
    ("text", "channel", "address"),
    [
        (" Mina@Example.ORG ", "mail", "mina@example.org"),
        ("a.b+c@mail.example.co.kr", "mail", "a.b+c@mail.example.co.kr"),
        ("010-1234-5678", "sms", "+821012345678"),
        ("+82 10 1234 5678", "sms", "+821012345678"),
        ("+14155550100", "sms", "+14155550100"),
    ],
)
def test_an_address_has_one_form(text: str, channel: str, address: str) -> None:
    assert Contact.parse(text) == Contact(channel, address)


@pytest.mark.parametrize(
    "text", ["", "mina", "mina@", "@example.org", "mina@example", "a b@example.org", "12345", "+0123"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadContact):
        Contact.parse(text)


@given(st.text(max_size=300))
def test_no_text_is_more_than_refused(text: str) -> None:
    with contextlib.suppress(BadContact):
        Contact.parse(text)


def verify(all_: World, digits: str, contact: str = "mina@example.org") -> Any:
    return all_.call("POST", "/v1/join/verify", json={"contact": contact, "code": digits})


def ask(all_: World, contact: str = "mina@example.org") -> Any:
    return all_.call("POST", "/v1/join", json={"contact": contact})


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def test_a_member_joins_once_and_signs_in_ever_after(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        ask(all_)
        first = verify(all_, all_.post.digits()).json()
        ask(all_, "MINA@example.org")
        second = verify(all_, all_.post.digits(), "MINA@example.org").json()
        assert (first["joined"], second["joined"]) == (True, False)
        assert first["member"] == second["member"]
        assert first["csrf"] != second["csrf"]


def test_a_code_is_good_once_five_tries_and_ten_minutes(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        ask(all_)
        digits = all_.post.digits()
        assert verify(all_, digits).status_code == 200
        assert verify(all_, digits).json()["code"] == "TM-MEM-004"
        ask(all_)
        digits = all_.post.digits()
        for _ in range(5):
            assert verify(all_, wrong(digits)).json()["code"] == "TM-MEM-003"
        assert verify(all_, digits).json()["code"] == "TM-MEM-004"
        ask(all_)
        digits = all_.post.digits()
        all_.clock.forward(600_000)
        assert verify(all_, digits).json()["code"] == "TM-MEM-004"


def test_five_codes_an_hour_are_sent_to_one_address(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        assert [ask(all_).status_code for _ in range(6)] == [202] * 5 + [429]
        assert ask(all_, "joon@example.org").status_code == 202
        all_.clock.forward(3_600_000)
        assert ask(all_).status_code == 202


def test_a_stranger_cannot_have_codes_sent_to_any_number_of_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.members.joining.ALL_VERIFICATIONS_AN_HOUR", 3)
    with world(tmp_path) as all_:
        assert [ask(all_, f"p{number}@example.org").status_code for number in range(4)] == [202] * 3 + [429]
        all_.clock.forward(3_600_000)
        assert ask(all_, "p9@example.org").status_code == 202


def test_codes_of_two_people_are_not_each_others(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        ask(all_)
        digits = all_.post.digits()
        ask(all_, "joon@example.org")
        if digits != all_.post.digits():
            assert verify(all_, digits, "joon@example.org").json()["code"] == "TM-MEM-003"


def test_one_member_never_sees_another(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        mina, joon = all_.person(), all_.person("joon@example.org")
        assert mina.call("GET", "/v1/me").json()["contact"] == "mina@example.org"
        assert joon.call("GET", "/v1/me").json()["contact"] == "joon@example.org"
        assert set(mina.codes()).isdisjoint(joon.codes())


def test_an_operator_signs_in_only_when_the_host_made_one(tmp_path: Path) -> None:
    from backend.terminals import operators

    with world(tmp_path) as all_:
        ask(all_, "boss@example.org")
        body = {"contact": "boss@example.org", "code": all_.post.digits()}
        assert all_.call("POST", "/v1/operators/sign-in", json=body).json()["code"] == "TM-HTTP-019"
        contact = Contact.parse("boss@example.org")
        all_.server.store.write(lambda unit: operators.add(unit, contact, all_.clock(), lambda count: b"7" * count))
        ask(all_, "boss@example.org")
        body["code"] = all_.post.digits()
        told = all_.call("POST", "/v1/operators/sign-in", json=body)
        assert told.status_code == 200
        cookie = {"cookie": f"tillmark_session={told.cookies['tillmark_session']}"}
        assert all_.call("GET", "/v1/me", headers=cookie).json()["code"] == "TM-HTTP-019"
        assert all_.call("GET", "/v1/me/session", headers=cookie).json()["kind"] == "operator"


# -- fiat in -----------------------------------------------------------------------------------------------------------


def notice(all_: World, transfer: str, reference: str, amount: str, secret: bytes = SECRET, late_s: int = 0) -> Any:
    told = {"transfer": transfer, "reference": reference, "booked_at": "2026-03-01T09:30:00Z"}
    body = json.dumps(told | {"amount": {"asset": "KRW", "scale": 0, "amount": amount}}).encode()
    stamp = str(all_.clock().ms // 1000 - late_s)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1,c3RhbGU= v1," + webhook_signature(secret, "msg_1", stamp, body),
    }
    return all_.call("POST", "/v1/bank-notices", content=body, headers=headers)


def test_a_transfer_is_credited_once_however_often_it_is_told(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = all_.person()
        reference = person.call("GET", "/v1/me").json()["deposit_reference"]
        for _ in range(3):
            assert notice(all_, "B1", f" {reference.lower()} ", "500000").json() == {
                "transfer": "B1",
                "state": "credited",
            }
        (holding,) = person.call("GET", "/v1/me").json()["holdings"]
        assert holding["available"]["amount"] == "500000"
        (line,) = person.call("GET", "/v1/me/history").json()
        assert (line["kind"], line["amount"]["amount"]) == ("deposit", "500000")
        assert all_.server.store.read(ledger.check) == ()
        assert notice(all_, "B1", reference, "600000").json()["code"] == "TM-MEM-007"


def test_a_transfer_without_a_known_reference_waits_for_a_person(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        assert notice(all_, "B1", "rent", "500000").json()["state"] == "unmatched"
        assert all_.server.store.read(ledger.check) == ()


@pytest.mark.parametrize("late_s", [301, -301])
def test_an_old_or_future_notice_is_refused(tmp_path: Path, late_s: int) -> None:
    with world(tmp_path) as all_:
        assert notice(all_, "B1", "x", "5", late_s=late_s).json()["code"] == "TM-MEM-007"


def test_a_forged_malformed_or_negative_notice_is_refused(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        assert notice(all_, "B1", "x", "5", secret=b"guess").status_code == 401
        assert notice(all_, "B1", "x", "-5").status_code == 400
        assert notice(all_, "", "x", "5").status_code == 400
        assert all_.call("POST", "/v1/bank-notices", content=b"{}").json()["code"] == "TM-MEM-007"


# -- live events -------------------------------------------------------------------------------------------------------


def test_an_open_page_hears_of_its_own_member_only_and_is_told_when_it_missed_something() -> None:
    async def walk() -> None:
        hub = Hub()
        hub.start()
        page = hub.follow("mina")
        waiting = asyncio.ensure_future(anext(page))
        await asyncio.sleep(0)
        hub.heard("member", MemberEvent("joon", "deposit"))
        hub.heard("member", MemberEvent("mina", "deposit", {"amount": "5"}))
        assert await waiting == MemberEvent("mina", "deposit", {"amount": "5"})
        for number in range(WAITING_MAX + 2):
            hub.heard("member", MemberEvent("mina", str(number)))
        await asyncio.sleep(0)
        assert await anext(page) == MemberEvent("mina", LOST)
        assert await anext(page) == MemberEvent("mina", str(WAITING_MAX))
        hub.stop()
        assert [event async for event in page] == [MemberEvent("mina", str(WAITING_MAX + 1))]

    asyncio.run(walk())


def test_a_member_may_open_eight_pages() -> None:
    async def walk() -> None:
        hub = Hub()
        hub.start()
        pages = [hub.follow("mina") for _ in range(9)]
        waiting = [asyncio.ensure_future(anext(page)) for page in pages]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="TM-HTTP-008"):
            await waiting[8]
        hub.stop()
        for one in waiting[:8]:
            with pytest.raises(StopAsyncIteration):
                await one

    asyncio.run(walk())
