"""Seals: what makes a receipt checkable by anybody with the exchange's public key (`core.proof`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.proof import BadFacts, ReceiptFacts, encode, fitted, seal_encoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Sealer:
    """Signs receipts with one Ed25519 key. The same facts always give the same seal (RFC 8032)."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey) -> None:
        self._key_id = key_id
        self._key = key

    def __call__(self, facts: ReceiptFacts) -> str:
        try:
            signed = encode(facts)
        except BadFacts:
            # Nearly every shop's name fits; measuring each one first costs as much as the signature.
            signed = encode(fitted(facts))
        return seal_encoded(signed, self._key_id, self._key.sign(signed))


def unsealed(_: ReceiptFacts) -> str:
    """No seal: for servers without a receipt key, and for measuring the engine alone."""
    return ""
