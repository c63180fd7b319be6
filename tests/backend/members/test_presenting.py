"""Redeeming what a shopper showed: each refusal by its name, each code once, each tap bound to what it agreed to."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.members import desk
from backend.members.rules import Candidate, Verdict, match
from backend.refused import Refused
from core.asset import KRW
from core.code import DAY_MS, SLOT_MS, PersonalCode, compose, day_of, derive, handle_of
from core.ids import TxnId
from core.messages import PresentRequest, TapProof, WireMoney
from core.money import Money
from core.tap import tap_key, tap_mac, tap_message
from tests.backend.http.world import START, Device, Person, World, txn, world

PRICE = WireMoney.of(Money(50_000, KRW))
NONCE = "00112233445566778899aabbccddeeff"


def show(device: Device, code: str, sale: TxnId | None = None) -> Any:
    sale = sale or txn()
    return device.call("POST", "/v1/presentations", PresentRequest(sale, "keypad", code), sale.key("identify"))


def code_of(reply: Any) -> str:
    assert reply.status_code != 200, reply.text
    return str(reply.json()["code"])


def phone(person: Person) -> tuple[bytes, int]:
    told = person.call("POST", "/v1/me/devices", json={"label": "my phone"}).json()
    return base64.b64decode(told["key"]), told["roll_ms"]


def tap(
    device: Device,
    key: bytes,
    roll_ms: int,
    all_: World,
    counter: int = 1,
    amount: WireMoney = PRICE,
    mode: str = "seller",
) -> TapProof:
    handle = f"{handle_of(key, day_of(roll_ms, all_.clock())):09d}"
    message = tap_message(device.keyid, NONCE, amount, mode, handle, counter)
    mac = tap_mac(tap_key(key), message).hex()
    return TapProof(handle, counter, NONCE, device.keyid, amount, mode, mac)


def show_tap(device: Device, proof: TapProof) -> Any:
    sale = txn()
    return device.call("POST", "/v1/presentations", PresentRequest(sale, "nfc", tap=proof), sale.key("identify"))


def test_a_code_names_its_wallet_once(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        code = person.codes()[0]
        told = show(device, code).json()
        assert told["hint"] == code[-4:]
        assert told["ttl_ms"] == 120_000
        assert code_of(show(device, code)) == "TM-MEM-105"


def test_the_same_send_gets_the_same_presentation_and_another_code_under_its_key_is_refused(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device, sale = all_.person(), all_.device(), txn()
        codes = person.codes()
        first = show(device, codes[0], sale)
        again = show(device, codes[0], sale)
        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        other = show(device, codes[1], sale)
        assert (other.status_code, code_of(other)) == (422, "TM-HTTP-022")


@pytest.mark.parametrize(("slots", "code"), [(-2, "TM-MEM-104"), (-1, ""), (0, ""), (1, ""), (2, "TM-MEM-103")])
def test_a_code_is_good_in_its_half_minute_and_its_neighbours_only(tmp_path: Path, slots: int, code: str) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        reply = show(device, derive(key, roll_ms, all_.clock().plus(slots * SLOT_MS)).digits)
        assert (code_of(reply) if code else reply.status_code) == (code or 200)


def test_a_code_that_was_never_good_is_told_from_one_that_expired(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        code = person.codes()[0]
        all_.clock.forward(9 * 60_000)
        assert code_of(show(device, code)) == "TM-MEM-104"
        all_.clock.forward(9 * 60_000)
        assert code_of(show(device, code)) == "TM-MEM-103"


def test_mistyped_foreign_and_random_codes_are_refused_by_name(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        good = all_.person().codes()[0]
        swapped = good[:4] + good[5] + good[4] + good[6:] if good[4] != good[5] else good[:-1] + str(9 - int(good[-1]))
        assert code_of(show(device, swapped)) == "TM-MEM-101"
        assert code_of(show(device, "12345")) == "TM-MEM-101"
        assert code_of(show(device, "13" + good[2:])) == "TM-MEM-102"
        assert code_of(show(device, compose(123_456_789, 5).digits)) == "TM-MEM-103"


def test_five_misses_lock_a_handle_for_a_day_even_for_its_owner(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        codes = person.codes()
        handle = PersonalCode.parse(codes[0]).handle
        right = {PersonalCode.parse(code).time_code for code in codes}
        wrong = [number for number in range(20) if number not in right][:5]
        assert [code_of(show(device, compose(handle, number).digits)) for number in wrong] == ["TM-MEM-103"] * 5
        assert code_of(show(device, codes[0])) == "TM-MEM-107"
        all_.clock.forward(DAY_MS)
        all_.server.store.write(lambda unit: desk.sweep(unit, all_.clock()))
        roll(all_)
        person = all_.person()
        assert show(device, person.codes()[0]).status_code == 200


def test_a_terminal_that_guesses_is_stopped_for_everybody(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        for number in range(20):
            assert code_of(show(device, compose(900_000_000 + number, 1).digits)) == "TM-MEM-103"
        stopped = show(device, person.codes()[0])
        assert (stopped.status_code, code_of(stopped), stopped.headers["retry-after"]) == (429, "TM-MEM-108", "1")
        assert show(all_.device(), person.codes()[0]).status_code == 200
        all_.clock.forward(600_000)
        assert show(device, person.codes()[0]).status_code == 200


def test_a_repeated_refusal_counts_as_one_miss(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device, sale = all_.person(), all_.device(), txn()
        for _ in range(30):
            assert code_of(show(device, compose(900_000_000, 1).digits, sale)) == "TM-MEM-103"
        assert show(device, person.codes()[0]).status_code == 200


def roll(all_: World) -> None:
    sealer = desk.Sealer((Path(all_.server.store.read(_path)).parent / "codes.key").read_bytes(), lambda count: b"")
    all_.server.store.write(lambda unit: desk.roll(unit, sealer, all_.clock()))


def _path(unit: Any) -> str:
    return str(unit.one("PRAGMA database_list")[2])


@pytest.mark.parametrize("days", [1, 2, 40])
def test_codes_work_on_every_day_after_the_roll(tmp_path: Path, days: int) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        all_.clock.forward(days * DAY_MS)
        roll(all_)
        assert show(device, derive(key, roll_ms, all_.clock()).digits).status_code == 200


def test_codes_work_on_both_sides_of_the_members_own_midnight(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        turn = (day_of(roll_ms, START) + 1) * DAY_MS + roll_ms
        all_.clock.forward(turn - SLOT_MS - START.ms)
        late = derive(key, roll_ms, all_.clock().plus(SLOT_MS)).digits  # the phone is a slot ahead, on its new day
        assert show(device, late).status_code == 200
        early = derive(key, roll_ms, all_.clock()).digits
        all_.clock.forward(SLOT_MS)
        assert show(device, early).status_code == 200


def test_two_wallets_that_answer_to_one_code_are_both_left_alone() -> None:
    secret = bytes(32)
    code = derive(secret, 0, START)
    one = Candidate(1, "mina", secret, 0, frozenset({day_of(0, START)}))
    assert match(code, [one], START).verdict is Verdict.GOOD
    assert match(code, [one, replace(one, key=2)], START).verdict is Verdict.GOOD  # two phones of one member
    assert match(code, [one, replace(one, key=2, member="joon")], START).verdict is Verdict.AMBIGUOUS


def test_a_removed_phone_is_nobodys(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        (listed,) = person.call("GET", "/v1/me/devices").json()
        stranger = all_.person("joon@example.org")
        assert stranger.call("DELETE", f"/v1/me/devices/{listed['id']}").status_code == 404
        assert person.call("DELETE", f"/v1/me/devices/{listed['id']}").status_code == 204
        assert code_of(show(device, derive(key, roll_ms, all_.clock()).digits)) == "TM-MEM-103"
        assert show(device, person.codes()[0]).status_code == 200


def test_a_tap_is_good_once_and_binds_its_amount(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        proof = tap(device, key, roll_ms, all_)
        told = show_tap(device, proof).json()
        assert code_of(show_tap(device, proof)) == "TM-MEM-123"
        assert show_tap(device, tap(device, key, roll_ms, all_, 2)).status_code == 200
        found = all_.server.store.read(
            lambda unit: desk.presented(unit, told["id"], TxnId(told["txn"]["text"]), device.keyid, all_.clock())
        )
        assert found.member == person.member
        assert found.bound == Money(50_000, KRW)
        desk.price_agreed(found, Money(50_000, KRW))
        with pytest.raises(Refused, match="TM-MEM-134"):
            desk.price_agreed(found, Money(50_001, KRW))


def test_a_tap_that_agreed_to_no_amount_pays_at_a_cash_machine_and_never_a_price(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        told = show_tap(device, tap(device, key, roll_ms, all_, 1, WireMoney.of(Money.zero(KRW)), "withdraw")).json()
        found = all_.server.store.read(
            lambda unit: desk.presented(unit, told["id"], TxnId(told["txn"]["text"]), device.keyid, all_.clock())
        )
        desk.amount_agreed(found, Money(50_000, KRW))
        with pytest.raises(Refused, match="TM-MEM-134"):
            desk.price_agreed(found, Money(50_000, KRW))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": WireMoney.of(Money(5, KRW))}, "TM-MEM-122"),
        ({"nonce": "ff" * 16}, "TM-MEM-122"),
        ({"mode": "atm"}, "TM-MEM-122"),
        ({"counter": 9}, "TM-MEM-122"),
        ({"mac": "00" * 16}, "TM-MEM-122"),
        ({"mac": "00" * 15}, "TM-MEM-121"),
        ({"mac": "zz"}, "TM-MEM-121"),
        ({"handle": "12"}, "TM-MEM-121"),
        ({"handle": "123456789"}, "TM-MEM-122"),
        ({"nonce": "00"}, "TM-MEM-121"),
        ({"terminal": "another"}, "TM-MEM-124"),
    ],
)
def test_a_tap_with_one_fact_changed_is_refused(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, roll_ms = phone(person)
        proof = tap(device, key, roll_ms, all_)
        assert code_of(show_tap(device, replace(proof, **change))) == code
        assert show_tap(device, proof).status_code == 200


def test_a_presentation_belongs_to_its_transaction_and_terminal_and_lives_two_minutes(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device, sale = all_.person(), all_.device(), txn()
        told = show(device, person.codes()[0], sale).json()

        def find(id: str, sale: TxnId, terminal: str) -> desk.Presented:
            return all_.server.store.read(lambda unit: desk.presented(unit, id, sale, terminal, all_.clock()))

        assert find(told["id"], sale, device.keyid).member == person.member
        for id, other, terminal, code in (
            (told["id"], txn(), device.keyid, "TM-MEM-133"),
            (told["id"], sale, "another", "TM-MEM-133"),
            ("0" * 26, sale, device.keyid, "TM-MEM-131"),
        ):
            with pytest.raises(Refused, match=code):
                find(id, other, terminal)
        all_.clock.forward(120_000)
        with pytest.raises(Refused, match="TM-MEM-132"):
            find(told["id"], sale, device.keyid)


def test_no_code_and_no_key_reaches_the_disk_in_the_clear(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()
        key, _ = phone(person)
        code = person.codes()[0]
        show(device, code)
        show(device, compose(900_000_000, 1).digits)
    for file in (tmp_path / "data").iterdir():
        raw = file.read_bytes()
        assert key not in raw
        assert code.encode() not in raw
