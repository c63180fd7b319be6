"""What is said on the cable of an LCDM-4000 (ID 30), as values; `core.wire.lcdm30` turns them into bytes and back.

Sources, and what they leave open, stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

BASE: Final = 0x20  # added to every small number
_FILL_9: Final = b"\x20" * 9


class Command(IntEnum):
    """CMD [2+], the last five [1]."""

    RESET = 0x44
    STATUS = 0x50
    PURGE = 0x51
    DISPENSE = 0x52
    TEST = 0x53
    LAST_STATUS = 0x55
    SENSORS = 0x58
    SET_LENGTHS = 0x5E
    GET_LENGTHS = 0x5F
    GET_SERIAL = 0x67
    VERSION = 0x71


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between machines, or between the sources [?].

    `status_sizes`: whole lengths a STATUS reply may have; the first is the one a device writes. `bits_offset`: bit
    fields carry + 20h as numbers do; else they stand as they are. Only the solenoid's bit (20h) looks different then.
    The bits above are masked.
    """

    status_sizes: tuple[int, ...] = (24, 25)
    bits_offset: bool = True

    @property
    def base(self) -> int:
        return BASE if self.bits_offset else 0


AS_KNOWN: Final = Dialect()


# -- what the host says ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """A command without numbers: all but DISPENSE, TEST and SET_LENGTHS."""

    command: Command


@dataclass(frozen=True, slots=True)
class Dispense:
    """Notes of each of the four places; `timeout` in the device's own unit. With a `serial`: the old form."""

    counts: tuple[int, ...]
    timeout: int | None = None
    serial: int | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class SetLengths:
    """The lengths of the four places' notes in slits (`slits`), 0 for an unused place."""

    slits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A whole frame with a right BCC whose data has no known layout; `body` is CMD and data."""

    body: bytes


Asked = Ask | Dispense | SetLengths | Unknown


# -- what the device says ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """RESET, PURGE or SET_LENGTHS has ended."""

    command: Command
    error: int


@dataclass(frozen=True, slots=True)
class Paid:
    """One place's part of a dispense. `kind` as the cassette says: 30 = no cassette, 31-34."""

    exited: int
    rejected: int
    kind: int = 0x30


@dataclass(frozen=True, slots=True)
class Dispensed:
    """The end of a DISPENSE or TEST; in LAST_STATUS, of the command `last`. `misc` and `rest` are not understood."""

    command: Command
    error: int
    paid: tuple[Paid, ...]
    last: int | None = None
    misc: int = 0x20
    rest: bytes = _FILL_9


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a STATUS reply. `kind` as in `Paid`; `rest` two bytes nobody explains."""

    check_left: bool = False
    check_right: bool = False
    present: bool = False
    low: bool = False
    kind: int = 0x30
    rest: bytes = b"\x20\x20"


SENSORS: Final = ("DVTL", "DVTR", "EJT", "EXIT", "RJT", "SOL")  # of the dispenser byte, from bit 0


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`active` names the sensors of the path that see something (RJT, SOL: the tray's and the solenoid's sensor)."""

    error: int
    active: tuple[str, ...]
    places: tuple[Place, ...]
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class Lengths:
    error: int
    slits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Serial:
    """The number of the last DISPENSE of the old form."""

    error: int
    serial: int


Reply = Done | Dispensed | StatusReport | Lengths | Serial | Unknown


def slits(length_mm: int) -> int:
    """A note's length as the device counts it: slits of 0.785 mm [1]. 136 mm (1,000 won) gives 173."""
    return length_mm * 1000 // 785
