"""What the blocks of an F53/F56 say: the conventional set (4 cassettes) and the enhanced set (8 cassettes).

Sources: conventional from lamassu's f56 driver [1], enhanced from CashVault's F53 driver [1]; the error numbers from
Fujitsu's K3KD03234-0001 as a third driver quotes it. Open [?]: the head and length of a conventional status reply
(`Dialect`), the parameters of the enhanced init. The counts stand in an error reply too, unless the error says that
they are not available (`core.wire.f56_errors`, FC and FD); then they are None and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from core.wire.serial_frames import BadFrame

FS: Final = 0x1C
NOTES_MAX: Final = 20  # of one cassette and command [2+]
SPREAD_MM: Final = 10  # how much longer or shorter than its kind a note may be, as lamassu sets it
REJECTS: Final = 4  # as lamassu sets them
RETRIES: Final = 3
POLYMER: Final = 0x40  # ODR of init
COUNT_ODR: Final = 0xE4  # ODR of the conventional count, as lamassu sends it
_COUNT_KEY: Final = bytes.fromhex("FE DC BA 98")  # begins the parameters of the enhanced count
_ENHANCED: Final = b"\xff\x00"


class Enhanced(IntEnum):
    """DH1 of the enhanced set."""

    STATUS = 0x01
    INIT = 0x02
    COUNT = 0x03
    CANCEL = 0x10
    AUTO_REJECT_COUNT = 0x11
    LOG = 0x12
    LOG_2 = 0x13
    WAIT_SENSOR = 0x14


# Whole lengths of the enhanced replies, DH0 to FS.
ENHANCED_SIZES: Final[Mapping[int, int]] = {
    Enhanced.STATUS: 91,
    Enhanced.INIT: 107,
    Enhanced.COUNT: 313,
    Enhanced.CANCEL: 91,
    Enhanced.LOG: 1115,
    Enhanced.LOG_2: 1115,
    Enhanced.WAIT_SENSOR: 91,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a device writes a conventional status reply [?]; a host reads any head and length."""

    status_head: int = 0x80
    status_params: int = 0x34


AS_KNOWN: Final = Dialect()


# -- what the host says ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskStatus:
    """The conventional status."""


@dataclass(frozen=True, slots=True)
class Init:
    """Lengths as (longest, shortest) in mm, thickness in 0.01 mm, of four cassettes; (0, 0) for an unused one.

    An init may drive notes on the path out to the customer or the reject box: journal before.
    """

    lengths: tuple[tuple[int, int], ...]
    thickness: tuple[int, ...]
    odr: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """Count out notes: four cassettes in the conventional form, eight in the enhanced one."""

    counts: tuple[int, ...]
    rejects: int = REJECTS
    retries: int = RETRIES


@dataclass(frozen=True, slots=True)
class EnhancedAsk:
    """Any other command of the enhanced set, with its parameters as they travel."""

    command: Enhanced
    params: bytes = b"\0"


@dataclass(frozen=True, slots=True)
class Other:
    """A block with a right CRC and a layout we do not know."""

    data: bytes


Asked = AskStatus | Init | Count | EnhancedAsk | Other
WAIT_REMOVED: Final = EnhancedAsk(Enhanced.WAIT_SENSOR, bytes.fromhex("1F 1F 1F 1F 1F 1F 00 00 1F 00"))


# -- what the device says ----------------------------------------------------------------------------


class Class(IntFlag):
    """Error class of the enhanced set's common part, byte +6."""

    NOTHING = 0
    NOT_READY = 0x01
    JAM = 0x02
    COUNT_INCOMPLETE = 0x04
    HARDWARE = 0x08
    INCONSISTENT = 0x10
    NOTHING_THERE = 0x20
    MEDIUM = 0x40
    PARAMETER = 0x80


class Detail(IntFlag):
    """Error detail, byte +7."""

    NOTHING = 0
    CASSETTE = 0x01
    REJECT_FULL = 0x04
    COUNT_MISMATCH = 0x08
    MEDIUM_LEFT = 0x20
    HARDWARE = 0x40


@dataclass(frozen=True, slots=True)
class CassetteRegister:
    """One of the four cassette registers, byte +15 and on."""

    low: bool = False
    no_denomination: bool = False
    out_of_place: bool = False
    magnets: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Any reply whose layout is known. `failed`: DH0 is F0. `error` 0 when all is well; `detail` its second byte.

    `dispensed` and `rejected` of each cassette after a count, None where the reply has no such digits. `sensors` are
    the six bytes of the sensor register; `classes` to `registers` the enhanced set only.
    """

    command: int
    enhanced: bool
    failed: bool = False
    error: int = 0
    detail: int = 0
    sensors: bytes = bytes(6)
    dispensed: tuple[int, ...] | None = None
    rejected: tuple[int, ...] | None = None
    version: bytes = bytes(4)
    classes: Class = Class.NOTHING
    details: Detail = Detail.NOTHING
    count_errors: int = 0
    registers: tuple[CassetteRegister, ...] = ()

    @property
    def at_exit(self) -> bool:
        """Notes wait at the exit, not yet taken: 10h of byte 0E, the third of the sensor register [1]."""
        return bool(self.sensors[2] & 0x10)


@dataclass(frozen=True, slots=True)
class Undefined:
    """``F0 00 02 e1 e2``: the device did not take the command."""

    error: int
    detail: int


Reply = Answer | Undefined | Other


def lengths_of(length_mm: int) -> tuple[int, int]:
    """The longest and shortest a note of `length_mm` may be. 148 mm (10,000 won) gives (158, 138)."""
    return length_mm + SPREAD_MM, length_mm - SPREAD_MM


def digits(number: int) -> bytes:
    """Two digits, each with even parity in bit 7: 0..9 = 30 B1 B2 33 B4 35 36 B7 B8 39. Raises `BadFrame`."""
    if not 0 <= number <= 99:
        raise BadFrame("f56", "range")
    return bytes(byte | byte.bit_count() % 2 << 7 for byte in b"%02d" % number)


def number(two: bytes) -> int | None:
    """The inverse. The parity bit is not asked for: line and CRC have checked it, and a device may leave it out."""
    plain = bytes(byte & 0x7F for byte in two)
    return int(plain) if len(plain) == 2 and plain.isdigit() else None
