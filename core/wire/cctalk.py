"""ccTalk: the frames of a bus that coin hoppers and bill validators share with the host.

Sources: Money Controls SCH2 manual TSP016 and Suzohapp Flow manual [S], mordae/cctalk, qt-cctalk, ccTalk4j. Nothing
here was tried on real hardware by us. What the frames say stands in `core.wire.cctalk_messages`.

``DEST LEN SRC HDR DATA… CHK``, all bytes sum to 0 mod 256; or with a CRC, ``DEST LEN CRC_lo HDR DATA… CRC_hi``,
CRC-16/XMODEM over DEST, LEN, HDR and DATA, replies go to 1. 9600 8N1, one wire: the host hears its own bytes and must
take exactly those away. No byte marks a beginning: after anything spoilt only silence (50 ms) does, so everything up to
it is dropped. A device answers nothing to a bad frame. The sum is blind to bytes that change places.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.wire.serial_frames import BadFrame, Broken, crc_xmodem

BROADCAST, HOST, COIN_ACCEPTOR, HOPPER, BILL_VALIDATOR = 0, 1, 2, 3, 40
OVERHEAD: Final = 5
DATA_MAX: Final = 255  # LEN is one byte
SILENCE_MS: Final = 50  # the longest pause inside a frame


class Check(Enum):
    """How frames are checked on this bus; all devices of a bus agree."""

    SUM = "sum"
    CRC = "crc"


@dataclass(frozen=True, slots=True)
class Message:
    """One frame. `header` in decimal as in the manuals. In a CRC frame there is no sender: `src` is None."""

    dest: int
    header: int
    data: bytes = b""
    src: int | None = HOST


Heard = Message | Broken


def encode(message: Message, check: Check = Check.SUM) -> bytes:
    """Raises `BadFrame` when the data is too long or a sum frame has no sender."""
    if len(message.data) > DATA_MAX:
        raise BadFrame("cctalk", "size")
    head = bytes([message.dest, len(message.data)])
    tail = bytes([message.header]) + message.data
    if check is Check.CRC:
        crc = crc_xmodem(head + tail)
        return head + bytes([crc & 0xFF]) + tail + bytes([crc >> 8])
    if message.src is None:
        raise BadFrame("cctalk", "shape")
    raw = head + bytes([message.src]) + tail
    return raw + bytes([-sum(raw) & 0xFF])


def decode(raw: bytes, check: Check = Check.SUM) -> Message | None:
    """One whole frame, None when its check is wrong. `raw` has the length that its LEN says."""
    data = raw[4:-1]
    if check is Check.CRC:
        right = crc_xmodem(raw[:2] + raw[3:-1]) == raw[2] | raw[-1] << 8
        return Message(raw[0], raw[3], data, src=None) if right else None
    return None if sum(raw) & 0xFF else Message(raw[0], raw[3], data, src=raw[2])


class BusReader:
    """Bytes of the bus in, frames out. Holds at most one frame, and the echo of what was sent."""

    def __init__(self, check: Check = Check.SUM) -> None:
        self._check = check
        self._held = bytearray()
        self._echo = bytearray()
        self._deaf = False

    def sent(self, raw: bytes) -> None:
        """These bytes were put on the wire and come back first. Not called where the adapter hides the echo."""
        self._echo += raw

    def feed(self, data: bytes) -> tuple[Heard, ...]:
        events: list[Heard] = []
        for byte in data:
            if self._deaf:
                continue
            if self._echo:
                if byte == self._echo[0]:
                    del self._echo[0]
                else:
                    self._stop(events, "echo", bytes([byte]))
                continue
            self._held.append(byte)
            if len(self._held) > 1 and len(self._held) == OVERHEAD + self._held[1]:
                raw = bytes(self._held)
                message = decode(raw, self._check)
                if message is None:
                    self._stop(events, "checksum", raw)
                else:
                    self._held.clear()
                    events.append(message)
        return tuple(events)

    def quiet(self) -> tuple[Heard, ...]:
        """The bus was silent for `SILENCE_MS`: whatever comes next is the beginning of a frame."""
        events: list[Heard] = []
        if self._echo:
            self._stop(events, "echo", b"")
        elif self._held:
            self._stop(events, "unfinished", bytes(self._held))
        self._deaf = False
        return tuple(events)

    @property
    def waiting(self) -> int:
        """Bytes of a frame that has not ended."""
        return len(self._held)

    def _stop(self, events: list[Heard], reason: str, raw: bytes) -> None:
        events.append(Broken(reason, raw))
        self._held.clear()
        self._echo.clear()
        self._deaf = True
