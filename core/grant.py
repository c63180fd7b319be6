"""The technician's grant: who may do what at which cash side, answered to a challenge that side gave.

There is no standing credential. The vault gives a challenge, the technician types it at the operator's page, the
exchange signs a grant for it; the grant's life is counted from the challenge, on the vault's own monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

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
