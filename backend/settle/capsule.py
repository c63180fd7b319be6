"""The capsule: a quote as the terminal carries it about, signed and stateless.

``q1.KEYID.PAYLOAD.MAC``: payload is compact JSON in base64url, the MAC is HMAC-SHA-256 over everything before it, so a
quote can never pass as a refund offer (``r1``) or under another key. Nothing secret is inside: no member, no balance.
The exchange alone checks it; several keys may be valid while one is replaced.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

CAPSULE_MAX = 4096  # characters; ours are below 1,000 with eight price sources
KEY_BYTES = 32
QUOTE, REFUND = "q1", "r1"


class BadCapsule(ValueError):
    """A text that this exchange never signed."""


@dataclass(frozen=True, slots=True)
class QuoteKeys:
    """`active` names the key that signs; every key of `keys` (32 bytes each) still verifies."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        assert self.active in self.keys, "the active key is one of the keys"
        assert all(len(key) == KEY_BYTES for key in self.keys.values()), "a key has 32 bytes"
        assert all(name.isalnum() for name in self.keys), "a key id is letters and digits"


def close(kind: str, claims: Mapping[str, Any], keys: QuoteKeys) -> str:
    """Sign `claims` (plain JSON values, no floats) as a capsule of `kind`."""
    payload = msgspec.json.encode(claims)
    head = f"{kind}.{keys.active}.{_text(payload)}"
    capsule = f"{head}.{_text(_mac(head, keys.keys[keys.active]))}"
    assert len(capsule) <= CAPSULE_MAX
    return capsule


def open_(kind: str, capsule: str, keys: QuoteKeys) -> dict[str, Any]:
    """The claims of a capsule that we signed. Raises `BadCapsule` and nothing else."""
    claims: dict[str, Any] = msgspec.json.decode(open_text(kind, capsule, keys))
    return claims


def open_text(kind: str, capsule: str, keys: QuoteKeys) -> str:
    """As `open_`, the claims as their JSON text. What we signed was JSON, so its form needs no second check."""
    parts = capsule.split(".") if len(capsule) <= CAPSULE_MAX and capsule.isascii() else []
    if len(parts) != 4 or parts[0] != kind or parts[1] not in keys.keys:
        raise BadCapsule("not of this form or key")
    head, _, mac = capsule.rpartition(".")
    try:
        if not hmac.compare_digest(_bytes(mac), _mac(head, keys.keys[parts[1]])):
            raise BadCapsule("the signature does not fit")
        return _bytes(parts[2]).decode()
    except (binascii.Error, ValueError) as error:
        raise BadCapsule(str(error)) from None


def _mac(head: str, key: bytes) -> bytes:
    return hmac.digest(key, head.encode(), hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Only the one shortest spelling of the bytes: no second capsule says the same."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:
        raise BadCapsule("not written in its one form")
    return raw
