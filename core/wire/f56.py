"""Fujitsu F53 / F56 note dispensers: the link between a host and the device, the same in both directions.

Sources: lamassu's f56 driver and CashVault's F53 driver, which agree [2+]. Nothing here was tried on real hardware by
us. What the blocks carry stands in `core.wire.f56_messages`.

The sender asks with ENQ, the receiver says ACK, the sender sends one block, the receiver says ACK or NAK; a reply is a
transfer of its own in which the device asks. 5 s a step, 3 tries, 40 s for a reply. A block is counted: a raw 10h
inside it is never doubled. CRC-16/KERMIT over LEN, data and ``10 03``, low byte first.

The line is 8E1 and its parity must be checked: one flipped bit makes an ENQ (05) a NAK (15), and a NAK after a count
command would permit it to be sent again. So a NAK is taken only in the place of the answer to one's own block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.wire.serial_frames import Acked, BadFrame, Found, Look, More, Nacked, Nothing, Reader, Refused, crc_kermit

DLE, ENQ, ACK, NAK, STX, ETX = 0x10, 0x05, 0x06, 0x15, 0x02, 0x03
ENQUIRY: Final = bytes([DLE, ENQ])
ACKED: Final = bytes([DLE, ACK])
NACKED: Final = bytes([DLE, NAK])
DATA_MAX: Final = 1_200  # the longest reply known is the log with 1115 bytes


@dataclass(frozen=True, slots=True)
class Enquiry:
    """DLE ENQ: the other side has a block for us."""


@dataclass(frozen=True, slots=True)
class Block:
    """A whole block with a right CRC."""

    data: bytes


Heard = Enquiry | Block


def block(data: bytes) -> bytes:
    """`data` as a block. Raises `BadFrame` for none or too much of it."""
    if not 1 <= len(data) <= DATA_MAX:
        raise BadFrame("f56", "size")
    counted = len(data).to_bytes(2, "big") + data + bytes([DLE, ETX])
    return bytes([DLE, STX]) + counted + crc_kermit(counted).to_bytes(2, "little")


def reader() -> Reader[Heard]:
    """The ears of either side."""
    return Reader(_look)


def _look(held: bytes) -> Look[Heard]:
    if held[0] != DLE:
        return Nothing()
    if len(held) < 2:
        return More(2)
    match held[1]:
        case 0x05:
            return Found(2, Enquiry(), checked=False)
        case 0x06:
            return Found(2, Acked(), checked=False)
        case 0x15:
            return Found(2, Nacked(), checked=False)
        case 0x02:
            return _look_block(held)
    return Nothing()


def _look_block(held: bytes) -> Look[Heard]:
    if len(held) < 4:
        return More(4)
    size = int.from_bytes(held[2:4], "big")
    if not 1 <= size <= DATA_MAX:
        return Refused(4, "shape")
    end = 4 + size + 2
    if len(held) < end + 2:
        return More(end + 2)
    if held[end - 2 : end] != bytes([DLE, ETX]):
        return Refused(end + 2, "shape")
    if held[end : end + 2] != crc_kermit(held[2:end]).to_bytes(2, "little"):
        return Refused(end + 2, "checksum")
    return Found(end + 2, Block(held[4 : end - 2]), checked=True)
