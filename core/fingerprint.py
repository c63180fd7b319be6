"""The fingerprint of a device's key: what the device shows and the approving page shows, for a person to compare."""

from __future__ import annotations

import base64
import hashlib

DIGITS = 16  # 64 bits: what nobody can find a second key for, and people still compare without giving up


class BadKeyText(ValueError):
    """Not the base64 of a raw Ed25519 public key."""


def fingerprint(public_key: str) -> str:
    """Groups of four hexadecimal digits ("3F2A 91C0 77B4 0E15"): the head of the SHA-256 of the key's text.

    `public_key` is the raw Ed25519 key, base64, as in `PairingRequest`. Raises `BadKeyText`.
    """
    try:
        raw = base64.b64decode(public_key, validate=True)
    except ValueError:  # binascii.Error is one; so is text that is not ASCII
        raise BadKeyText("a public key is written in base64") from None
    if len(raw) != 32:
        raise BadKeyText(f"an Ed25519 public key has 32 bytes, not {len(raw)}")
    digits = hashlib.sha256(public_key.encode()).hexdigest()[:DIGITS].upper()
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def vault_id(public_key: str) -> str:
    """The key id of a cash side, made from the key itself: nobody has to be told which is whose. ``v`` and the digits
    of its fingerprint ("v3f2a91c077b40e15"). Raises `BadKeyText`."""
    return "v" + fingerprint(public_key).replace(" ", "").lower()
