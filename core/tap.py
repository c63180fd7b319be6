"""What a tapped phone signs: the answer to AUTHORISE, bound to terminal, nonce, amount and mode.

The phone and the exchange build the same bytes from the same facts and compare one MAC. The bytes are
versioned and every field is preceded by its length, so that no two different sets of facts give the same
bytes. The key is derived from the member's one secret (`core.code`) by HKDF (RFC 5869), under a label of
its own: knowing the tap key tells nothing about the codes, and the other way round.

Whether a nonce is fresh and a counter is new is decided where taps are redeemed, not here.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

from core.code import KEY_BYTES
from core.messages.money import WireMoney

MAGIC: Final = b"TILLMARK-TAP\x01"  # the last byte is the version of this layout
NONCE_BYTES: Final = 16
MAC_BYTES: Final = 16  # half of SHA-256 (RFC 2104 section 5): the answer stays small, a blind guess is 2^-128
COUNTER_MAX: Final = 2**32 - 1
TERMINAL_MAX: Final = 32  # a terminal id is 26 characters; AUTHORISE must fit one short APDU of 255 bytes
MODE_MAX: Final = 16
_TERMINAL = re.compile(r"[!-~]{1,32}", re.ASCII)
_MODE = re.compile(r"[a-z][a-z0-9_]{0,15}", re.ASCII)
_NONCE = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)
_HANDLE = re.compile(r"[0-9]{9}", re.ASCII)


class BadTap(ValueError):
    """A fact that cannot stand in a tap; `field` is one of ``terminal nonce amount mode handle counter``."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the {field} of a tap is malformed")
        self.field = field


@dataclass(frozen=True, slots=True)
class TapFacts:
    """What the terminal asks a phone to bind its answer to, checked. Raises `BadTap`.

    `terminal` 1-32 visible ASCII characters; `nonce` 16 bytes; `amount` not negative; `mode` 1-16
    characters ``a-z 0-9 _``.
    """

    terminal: str
    nonce: bytes
    amount: WireMoney
    mode: str

    def __post_init__(self) -> None:
        if not _TERMINAL.fullmatch(self.terminal):
            raise BadTap("terminal")
        if len(self.nonce) != NONCE_BYTES:
            raise BadTap("nonce")
        if self.amount.money().minor < 0:
            raise BadTap("amount")
        if not _MODE.fullmatch(self.mode):
            raise BadTap("mode")


def nonce_bytes(nonce_hex: str) -> bytes:
    """16 bytes from 32 hex digits. Raises `BadTap`."""
    if not _NONCE.fullmatch(nonce_hex):
        raise BadTap("nonce")
    return bytes.fromhex(nonce_hex)


def tap_message(terminal: str, nonce_hex: str, amount: WireMoney, mode: str, handle: str, counter: int) -> bytes:
    """The bytes under the MAC. `handle` nine digits, `counter` 0 to 2^32 - 1. Raises `BadTap`.

    Layout: `MAGIC`, then each of terminal, nonce, asset code, scale (1 byte), minor units (8 bytes), mode,
    handle, counter (4 bytes), as two bytes of length and the bytes; numbers big-endian. Minor units, not
    text, so that "5" and "5.00" are the same amount.
    """
    facts = TapFacts(terminal, nonce_bytes(nonce_hex), amount, mode)
    if not _HANDLE.fullmatch(handle):
        raise BadTap("handle")
    if not 0 <= counter <= COUNTER_MAX:
        raise BadTap("counter")
    money = facts.amount.money()
    fields = (
        facts.terminal.encode(),
        facts.nonce,
        money.asset.code.encode(),
        money.asset.scale.to_bytes(1),
        money.minor.to_bytes(8),
        facts.mode.encode(),
        handle.encode(),
        counter.to_bytes(4),
    )
    return MAGIC + b"".join(len(field).to_bytes(2) + field for field in fields)


def tap_key(code_key: bytes) -> bytes:
    """The 32-byte tap key of a member's 32-byte code key: HKDF-SHA-256 (RFC 5869), one block."""
    if len(code_key) != KEY_BYTES:
        raise ValueError(f"a code key has {KEY_BYTES} bytes")
    prk = hmac.digest(b"tillmark member secret", code_key, "sha256")
    return hmac.digest(prk, b"tap 1" + b"\x01", "sha256")


def tap_mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 of `message` under the *tap* key, its first 16 bytes (RFC 2104 section 5)."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a tap key has {KEY_BYTES} bytes")
    return hmac.digest(key, message, "sha256")[:MAC_BYTES]


def same_mac(left: bytes, right: bytes) -> bool:
    """Compare two MACs in constant time, so that a forger learns nothing from how long a refusal takes."""
    return hmac.compare_digest(left, right)
