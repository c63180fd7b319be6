"""The dispense authority: the exchange's word that this machine may pay this much, once.

The cash side gives a nonce; the exchange binds transaction, nonce and amount under its signature; the cash side checks
it and counts it down. Notes never move without one. Its life is counted from the moment the nonce was given, on the
cash side's own monotonic clock: no wall clock decides, and a power cut ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.ids import TxnId
from core.messages.money import WireMoney

AUTHORITY: Final = "ca1"
LIFE_MAX_MS: Final = 120_000  # the longest way from nonce to notes: a quote read out, a confirmation, one retry
_NONCE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Authority:
    """`vault` is the key id of the cash side it is for, `nonce` 16 bytes in hex that this vault gave out for `txn`;
    `most` what may be paid in all; `life_ms` how long after the nonce was given the first note may move."""

    terminal: str
    vault: str
    txn: TxnId
    nonce: str
    most: WireMoney
    life_ms: int

    def __post_init__(self) -> None:
        if not _NONCE.fullmatch(self.nonce):
            raise ValueError("a nonce is 16 bytes in hex")
        if not 0 < self.life_ms <= LIFE_MAX_MS:
            raise ValueError(f"an authority lives up to {LIFE_MAX_MS} ms")
        if self.most.money().minor <= 0:
            raise ValueError("an authority is for something")


def is_nonce(text: str) -> bool:
    return bool(_NONCE.fullmatch(text))
