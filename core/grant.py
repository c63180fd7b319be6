"""The technician's grant: who may do what at which cash side, answered to a challenge that side gave.

There is no standing credential. The vault gives a challenge, the technician types it at the operator's page, the
exchange signs a grant for it; the grant's life is counted from the challenge, on the vault's own monotonic clock.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.codec import BadMessage, from_plain
from core.sealed import SEAL_MAX

GRANT: Final = "cg1"
GRANT_MAX_MS: Final = 4 * 3_600_000  # an offline visit: longer is another grant


class Right(Enum):
    """What a grant allows. COUNT is given to two persons, who count without seeing each other's figures."""

    LOAD = "load"
    COUNT = "count"
    TEST = "test"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Grant:
    """`person` is a name the operator knows them by; `challenge` 10 characters the vault gave; `life_ms` from then."""

    terminal: str
    vault: str
    person: str
    rights: tuple[Right, ...]
    challenge: str
    life_ms: int

    def __post_init__(self) -> None:
        if not 0 < self.life_ms <= GRANT_MAX_MS:
            raise ValueError(f"a grant lives up to {GRANT_MAX_MS} ms")
        if not self.person or not self.rights:
            raise ValueError("a grant is for somebody and something")


class NoGrant(ValueError):
    """The text is no grant; it is never repeated here, as it opens a machine while it lives."""


def claims(text: str) -> Grant:
    """What a sealed grant says of itself, read without asking who signed it: only to show it. The cash side alone
    decides whether it holds. Raises `NoGrant` and nothing else."""
    parts = text.split(".") if len(text) <= SEAL_MAX and text.isascii() else []
    if len(parts) != 4 or parts[0] != GRANT:
        raise NoGrant("not a grant")
    try:
        body = base64.b64decode(parts[2] + "=" * (-len(parts[2]) % 4), altchars=b"-_", validate=True)
        return from_plain(Grant, json.loads(body))
    except (BadMessage, ValueError, RecursionError):
        raise NoGrant("not a whole grant") from None
