"""The server's own Ed25519 key: made once, kept in a file only its owner can read, published by its public half."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from backend.http.callers import Entropy


class BadKeyFile(ValueError):
    """A key file that is open to others, cut short, or not a key. The text names the file, never its content."""


@dataclass(frozen=True, slots=True)
class ServerKey:
    """`id` names the key in signatures and seals: eight characters derived from the public key."""

    id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The raw public key, base64."""
        return public_text(self.private.public_key())

    def __repr__(self) -> str:
        return f"ServerKey({self.id})"


def server_key(path: Path, name: str) -> ServerKey:
    """Read the key at `path`, or make it. `name` begins the id (``x`` exchange, ``a`` agency). Raises `BadKeyFile`."""
    if not path.exists():
        write_secret(path, Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    return key_of(read_secret(path, 32), name)


def key_of(raw: bytes, name: str) -> ServerKey:
    """A server's key from its 32 raw private bytes."""
    private = Ed25519PrivateKey.from_private_bytes(raw)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return ServerKey(f"{name}{hashlib.sha256(public).hexdigest()[:7]}", private)


def secret_file(path: Path, length: int, entropy: Entropy) -> bytes:
    """`length` secret bytes kept at `path`; made when absent."""
    if not path.exists():
        write_secret(path, entropy(length))
    return read_secret(path, length)


def read_secret(path: Path, length: int) -> bytes:
    if path.stat().st_mode & 0o077:
        raise BadKeyFile(f"{path} can be read by others: chmod 600 {path}")
    raw = path.read_bytes()
    if len(raw) != length:
        raise BadKeyFile(f"{path} has {len(raw)} bytes, a key of this kind has {length}")
    return raw


def write_secret(path: Path, raw: bytes) -> None:
    """Make the file whole or not at all, unless another program made it first: then read what that one wrote.

    Written and synced under a name of its own, then linked: exchange and agency may start over an empty folder in the
    same moment, and both must end with one key.
    """
    handle, made = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # readable by its owner only
    try:
        os.write(handle, raw)
        os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        os.close(handle)
        os.unlink(made)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def public_text(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """From base64 of 32 raw bytes. Raises `ValueError`."""
    raw = base64.b64decode(text, validate=True)
    if len(raw) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return Ed25519PublicKey.from_public_bytes(raw)
