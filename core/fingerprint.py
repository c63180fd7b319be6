"""The fingerprint of a device's key: what the device shows and the approving page shows, for a person to compare."""

from __future__ import annotations

import base64
import binascii
import hashlib

BYTES = 8  # 64 bits: nobody finds a second key for it in the ten minutes a pairing lives


class BadKeyText(ValueError):
    """Not the base64 of a raw Ed25519 public key."""


def fingerprint(public_key: str) -> str:
    """Four groups of four hexadecimal digits ("3F2A 91C0 77DE 4B1A"): the head of the key's SHA-256.

    `public_key` is the raw Ed25519 key, base64, as in `PairingRequest`. Raises `BadKeyText`.
    """
    try:
        raw = base64.b64decode(public_key, validate=True)
    except binascii.Error:
        raise BadKeyText("a public key is written in base64") from None
    if len(raw) != 32:
        raise BadKeyText(f"an Ed25519 public key has 32 bytes, not {len(raw)}")
    digits = hashlib.sha256(raw).digest()[:BYTES].hex().upper()
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))
