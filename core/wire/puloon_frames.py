"""The envelope of both Puloon dialects: ``04|01 ID 02 CMD DATA… 03 BCC``, BCC the XOR of all bytes before it.

Source: LCDM-1000 interface specification V3.3, "Message format"; the LCDM-4000 drivers use the same with ID 30.
Data bytes may equal any control byte (a BCC may be NAK, a status may be ETX), so a frame ends where its command says
and never at the first 03.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from core.wire.serial_frames import Acked, Found, Line, Look, More, Nacked, Nothing, Refused, xor_of

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15
EMPTY: Final = 6  # a frame without data
UNKNOWN_MAX: Final = 64  # the longest frame a command we do not know may have; the longest known is 30

T = TypeVar("T")


def frame(start: int, ident: int, body: bytes) -> bytes:
    """`body` (CMD and data) in its envelope."""
    raw = bytes([start, ident, STX]) + body + bytes([ETX])
    return raw + bytes([xor_of(raw)])


def look_control(byte: int) -> Found[Line] | None:
    """ACK and NAK, which stand alone between frames."""
    if byte == ACK:
        return Found(1, Acked(), checked=False)
    if byte == NAK:
        return Found(1, Nacked(), checked=False)
    return None


def look_frame(
    held: bytes,
    start: int,
    ident: int,
    sizes: Mapping[int, tuple[int, ...]],
    meaning: Callable[[bytes], T | None],
) -> Look[T]:
    """Is there a frame at the front? `sizes` gives for each command the whole lengths it may have, ascending.

    A command that is not in `sizes` may have any length up to `UNKNOWN_MAX`; it ends at the first ETX with a right
    BCC after it. `meaning` reads CMD and data, None when the digits are none.
    """
    if held[0] != start or held[1:2] not in (b"", bytes([ident])):
        return Nothing()
    if held[2:3] not in (b"", bytes([STX])):
        return Refused(3, "shape")
    if len(held) < 4:
        return More(len(held) + 1)
    for size in sizes.get(held[3], range(EMPTY, UNKNOWN_MAX + 1)):
        if len(held) < size:
            return More(size)
        if held[size - 2] == ETX and held[size - 1] == xor_of(held[: size - 1]):
            event = meaning(held[3 : size - 2])
            return Refused(size, "digits") if event is None else Found(size, event, checked=True)
    return Refused(size, "checksum" if held[size - 2] == ETX else "shape")
