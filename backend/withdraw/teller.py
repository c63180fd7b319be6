"""The teller: what the exchange brings to a withdrawal, and the keys of both sides' signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backend.http.keys import ServerKey, public_key
from backend.settle.capsule import QuoteKeys
from backend.withdraw.rules import Terms
from core.asset import Asset
from core.fingerprint import BadKeyText, vault_id
from core.proof import ReceiptFacts
from core.sealed import Signer, Verifier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEYS_MAX: Final = 1_024  # parsed keys kept in memory, well below a megabyte


@dataclass(frozen=True, slots=True)
class Teller:
    """`fiat` what notes are of; `keys` sign the quotes; `signer` seals authorities, grants and `ReportTaken`, `public`
    is its raw public key, base64, for machines that are paired.

    `believes(vault_key)` gives the verifier of the cash side with that registered key, and the id the key has; `seal`
    the proof of a receipt. The simulator hands in fast signatures by `signer` and `believes`.
    """

    terms: Terms
    fiat: Asset
    keys: QuoteKeys
    entropy: Callable[[int], bytes]
    signer: Signer
    believes: Callable[[str], tuple[str, Verifier]]
    public: str = ""
    seal: Callable[[ReceiptFacts], str] = field(default=lambda _: "")


class AuthorityKey:
    """The exchange's authority key (`core.sealed.Signer`). Another key than that of receipts and signed answers."""

    def __init__(self, key: ServerKey) -> None:
        self._key = key

    @property
    def key_id(self) -> str:
        return self._key.id

    @property
    def public(self) -> str:
        """Raw, base64: what a paired machine is told."""
        return self._key.public

    def sign(self, signed: bytes) -> bytes:
        return self._key.private.sign(signed)


class VaultKey:
    """One cash side's registered public key (`core.sealed.Verifier`)."""

    def __init__(self, key_id: str, key: Ed25519PublicKey) -> None:
        self._key_id = key_id
        self._key = key

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        if key_id != self._key_id:
            return False
        try:
            self._key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@lru_cache(maxsize=KEYS_MAX)
def ed25519(vault_key: str) -> tuple[str, Verifier]:
    """The product's `believes`. Asserts that the key was checked when the machine was paired."""
    try:
        name = vault_id(vault_key)
    except BadKeyText as error:
        raise AssertionError("a registered key is a key") from error
    return name, VaultKey(name, public_key(vault_key))
