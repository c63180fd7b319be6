"""ID-003: the frames between a host and a JCM bill acceptor.

Sources: lamassu's ID-003 driver, CashVault, Portalum.Id003, pyid003, which agree [2+]. Nothing here was tried on real
hardware by us. 9600 (19200 by switch) 8E1; ``FC LEN CMD DATA… CRC_lo CRC_hi``, LEN counts the whole frame, the
CRC is CRC-16/KERMIT over FC to DATA. The host polls every 100-200 ms, the device answers within 50 ms; a setting is
answered by its echo.

One number means one thing from the host and another from the device (40: reset, and power-up), so a frame is read with
its direction in mind. Credit is owed exactly once for each VEND_VALID: journal it before ACK is sent, for until then
the device repeats it; after a power-up with a bill in the stacker it may still be owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from core.wire.serial_frames import BadFrame, Found, Look, More, Nothing, Reader, Refused, crc_kermit

START: Final = 0xFC
OVERHEAD: Final = 5
FRAME_MAX: Final = 255  # LEN is one byte
BARCODE: Final = 0x6F  # the escrow code of a ticket


class Host(IntEnum):
    """What the host sends."""

    STATUS = 0x11
    RESET = 0x40
    STACK_1 = 0x41
    STACK_2 = 0x42
    RETURN = 0x43
    HOLD = 0x44
    ACK = 0x50
    GET_ENABLE = 0x80
    GET_SECURITY = 0x81
    GET_MODE = 0x82
    GET_INHIBIT = 0x83
    GET_DIRECTION = 0x84
    GET_OPTIONS = 0x85
    GET_86 = 0x86
    GET_87 = 0x87
    VERSION = 0x88
    BOOT_VERSION = 0x89
    DENOMINATIONS = 0x8A
    ENABLE = 0xC0  # two bytes, a set bit switches a kind of bill off
    SECURITY = 0xC1
    MODE = 0xC2
    INHIBIT = 0xC3  # 1 takes no bills
    DIRECTION = 0xC4
    OPTIONS = 0xC5


class Device(IntEnum):
    """What the device answers; beside these, echoes of C0 and on, and answers to 80 and on under their number."""

    IDLE = 0x11
    ACCEPTING = 0x12
    ESCROW = 0x13
    STACKING = 0x14
    VEND_VALID = 0x15
    STACKED = 0x16
    REJECTING = 0x17
    RETURNING = 0x18
    HOLDING = 0x19
    DISABLED = 0x1A
    INITIALISING = 0x1B
    POWER_UP = 0x40
    POWER_UP_BILL_IN_ACCEPTOR = 0x41
    POWER_UP_BILL_IN_STACKER = 0x42
    STACKER_FULL = 0x43
    STACKER_OPEN = 0x44
    JAM_IN_ACCEPTOR = 0x45
    JAM_IN_STACKER = 0x46
    PAUSE = 0x47
    CHEATED = 0x48
    FAILURE = 0x49
    COMMUNICATION_ERROR = 0x4A
    INVALID_COMMAND = 0x4B
    ACK = 0x50


# A VEND_VALID after one of these is a new bill; without one between, it is the same bill said again.
BETWEEN_BILLS: Final = frozenset({Device.IDLE, Device.ACCEPTING, Device.ESCROW, Device.STACKED})


@dataclass(frozen=True, slots=True)
class Frame:
    """CMD and DATA of one whole frame with a right CRC."""

    code: int
    data: bytes = b""


def encode(frame: Frame) -> bytes:
    """Raises `BadFrame` when the data is too long."""
    size = len(frame.data) + OVERHEAD
    if size > FRAME_MAX:
        raise BadFrame("id003", "size")
    raw = bytes([START, size, frame.code]) + frame.data
    return raw + crc_kermit(raw).to_bytes(2, "little")


def reader() -> Reader[Frame]:
    """The ears of either side."""
    return Reader(_look)


def _look(held: bytes) -> Look[Frame]:
    if held[0] != START:
        return Nothing()
    if len(held) < 2:
        return More(2)
    size = held[1]
    if size < OVERHEAD:
        return Refused(2, "shape")
    if len(held) < size:
        return More(size)
    if crc_kermit(held[: size - 2]) != int.from_bytes(held[size - 2 : size], "little"):
        return Refused(size, "checksum")
    return Found(size, Frame(held[2], held[3 : size - 2]), checked=True)


@dataclass(frozen=True, slots=True)
class Denomination:
    """One row of the denomination table: the escrow code, the country's number, and value times ten to `exponent`."""

    code: int
    country: int
    value: int
    exponent: int

    @property
    def face(self) -> int:
        """Whole units of the currency; 0 means that the code is not used."""
        face: int = self.value * 10**self.exponent
        return face


def denominations(data: bytes) -> tuple[Denomination, ...]:
    """The answer to DENOMINATIONS: four bytes a row. Raises `BadFrame`."""
    if len(data) % 4:
        raise BadFrame("id003", "shape")
    return tuple(Denomination(*data[at : at + 4]) for at in range(0, len(data), 4))


def denomination_data(rows: tuple[Denomination, ...]) -> bytes:
    """The inverse of `denominations`."""
    return bytes(part for row in rows for part in (row.code, row.country, row.value, row.exponent))


def same_bill(since_vend: tuple[int, ...]) -> bool:
    """Is a VEND_VALID the one already credited? `since_vend`: the device's codes since that one, in order."""
    return not BETWEEN_BILLS.intersection(since_vend)
