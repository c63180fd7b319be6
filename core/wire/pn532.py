"""PN532 host frames: what travels between a host and NXP's NFC chip on a serial line.

Source: NXP UM0701-02 "PN532 User Manual", section 6.2.1 (frames) and 7 (commands); section numbers stand
beside each name. `Parser` is incremental: however the bytes are split, the same frames come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

HOST_TO_CHIP: Final = 0xD4  # TFI, 6.2.1.1
CHIP_TO_HOST: Final = 0xD5
ERROR_TFI: Final = 0x7F  # 6.2.1.5

ACK: Final = bytes.fromhex("0000ff00ff00")  # 6.2.1.3
NACK: Final = bytes.fromhex("0000ffff0000")  # 6.2.1.4
ERROR: Final = bytes.fromhex("0000ff01ff7f8100")  # 6.2.1.5, "application level error"

NORMAL_MAX: Final = 255  # TFI and data of a normal frame: LEN is one byte, and FF announces an extended frame
EXTENDED_MAX: Final = 265  # TFI and data: 264 bytes of packet data beside the TFI, 6.2.1.2


class Command(IntEnum):
    """Command codes PD0 (section). The chip's answer carries the code plus one."""

    DIAGNOSE = 0x00  # 7.2.1
    GET_FIRMWARE_VERSION = 0x02  # 7.2.2
    GET_GENERAL_STATUS = 0x04  # 7.2.3
    READ_REGISTER = 0x06  # 7.2.4
    WRITE_REGISTER = 0x08  # 7.2.5
    SET_SERIAL_BAUD_RATE = 0x10  # 7.2.8
    SET_PARAMETERS = 0x12  # 7.2.9
    SAM_CONFIGURATION = 0x14  # 7.2.10
    POWER_DOWN = 0x16  # 7.2.11
    RF_CONFIGURATION = 0x32  # 7.3.1
    IN_LIST_PASSIVE_TARGET = 0x4A  # 7.3.5
    IN_DATA_EXCHANGE = 0x40  # 7.3.8
    IN_COMMUNICATE_THRU = 0x42  # 7.3.9
    IN_DESELECT = 0x44  # 7.3.10
    IN_RELEASE = 0x52  # 7.3.11


class Status(IntEnum):
    """Error codes in the first byte of an answer (7.1)."""

    OK = 0x00
    TIME_OUT = 0x01
    CRC = 0x02
    PARITY = 0x03
    COLLISION = 0x06
    BUFFER = 0x07
    RF_PROTOCOL = 0x0B
    PARAMETER = 0x10
    CONTEXT = 0x27


class RfItem(IntEnum):
    """Items of RFConfiguration (7.3.1)."""

    FIELD = 0x01
    TIMINGS = 0x02
    MAX_RTY_COM = 0x04
    MAX_RETRIES = 0x05
    ANALOG_106A = 0x0A
    ANALOG_212_424 = 0x0B
    ANALOG_B = 0x0C
    ANALOG_14443_4 = 0x0D


class BrTy(IntEnum):
    """Modulation and bit rate of InListPassiveTarget (7.3.5)."""

    A_106 = 0x00
    F_212 = 0x01
    F_424 = 0x02
    B_106 = 0x03
    JEWEL_106 = 0x04


class Register(IntEnum):
    """Registers of the contactless unit (8.6.23 of the PN532/C1 data sheet) a host reads or writes here."""

    TX_MODE = 0x6302
    RX_MODE = 0x6303
    TX_CONTROL = 0x6304
    TX_AUTO = 0x6305
    FIFO_DATA = 0x6339


RX_CRC_ON: Final = 0x80  # RxCRCEn of RX_MODE: the chip checks and removes the card's CRC


class BadFrame(ValueError):
    """Bytes that are no frame: `reason` is one of ``length checksum postamble size``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a PN532 frame: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Data:
    """An information frame: `tfi` says the direction, `body` is PD0 (command or answer code) and what follows."""

    tfi: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Acked:
    """The ACK frame; from the host it also cancels the command under way."""


@dataclass(frozen=True, slots=True)
class Nacked:
    """The NACK frame: the host asks for the last answer again."""


@dataclass(frozen=True, slots=True)
class Errored:
    """The error frame: the chip did not understand the command."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A start of frame was seen, but what followed was none; `reason` as in `BadFrame`."""

    reason: str


Frame = Data | Acked | Nacked | Errored | Broken


def encode(tfi: int, body: bytes) -> bytes:
    """An information frame, extended when it does not fit a normal one. Raises `BadFrame` above the limit."""
    packet = bytes([tfi]) + body
    size = len(packet)
    if size > EXTENDED_MAX:
        raise BadFrame("size")
    if size < NORMAL_MAX:
        head = bytes([size, -size & 0xFF])
    else:
        high, low = divmod(size, 256)
        head = bytes([0xFF, 0xFF, high, low, -(high + low) & 0xFF])
    return b"\x00\x00\xff" + head + packet + bytes([-sum(packet) & 0xFF, 0])


def command(code: Command, data: bytes = b"") -> bytes:
    """A command of the host."""
    return encode(HOST_TO_CHIP, bytes([code]) + data)


def response(code: int, data: bytes = b"") -> bytes:
    """The chip's answer to the command `code`."""
    return encode(CHIP_TO_HOST, bytes([code + 1]) + data)


class Parser:
    """Bytes in, frames out. Anything before a start code (preamble, wake-up bytes, noise) is skipped (6.2.1.6).

    It keeps at most one unfinished frame; a length that cannot be is refused at once, so noise can never
    make it wait for more than `EXTENDED_MAX` bytes.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> tuple[Frame, ...]:
        """The frames completed by `data`, in order."""
        self._held += data
        frames: list[Frame] = []
        while True:
            frame = self._next()
            if frame is None:
                return tuple(frames)
            frames.append(frame)

    def _next(self) -> Frame | None:
        start = self._held.find(b"\x00\xff")
        if start < 0:
            # A last 00 may be the first half of the start code; nothing else is worth keeping.
            del self._held[: len(self._held) - (1 if self._held.endswith(b"\x00") else 0)]
            return None
        del self._held[:start]
        held = self._held
        if len(held) < 4:
            return None
        if held[2:4] == b"\x00\xff":
            return self._take(4, Acked())
        if held[2:4] == b"\xff\x00":
            return self._take(4, Nacked())
        if held[2:4] == b"\xff\xff":
            return self._extended()
        if (held[2] + held[3]) & 0xFF or not held[2]:  # a data frame has at least its TFI
            return self._skip("length")
        return self._packet(4, held[2])

    def _extended(self) -> Frame | None:
        held = self._held
        if len(held) < 7:
            return None
        size = held[4] << 8 | held[5]
        if sum(held[4:7]) & 0xFF or not 1 <= size <= EXTENDED_MAX:
            return self._skip("length")
        return self._packet(7, size)

    def _packet(self, head: int, size: int) -> Frame | None:
        end = head + size
        if len(self._held) < end + 1:
            return None
        packet = bytes(self._held[head:end])
        if (sum(packet) + self._held[end]) & 0xFF:
            return self._skip("checksum")
        if packet == bytes([ERROR_TFI]):
            return self._take(end + 1, Errored())
        return self._take(end + 1, Data(packet[0], packet[1:]))

    def _take(self, size: int, frame: Frame) -> Frame:
        # The postamble (00) is left: it is skipped as the preamble of whatever comes next.
        del self._held[:size]
        return frame

    def _skip(self, reason: str) -> Frame:
        # Only the start code goes: a whole frame may stand inside what noise made look like a longer one.
        del self._held[:2]
        return Broken(reason)
