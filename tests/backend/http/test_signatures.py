"""RFC 9421: its own vector, a general library as second opinion, and every covered field changed by one character."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms

from backend.http.outgoing import sign
from backend.http.signatures import BadSignature, Target, authority, base, content_digest, parse, signed_bytes
from core.messages import PresentRequest
from tests.backend.http.world import HOST, Device, txn, world

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TARGET = Target("POST", "shop.example", "/v1/captures", "?a=1", content_digest(b"{}"), "T/capture/1")


def test_the_signature_of_rfc_9421_b_2_6_is_ours_bit_for_bit() -> None:
    private = Ed25519PrivateKey.from_private_bytes(
        base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU=")
    )
    pairs = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    params = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    signature = base64.b64encode(private.sign(base(pairs, params))).decode()
    assert signature == "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def test_the_digest_of_rfc_9530_is_ours() -> None:
    assert content_digest(b'{"hello": "world"}') == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


def test_what_we_sign_we_accept() -> None:
    one, two = sign(TARGET, "K", KEY, 1_795_345_689, "n" * 22)
    read = parse(one[1], two[1])
    KEY.public_key().verify(read.signature, signed_bytes(read, TARGET))
    assert (read.keyid, read.created, read.nonce) == ("K", 1_795_345_689, "n" * 22)


class _Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return KEY

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return KEY.public_key()


def test_what_a_general_library_signs_we_accept() -> None:
    headers = {"content-digest": content_digest(b"{}"), "idempotency-key": "T/capture/1", "host": "shop.example"}
    request = requests.Request("POST", "http://shop.example/v1/captures", data=b"{}", headers=headers).prepare()
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys()).sign(
        request,
        key_id="K",
        covered_component_ids=("@method", "@authority", "@path", "content-digest", "idempotency-key"),
        created=datetime.datetime.fromtimestamp(1_795_345_689, datetime.UTC),
        nonce="n" * 22,
        tag="tillmark-1",
        label="any",
        use_existing_digest=True,
    )
    read = parse(request.headers["Signature-Input"], request.headers["Signature"])
    target = Target("POST", "shop.example", "/v1/captures", "", content_digest(b"{}"), "T/capture/1")
    KEY.public_key().verify(read.signature, signed_bytes(read, target))


@pytest.mark.parametrize(
    "changed",
    [
        Target("PUT", TARGET.authority, TARGET.path, TARGET.query, TARGET.digest, TARGET.key),
        Target("POST", "shop.example.org", TARGET.path, TARGET.query, TARGET.digest, TARGET.key),
        Target("POST", TARGET.authority, "/v1/Captures", TARGET.query, TARGET.digest, TARGET.key),
        Target("POST", TARGET.authority, TARGET.path, "?a=2", TARGET.digest, TARGET.key),
        Target("POST", TARGET.authority, TARGET.path, TARGET.query, content_digest(b"[]"), TARGET.key),
        Target("POST", TARGET.authority, TARGET.path, TARGET.query, TARGET.digest, "T/capture/2"),
    ],
)
def test_each_covered_field_is_protected(changed: Target) -> None:
    one, two = sign(TARGET, "K", KEY, 1, "n" * 22)
    read = parse(one[1], two[1])
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(read.signature, signed_bytes(read, changed))


@pytest.mark.parametrize(
    "target",
    [
        Target("POST", TARGET.authority, TARGET.path, "", TARGET.digest, TARGET.key),
        Target("POST", TARGET.authority, TARGET.path, TARGET.query, None, TARGET.key),
        Target("POST", TARGET.authority, TARGET.path, TARGET.query, TARGET.digest, None),
    ],
)
def test_a_signature_covers_neither_less_nor_more_than_the_request_has(target: Target) -> None:
    one, two = sign(TARGET, "K", KEY, 1, "n" * 22)
    with pytest.raises(BadSignature):
        signed_bytes(parse(one[1], two[1]), target)
    one, two = sign(target, "K", KEY, 1, "n" * 22)
    with pytest.raises(BadSignature):
        signed_bytes(parse(one[1], two[1]), TARGET)


GOOD = 'sig1=("@method" "@authority" "@path");created=1;nonce="nnnnnnnnnnnnnnnnnnnnnn";keyid="K";alg="ed25519";tag="tillmark-1"'  # noqa: E501
SIGNATURE = "sig1=:" + "A" * 86 + "==:"


@pytest.mark.parametrize(
    ("given", "signature"),
    [
        ("", ""),
        (GOOD, SIGNATURE.replace("sig1", "sig2")),
        (GOOD, SIGNATURE[:-3] + ":"),
        (GOOD.replace("ed25519", "hmac-sha256"), SIGNATURE),
        (GOOD.replace("tillmark-1", "tillmark-2"), SIGNATURE),
        (GOOD.replace('nonce="nnnnnnnnnnnnnnnnnnnnnn"', 'nonce="n"'), SIGNATURE),
        (GOOD.replace('keyid="K"', 'keyid=""'), SIGNATURE),
        (GOOD.replace("created=1;", ""), SIGNATURE),
        (GOOD.replace("created=1", 'created="x"'), SIGNATURE),
        (GOOD + ";created=2", SIGNATURE),
        (GOOD + ";expires=2", SIGNATURE),
        (GOOD + ', sig2=("@method");created=1', SIGNATURE),
        (GOOD + "\n", SIGNATURE),
        ("sig1=" + "(" * 2000, SIGNATURE),
    ],
)
def test_a_signature_of_another_form_is_refused(given: str, signature: str) -> None:
    with pytest.raises(BadSignature):
        parse(given, signature)


def test_a_default_port_is_no_part_of_the_authority() -> None:
    assert authority("Shop.Example:80", "http") == "shop.example"
    assert authority("shop.example:443", "https") == "shop.example"
    assert authority("shop.example:443", "http") == "shop.example:443"


# -- over HTTP: whatever is changed on the way is refused by name ----------------------------------------------------

Change = Callable[[dict[str, str]], None]


def _set(name: str, value: str) -> Change:
    return lambda headers: headers.__setitem__(name, value)


CHANGES: list[tuple[str, Change, int, str]] = [
    ("no signature", lambda headers: headers.pop("Signature") and None, 401, "TM-HTTP-010"),
    ("no input", lambda headers: headers.pop("Signature-Input") and None, 401, "TM-HTTP-010"),
    ("no digest", lambda headers: headers.pop("Content-Digest") and None, 401, "TM-HTTP-010"),
    ("another digest", _set("Content-Digest", content_digest(b"x")), 401, "TM-HTTP-011"),
    ("another key", _set("Idempotency-Key", "other"), 401, "TM-HTTP-011"),
    ("no key", lambda headers: headers.pop("Idempotency-Key") and None, 401, "TM-HTTP-010"),
    ("another host", _set("Host", "127.0.0.2:8080"), 421, "TM-HTTP-016"),
    ("our other name", _set("Host", "localhost:8080"), 401, "TM-HTTP-011"),
]


@pytest.mark.parametrize(("name", "change", "status", "code"), CHANGES, ids=[one[0] for one in CHANGES])
def test_a_changed_header_is_refused_by_name(tmp_path: Path, name: str, change: Change, status: int, code: str) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        body = b'{"txn": {"text": "' + txn().text.encode() + b'"}, "source": "keypad", "code": "1"}'
        headers = device.signed("POST", "/v1/presentations", body, "T/identify/1")
        change(headers)
        reply = all_.call("POST", "/v1/presentations", content=body, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert reply.headers["tillmark-time"] == reply.json()["server_time"]


def test_a_changed_method_path_query_or_body_is_refused(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        headers = device.signed("GET", "/v1/terminals/self")
        assert all_.call("GET", "/v1/terminals/self/goods", headers=headers).json()["code"] == "TM-HTTP-011"
        assert all_.call("GET", "/v1/terminals/self?x=1", headers=headers).json()["code"] == "TM-HTTP-010"
        headers = device.signed("POST", "/v1/presentations", b"{}", "T/identify/1")
        reply = all_.call("POST", "/v1/presentations", content=b"[]", headers=headers)
        assert reply.json()["code"] == "TM-HTTP-011"


@pytest.mark.parametrize(("off_s", "good"), [(0, True), (60, True), (-60, True), (61, False), (-61, False)])
def test_a_clock_may_be_a_minute_off_and_no_more(tmp_path: Path, off_s: int, good: bool) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        all_.clock.forward(off_s * 1000)
        headers = device.signed("GET", "/v1/terminals/self")
        all_.clock.forward(-off_s * 1000)
        reply = all_.call("GET", "/v1/terminals/self", headers=headers)
        assert reply.status_code == (200 if good else 401)
        if not good:
            assert reply.json()["code"] == "TM-HTTP-012"
            assert reply.json()["retryable"]


def test_a_signature_is_good_once_also_after_a_restart(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        headers = device.signed("GET", "/v1/terminals/self")
        assert all_.call("GET", "/v1/terminals/self", headers=headers).status_code == 200
        assert all_.call("GET", "/v1/terminals/self", headers=headers).json()["code"] == "TM-HTTP-013"
    with world(tmp_path) as again:
        assert again.call("GET", "/v1/terminals/self", headers=headers).json()["code"] == "TM-HTTP-013"


def test_a_revoked_terminal_is_refused_at_once(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        seller = all_.person("seller@example.org")
        device = all_.device(seller)
        assert device.call("GET", "/v1/terminals/self").status_code == 200
        assert seller.call("POST", f"/v1/shop/terminals/{device.keyid}/revoke").status_code == 200
        assert device.call("GET", "/v1/terminals/self").json()["code"] == "TM-HTTP-015"


def test_an_unknown_key_and_a_key_of_another_kind_are_refused(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        stranger = Device(all_, Ed25519PrivateKey.generate(), "nobody")
        assert stranger.call("GET", "/v1/terminals/self").json()["code"] == "TM-HTTP-014"
        copied = Device(all_, stranger.key, device.keyid)
        assert copied.call("GET", "/v1/terminals/self").json()["code"] == "TM-HTTP-011"
        assert device.call("GET", f"/v1/agency/terminals/{device.keyid}").json()["code"] == "TM-HTTP-019"


def test_a_request_can_be_told_to_another_server_only_with_another_signature(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        device = all_.device()
        headers = device.signed("GET", "/v1/terminals/self") | {"Host": "127.0.0.1:8081"}
        assert HOST not in headers["Host"]
        assert all_.call("GET", "/v1/terminals/self", headers=headers).json()["code"] == "TM-HTTP-016"


def test_a_presentation_needs_its_idempotency_key(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        reply = all_.device().call("POST", "/v1/presentations", PresentRequest(txn(), "keypad", "1"))
        assert (reply.status_code, reply.json()["code"]) == (400, "TM-HTTP-020")
