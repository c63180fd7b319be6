"""The key a machine shares with its cash side, for machines that ask for a token themselves (XFS4IoT end to end).

The key is the HMAC key that the maker or the installer put into the machine; here it is one file of hexadecimal digits,
readable by the cash side's user alone. It never leaves this object: a token is made, the key is not told.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import Final

from core.money import Money
from core.wire.xfs4iot_token import Amount, BadToken, for_dispense
from device.vault.keys import BadVaultKey

FILE_MAX: Final = 1_024
KEY_MIN, KEY_MAX = 32, 64  # bytes: at least the output of SHA-256, at most its block


class EndToEndKey:
    """Makes the tokens of one machine (`device.vault.setup.TokenMaker`). `repr` shows nothing of the key."""

    def __init__(self, key: bytes) -> None:
        if not KEY_MIN <= len(key) <= KEY_MAX:
            raise BadVaultKey(f"an end-to-end key has {KEY_MIN} to {KEY_MAX} bytes")
        self._key = key

    @classmethod
    def load(cls, path: Path) -> EndToEndKey:
        """Read hexadecimal digits. Raises `BadVaultKey` (not there, readable by others, not a key)."""
        try:
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise BadVaultKey(f"{path} can be read by others")
                text = file.read(FILE_MAX)
        except OSError as error:
            raise BadVaultKey(f"{path}: {error.strerror}") from None
        try:
            return cls(bytes.fromhex(text.decode("ascii").strip()))
        except ValueError:
            raise BadVaultKey(f"{path} holds no hexadecimal digits") from None

    def mac(self, signed: bytes) -> bytes:
        """HMAC-SHA256."""
        return hmac.new(self._key, signed, hashlib.sha256).digest()

    def token(self, nonce: str, most: Money) -> str:
        """Lets at most `most` out, once; "" for a nonce that is none, and then nothing moves."""
        try:
            return for_dispense(nonce, Amount(most.minor, most.asset.code, most.asset.scale), self.mac)
        except BadToken:
            return ""

    def __repr__(self) -> str:
        return "EndToEndKey()"
