"""The personal identification code: 18 digits that name a wallet for half a minute.

``PP HHHHHHHHH CCCCCC K`` = scheme (2) - handle of the day (9) - time code (6) - Damm check digit (1).
The handle names the wallet without being a fixed number: it changes every day, at a time of day that
belongs to the member, and two handles of one member cannot be linked without the key. The time code is
RFC 6238 (TOTP, HMAC-SHA-256, 30 s, 6 digits). The same string is shown as QR, as Code 128, sent by NFC,
typed on a keypad or read aloud in groups, and it can be made by a phone that is offline.

Single use, lock-out and the accepted window live where the codes are redeemed; this file only knows
how a code is made and read.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from core.moment import Moment

SCHEME = "27"  # clear of 10-15 and 25-30 used by the large wallets of the region, and of 62
SLOT_MS = 30_000
DAY_MS = 86_400_000
LENGTH = 18
KEY_BYTES = 32  # the length of the hash, as RFC 6238 appendix B does
HANDLES = 10**9
TIME_CODES = 10**6

# Damm (2004): the totally anti-symmetric quasigroup of order 10 given in his thesis. It catches every
# single wrong digit and every swap of two neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class BadCode(ValueError):
    """A text that cannot be a personal code; `reason` is one of ``length digits scheme check``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a personal code: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PersonalCode:
    """A well-formed code. Its digits are a secret of half a minute: `str` and `repr` show none of them."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> PersonalCode:
        """Read 18 digits, with or without spaces or hyphens between groups. Raises `BadCode`."""
        digits = text.replace(" ", "").replace("-", "")
        if not (digits.isascii() and digits.isdigit()):
            raise BadCode("digits")
        if len(digits) != LENGTH:
            raise BadCode("length")
        if not digits.startswith(SCHEME):
            raise BadCode("scheme")
        if damm(digits) != 0:
            raise BadCode("check")
        return cls(digits)

    @property
    def handle(self) -> int:
        return int(self.digits[2:11])

    @property
    def time_code(self) -> int:
        return int(self.digits[11:17])

    def grouped(self) -> str:
        """For a person's eyes: six groups of three."""
        return " ".join(self.digits[i : i + 3] for i in range(0, LENGTH, 3))

    def __str__(self) -> str:
        return "PersonalCode(...)"

    __repr__ = __str__


def compose(handle: int, time_code: int) -> PersonalCode:
    """The code of a handle and a time code; also for random codes issued to a phone that is online."""
    if not (0 <= handle < HANDLES and 0 <= time_code < TIME_CODES):
        raise ValueError("handle or time code out of range")
    body = f"{SCHEME}{handle:09d}{time_code:06d}"
    return PersonalCode(body + str(damm(body)))


def derive(key: bytes, roll_ms: int, at: Moment) -> PersonalCode:
    """The member's code at a moment. `key`: 32 bytes. `roll_ms`: when in the day the handle changes."""
    return compose(handle_of(key, day_of(roll_ms, at)), time_code_of(key, slot_of(at)))


def slot_of(at: Moment) -> int:
    """The number of the half minute, counted from 1970 (RFC 6238 T with T0 = 0, X = 30)."""
    return at.ms // SLOT_MS


def slot_start(slot: int) -> Moment:
    return Moment(slot * SLOT_MS)


def day_of(roll_ms: int, at: Moment) -> int:
    """The member's own day number: it turns `roll_ms` after midnight UTC, so that not all turn at once."""
    return (at.ms - roll_ms) // DAY_MS


def handle_of(key: bytes, day: int) -> int:
    """Which of the 10^9 handles the wallet answers to on that day."""
    digest = _digest(key, b"H" + day.to_bytes(8, signed=True))
    return int.from_bytes(digest[:8]) % HANDLES


def time_code_of(key: bytes, slot: int) -> int:
    """RFC 6238 with HMAC-SHA-256, 30 s and six digits; truncation is RFC 4226 section 5.3."""
    digest = _digest(key, slot.to_bytes(8))
    offset = digest[-1] & 15
    return (int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % TIME_CODES


def damm(digits: str) -> int:
    """Damm's check digit of `digits`; zero when the last one already is the check digit."""
    row = 0
    for digit in digits:
        row = _DAMM[row][ord(digit) - 48]
    return row


def _digest(key: bytes, text: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a code key has {KEY_BYTES} bytes")
    return hmac.digest(key, text, "sha256")
