"""Is this receipt genuine? Reads its seal from text or a photograph and checks the exchange's signature.

Needs no terminal, no account and no network beyond the exchange's published keys. The facts and their bytes are
`core.proof`; here stand the cryptography (Ed25519, RFC 8032), the picture and the key set.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from core.faults import printer as faults
from core.proof import PREFIX, BadSeal, Opened, open_seal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WELL_KNOWN: Final = "/.well-known/tillmark-keys"
KEYS_BYTES_MAX: Final = 65_536  # several hundred keys; an exchange has a handful
PICTURE_BYTES_MAX: Final = 32 * 1024 * 1024  # the largest photograph a phone takes
FETCH_S: Final = 10.0
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"GIF8", b"RIFF")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

Keys = Mapping[str, "Ed25519PublicKey"]


class BadInput(Exception):
    """What was given cannot be checked at all. `code` is a catalogue code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` "" when the receipt is genuine, else why not (a catalogue code)."""

    opened: Opened
    code: str

    @property
    def valid(self) -> bool:
        return self.code == ""


def check(opened: Opened, keys: Keys) -> Verdict:
    """Does the signature belong to the facts, by a key of this set?"""
    from cryptography.exceptions import InvalidSignature

    key = keys.get(opened.key_id)
    if key is None:
        return Verdict(opened, faults.KEY_UNKNOWN)
    try:
        key.verify(opened.signature, opened.signed)
    except InvalidSignature:
        return Verdict(opened, faults.SIGNATURE_WRONG)
    return Verdict(opened, "")


def opened(text: str) -> Opened:
    """Raises `BadInput` (SEAL_UNREADABLE)."""
    try:
        return open_seal(text)
    except BadSeal as error:
        raise BadInput(faults.SEAL_UNREADABLE, str(error)) from None


def seal_text(raw: bytes) -> str:
    """The seal's text out of a file: text as it is, a picture by looking for its QR code. Raises `BadInput`."""
    if len(raw) > PICTURE_BYTES_MAX:
        raise BadInput(faults.NO_SEAL, f"{len(raw)} bytes are more than a photograph has")
    if raw.startswith(_PICTURES):
        return _seen(raw)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(faults.SEAL_UNREADABLE, "neither a picture nor text") from None


def _seen(raw: bytes) -> str:
    import zxingcpp
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(raw)) as picture:
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(faults.NO_SEAL, f"the picture cannot be opened: {error}") from None
    texts = [found.text for found in zxingcpp.read_barcodes(grey)]
    seals = [text for text in texts if text.upper().startswith(PREFIX[:3])]
    if not seals:
        seen = f"{len(texts)} other codes" if texts else "no code at all"
        raise BadInput(faults.NO_SEAL, f"{seen} in a picture of {grey.width} x {grey.height}")
    if len(set(seals)) > 1:
        raise BadInput(faults.NO_SEAL, f"{len(set(seals))} different receipts in one picture")
    return seals[0]


def load_keys(where: str) -> Keys:
    """The key set from a file or an address; an address without a path means its `WELL_KNOWN`. Raises `BadInput`."""
    if "://" in where:
        return read_keys(_fetched(where), where)
    try:
        return read_keys(Path(where).read_bytes()[: KEYS_BYTES_MAX + 1], where)
    except OSError as error:
        raise BadInput(faults.KEYS_UNUSABLE, f"{where}: {error.strerror}") from None


def _fetched(where: str) -> bytes:
    import requests

    parts = urlsplit(where)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise BadInput(faults.KEYS_UNUSABLE, f"{where}: keys are fetched by https, so that nobody can swap them")
    url = where if parts.path.strip("/") else where.rstrip("/") + WELL_KNOWN
    try:
        with requests.get(url, timeout=FETCH_S, stream=True, allow_redirects=False) as reply:
            if reply.status_code != 200:
                raise BadInput(faults.KEYS_UNUSABLE, f"{url}: status {reply.status_code}")
            return next(reply.iter_content(KEYS_BYTES_MAX + 1), b"")
    except requests.RequestException as error:
        raise BadInput(faults.KEYS_UNUSABLE, f"{url}: {type(error).__name__}") from None


def read_keys(raw: bytes, where: str) -> Keys:
    """``{"keys": [{"id": "...", "ed25519": base64 of 32 bytes}]}``; other fields are ignored. Raises `BadInput`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(raw) > KEYS_BYTES_MAX:
        raise BadInput(faults.KEYS_UNUSABLE, f"{where}: larger than {KEYS_BYTES_MAX} bytes")
    try:
        keys = {
            str(item["id"]): Ed25519PublicKey.from_public_bytes(base64.b64decode(item["ed25519"], validate=True))
            for item in json.loads(raw)["keys"]
        }
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise BadInput(faults.KEYS_UNUSABLE, f"{where}: not a key set ({type(error).__name__})") from None
    if not keys:
        raise BadInput(faults.KEYS_UNUSABLE, f"{where}: an empty key set")
    return keys
