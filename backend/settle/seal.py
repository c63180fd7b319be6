"""Seals: what makes a receipt checkable by anybody with the exchange's public key (`core.proof`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.proof import BadFacts, ReceiptFacts, encode, fitted, seal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Sealer:
    """Signs receipts with one Ed25519 key. The same facts always give the same seal (RFC 8032)."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey) -> None:
        self._key_id = key_id
        self._key = key

    def __call__(self, facts: ReceiptFacts) -> str:
        try:
            return seal(facts, self._key_id, self._key.sign(encode(facts)))
        except BadFacts:
            # Nearly every shop's name fits; measuring each one first costs as much as the signature.
            short = fitted(facts)
            return seal(short, self._key_id, self._key.sign(encode(short)))


def unsealed(_: ReceiptFacts) -> str:
    """No seal: for servers without a receipt key, and for measuring the engine alone."""
    return ""
