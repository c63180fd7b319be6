"""The device's key, and the signature under each of its requests: `docs/signing.md`, RFC 9421 with Ed25519.

The key is made on the device, never leaves it, and lies in a file only its owner can read. Building the signature
base is ours: the profile has one form, and the far side's own code and a general library check it in the tests.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TAG: Final = "tillmark-1"
NONCE_BYTES: Final = 16
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
KEY_FILE_MAX: Final = 4096  # an Ed25519 key in PEM is 119 bytes; anything larger is another file


class BadKeyFile(Exception):
    """The key file cannot be used. `code` is its catalogue code; the text names the file, never its content."""

    code: Final = "TM-LINE-008"


class DeviceKey:
    """The device's Ed25519 key. `repr` shows nothing of it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def of_seed(cls, seed: bytes) -> DeviceKey:
        """From 32 bytes of entropy."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, path: Path) -> DeviceKey:
        """Read a PKCS #8 PEM file. Raises `BadKeyFile` (not there, readable by others, not an Ed25519 key)."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise BadKeyFile(f"{path} can be read by others (chmod 600 it, and pair again if in doubt)")
                private = load_pem_private_key(file.read(KEY_FILE_MAX), password=None)
        except OSError as error:
            raise BadKeyFile(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise BadKeyFile(f"{path} holds no key that can be read") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise BadKeyFile(f"{path} holds a key of another kind than Ed25519")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key to a new file, 0600, synced. An existing file is never overwritten: raises `BadKeyFile`."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadKeyFile(f"{path}: {error.strerror}") from None
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
    def public(self) -> str:
        """The raw public key, base64: what `PairingRequest` carries."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return base64.b64encode(self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return "DeviceKey()"


def content_digest(body: bytes) -> str:
    """The header of RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signed_headers(
    key: DeviceKey,
    keyid: str,
    method: str,
    url: str,
    *,
    body: bytes,
    idempotency_key: str,
    created_s: int,
    nonce: bytes,
) -> dict[str, str]:
    """The headers a request needs: digest (with a body), idempotency key (when there is one) and the signature.

    `url` as it is sent; `created_s` seconds since 1970 on the healed clock; `nonce` 16 fresh bytes.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(f":{DEFAULT_PORTS[parts.scheme]}")
    covered = {"@method": method, "@authority": host, "@path": parts.path or "/"}
    headers: dict[str, str] = {}
    if parts.query:
        covered["@query"] = f"?{parts.query}"
    if body:
        headers["Content-Digest"] = covered["content-digest"] = content_digest(body)
    if idempotency_key:
        headers["Idempotency-Key"] = covered["idempotency-key"] = idempotency_key
    names = " ".join(f'"{name}"' for name in covered)
    fresh = base64.urlsafe_b64encode(nonce).rstrip(b"=").decode()
    params = f'({names});created={created_s};nonce="{fresh}";keyid="{keyid}";alg="ed25519";tag="{TAG}"'
    lines = [*(f'"{name}": {value}' for name, value in covered.items()), f'"@signature-params": {params}']
    signature = base64.b64encode(key.sign("\n".join(lines).encode())).decode()
    return headers | {"Signature-Input": f"sig1={params}", "Signature": f"sig1=:{signature}:"}
