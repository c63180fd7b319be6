"""Signatures of a simulated world: a fast MAC where the product has Ed25519, behind the same two doors.

Who holds the secret can sign and who holds it can check: enough to tell a true statement from a forged one, at a
fiftieth of the cost. The real signatures are tried on real bytes elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b


class FastSigner:
    """`core.sealed.Signer`."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        self._key_id = key_id
        self._secret = secret

    @property
    def key_id(self) -> str:
        return self._key_id

    def sign(self, signed: bytes) -> bytes:
        return blake2b(signed, digest_size=16, key=self._secret).digest()


class FastVerifier:
    """`core.sealed.Verifier` for the owners of these secrets."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self._secrets = secrets

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        secret = self._secrets.get(key_id)
        return secret is not None and blake2b(signed, digest_size=16, key=secret).digest() == signature
