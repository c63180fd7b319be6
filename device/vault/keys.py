"""The keys of the cash side: its own Ed25519 key, made here and never leaving, and the exchange's, pinned by name."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.fingerprint import BadKeyText, fingerprint, vault_id
from device.vault import codes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FILE: Final = "vault-key.pem"
FILE_MAX: Final = 4_096  # an Ed25519 key in PEM is 119 bytes
PRIME: Final = 2**255 - 19
_EIGHT: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# The y of all points of order 1, 2, 4 and 8: every signature check is open with them, and OpenSSL does not mind. The
# zeros of a sample file are one of them.
SMALL_ORDER: Final = frozenset({0, 1, PRIME - 1, _EIGHT, PRIME - _EIGHT})


class BadVaultKey(Exception):
    """The key file, or a pinned key, cannot be used. The text never holds key material."""

    code = codes.KEY_BAD


class BadAuthorityKey(BadVaultKey):
    """No key of the exchange is pinned, or what is pinned is none."""

    code = codes.AUTHORITY_KEY_BAD


class VaultKey:
    """Signs the vault's statements (`core.sealed.Signer`). `repr` shows nothing of it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()
        self._id = vault_id(self.public)

    @classmethod
    def of_seed(cls, seed: bytes) -> VaultKey:
        """From 32 bytes of entropy."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, path: Path) -> VaultKey:
        """Read a PKCS #8 PEM file. Raises `BadVaultKey` (not there, readable by others, not an Ed25519 key)."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise BadVaultKey(f"{path} can be read by others")
                private = load_pem_private_key(file.read(FILE_MAX), password=None)
        except OSError as error:
            raise BadVaultKey(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise BadVaultKey(f"{path} holds no key that can be read") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise BadVaultKey(f"{path} holds a key of another kind than Ed25519")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key to a new file, 0600, synced. An existing file is never overwritten: raises `BadVaultKey`."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadVaultKey(f"{path}: {error.strerror}") from None
        with open(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @property
    def key_id(self) -> str:
        """Made from the key itself (`core.fingerprint.vault_id`): "v3f2a91c077b40e15"."""
        return self._id

    def sign(self, signed: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(signed)

    def __repr__(self) -> str:
        return f"VaultKey({self._id})"


class PinnedKeys:
    """The exchange's keys this cash side trusts (`core.sealed.Verifier`): key id -> raw public key, base64.

    Raises `BadAuthorityKey`.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        if not keys:
            raise BadAuthorityKey("authority_keys names no key of the exchange")
        self._keys: dict[str, Ed25519PublicKey] = {}
        for key_id, text in keys.items():
            self._keys[key_id] = _public(key_id, text)

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def _public(key_id: str, text: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        fingerprint(text)
    except BadKeyText as error:
        raise BadAuthorityKey(f"{key_id}: {error}") from None
    raw = base64.b64decode(text)
    if int.from_bytes(raw, "little") % (1 << 255) % PRIME in SMALL_ORDER:
        raise BadAuthorityKey(f"{key_id} is no key: anybody can sign for it")
    return Ed25519PublicKey.from_public_bytes(raw)
