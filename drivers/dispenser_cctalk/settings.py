"""What a configuration may say about the hoppers of one ccTalk bus."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.settings import limits
from core.wire.cctalk import Check

KIND: Final = "dispenser"
HOPPERS: Final = range(3, 11)  # the addresses ccTalk gives to payouts


class Security(Enum):
    """What a payout order carries. Hoppers with a real cipher cannot be driven: it is not public."""

    NOENCRYPT = "noencrypt"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Settings:
    """`addresses` one hopper each; place 1 is the first. `echo` the adapter lets us hear our own bytes.

    Open on real hardware: `cipher_first` ask for a cipher key (160) before each payout, as an SCH2 wants it even in its
    NOENCRYPT version; `level_sensors` ask 217 for the low mark; `uncounted_max` coins that may fall without being
    counted when the power goes in a payout (0: the hopper's memory is exact, as its manual says).
    """

    port: str
    baud: int = 9600
    addresses: tuple[int, ...] = (3,)
    echo: bool = True
    check: Check = Check.SUM
    security: Security = Security.NOENCRYPT
    cipher_first: bool = True
    level_sensors: bool = False
    uncounted_max: int = field(default=0, metadata=limits(0, 5))

    def __post_init__(self) -> None:
        if not self.addresses or len(set(self.addresses)) < len(self.addresses):
            raise ValueError("addresses: each hopper needs an address of its own")
        if not all(address in HOPPERS for address in self.addresses):
            raise ValueError("addresses: hoppers have 3 to 10")
