"""Identities: one id per customer business, made by the device and saved before the first send.

Ids are 128 random bits handed in by the composition root (nothing here is random), written in
Crockford's base 32: 26 characters that survive being read aloud, in order of their value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TEXT = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


class BadId(ValueError):
    """Text that is not 26 characters of Crockford's base 32."""


@dataclass(frozen=True, slots=True, order=True)
class TxnId:
    """One customer business, from the first finger on the screen to settlement."""

    text: str

    def __post_init__(self) -> None:
        if not _TEXT.fullmatch(self.text):
            raise BadId(f"{self.text[:32]!r} is not a transaction id")

    @classmethod
    def of(cls, entropy: bytes) -> TxnId:
        """From exactly 16 bytes of entropy."""
        return cls(base32(entropy))

    def key(self, step: str, attempt: int = 1) -> str:
        """The idempotency key of one act of this transaction: ``txn/step/n``.

        `attempt` counts *decisions* (a requote after expiry is a new one), never resends.
        """
        return f"{self.text}/{step}/{attempt}"

    def __str__(self) -> str:
        return self.text


def base32(entropy: bytes) -> str:
    """16 bytes as 26 characters, most significant first."""
    if len(entropy) != 16:
        raise ValueError(f"an id needs 16 bytes, not {len(entropy)}")
    number = int.from_bytes(entropy)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def spoken(number: int, length: int) -> str:
    """A short code for people to read or type: `length` characters of the same alphabet, high first."""
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1))
