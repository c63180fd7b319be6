"""A sealed statement is believed by its signature, in its one form, and in no other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from core.authority import AUTHORITY, LIFE_MAX_MS, Authority, is_nonce
from core.cash import Count
from core.cash_report import PaidReport
from core.grant import GRANT_MAX_MS, Grant, Right
from core.ids import TxnId
from core.messages import WireMoney
from core.sealed import SEAL_MAX, BadSealed, seal, unseal

TXN = TxnId.of(bytes(16))
AMOUNT = WireMoney("KRW", 0, "50000")
SAID = Authority("T1", "v1", TXN, "0" * 32, AMOUNT, 60_000)


class Key:
    """A signature that only this test's two ends can make."""

    key_id = "k1"

    def sign(self, signed: bytes) -> bytes:
        return hmac.digest(b"secret", signed, hashlib.sha256)

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        return key_id == self.key_id and hmac.compare_digest(self.sign(signed), signature)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(body: bytes, kind: str = AUTHORITY) -> str:
    """A body of ours under a good signature."""
    head = f"{kind}.k1.{b64(body)}"
    return f"{head}.{b64(Key().sign(head.encode()))}"


def test_what_was_sealed_is_opened_again() -> None:
    opened = unseal(AUTHORITY, Authority, seal(AUTHORITY, SAID, Key()), Key())
    assert (opened.key_id, opened.statement) == ("k1", SAID)


def test_a_change_of_any_one_character_is_refused() -> None:
    text = seal(AUTHORITY, SAID, Key())
    for at, character in enumerate(text):
        with pytest.raises(BadSealed):
            unseal(AUTHORITY, Authority, text[:at] + ("A" if character != "A" else "B") + text[at + 1 :], Key())


BODY = json.dumps(
    {"terminal": "T1", "vault": "v1", "txn": {"text": TXN.text}, "nonce": "0" * 32,
     "most": {"asset": "KRW", "scale": 0, "amount": "50000"}, "life_ms": 60_000},
    separators=(",", ":"),
).encode()  # fmt: skip


def test_the_one_form_is_compact_and_in_the_order_of_the_fields() -> None:
    assert seal(AUTHORITY, SAID, Key()) == forged(BODY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ca1.k1",
        "cr1" + seal(AUTHORITY, SAID, Key())[3:],
        seal(AUTHORITY, SAID, Key()).replace(".k1.", ".k 1."),
        seal(AUTHORITY, SAID, Key()).replace(".k1.", ".k2."),
        seal(AUTHORITY, SAID, Key()) + "=",
        seal(AUTHORITY, SAID, Key()) + "é",
        "ca1.k1." + "A" * SEAL_MAX + ".AAAA",
        "ca1.k1.A.AAAA",
        "ca1.k1.!!!!.AAAA",
        forged(BODY, kind="cr1"),
        forged(BODY.replace(b",", b", ")),
        forged(BODY.replace(b'"life_ms":60000', b'"life_ms":0')),
        forged(BODY.replace(b'"life_ms":60000', b'"life_ms":60000,"more":1')),
        forged(BODY.replace(b'"amount":"50000"', b'"amount":"0"')),
        forged(BODY.replace(b"0" * 32, b"0" * 31)),
        forged(b"not json"),
        forged(b"[" * 3_000),
        forged(b"\xff"),
    ],
)
def test_other_texts_are_no_authority(text: str) -> None:
    with pytest.raises(BadSealed):
        unseal(AUTHORITY, Authority, text, Key())


def test_a_grant_is_for_somebody_something_and_a_while() -> None:
    assert Grant("T1", "v1", "a", (Right.LOAD,), "C" * 10, GRANT_MAX_MS)
    for person, rights, life_ms in (("", (Right.LOAD,), 1), ("a", (), 1), ("a", (Right.LOAD,), GRANT_MAX_MS + 1)):
        with pytest.raises(ValueError, match="grant"):
            Grant("T1", "v1", person, rights, "C" * 10, life_ms)


def test_a_report_never_says_less_than_nothing_or_more_than_its_most() -> None:
    assert PaidReport("v", "T1", 1, TXN, "", AMOUNT, AMOUNT)
    zero = WireMoney("KRW", 0, "0")
    for number, least, highest in ((0, zero, zero), (1, AMOUNT, zero), (1, zero, WireMoney("BTC", 8, "1"))):
        with pytest.raises(ValueError, match="report"):
            PaidReport("v", "T1", number, TXN, "", least, highest)


def test_a_life_has_a_limit_and_a_nonce_one_form() -> None:
    assert is_nonce("0123456789abcdef" * 2)
    assert not is_nonce("0123456789ABCDEF" * 2)
    with pytest.raises(ValueError, match="lives"):
        Authority("T1", "v1", TXN, "0" * 32, AMOUNT, LIFE_MAX_MS + 1)


def test_counts_travel_as_intervals() -> None:
    assert Count(2, None).admits(9)
