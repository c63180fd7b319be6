"""ESC/POS, the way out: the commands a receipt printer understands, read from a stream of bytes.

Decodes what the driver (or any other program) sends, for the printer's peer, for `tillmark wire decode` and for
tests. Encoding for real printers is python-escpos' work. Source: Epson's ESC/POS command reference; its pages stand
with the values in `core.wire.escpos_commands`. What is not known here becomes `Unknown`, one byte or one framed
command at a time, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.wire.escpos_commands import (
    Align,
    AutoStatusSwitch,
    ClearBuffer,
    CodePage,
    Command,
    Cut,
    DoubleByte,
    DrawerPulse,
    Emphasis,
    FeedDots,
    FeedLines,
    Font,
    IdAsk,
    Init,
    Invert,
    Justify,
    LineFeed,
    LineSpacing,
    Mode,
    PaperAsk,
    QrLevel,
    QrModel,
    QrModule,
    QrPrint,
    QrStore,
    Raster,
    Size,
    StatusAsk,
    Text,
    Underline,
    Unknown,
)

HELD_MAX: Final = 72 * 2304 + 8  # the largest command we wait for: a raster of 576 dots x 2304 rows (GS v 0 limit)
_Found = tuple[int, Command] | None  # bytes taken and the command; None: more bytes are needed


class CommandReader:
    """Takes the stream in pieces of any length and gives whole commands, in order.

    A command that claims to be longer than `HELD_MAX` is given as `Unknown` for its first byte: a wrong length must
    not silence the printer for ever.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        self._held += data
        commands: list[Command] = []
        at = 0
        while at < len(self._held):
            found = _one(memoryview(self._held)[at:])
            if found is None:
                if len(self._held) - at <= HELD_MAX:
                    break
                found = 1, Unknown(bytes(self._held[at : at + 1]))
            taken, command = found
            commands.append(command)
            at += taken
        del self._held[:at]
        return commands

    def waiting(self) -> int:
        """Bytes of a command that has not ended."""
        return len(self._held)


def decode(data: bytes) -> list[Command]:
    """A whole stream at once. What is cut off at its end is given as `Unknown`."""
    reader = CommandReader()
    commands = reader.feed(data)
    if reader.waiting():
        commands.append(Unknown(data[-reader.waiting() :]))
    return commands


def _one(data: memoryview) -> _Found:
    match data[0]:
        case 0x0A:
            return 1, LineFeed()
        case 0x10:
            return _dle(data)
        case 0x1B:
            return _esc(data)
        case 0x1C:
            return _fs(data)
        case 0x1D:
            return _gs(data)
        case byte if byte < 0x20:
            return 1, Unknown(bytes([byte]))
    end = 1
    while end < len(data) and data[end] >= 0x20:
        end += 1
    return end, Text(bytes(data[:end]))


def _dle(data: memoryview) -> _Found:
    if len(data) < 2:
        return None
    match data[1]:
        case 0x04:
            return None if len(data) < 3 else (3, StatusAsk(data[2]))
        case 0x14:
            if len(data) < 3:
                return None
            size = 10 if data[2] == 8 else 5
            if len(data) < size:
                return None
            raw = bytes(data[:size])
            return size, ClearBuffer() if raw[3:] == bytes([1, 3, 20, 1, 6, 2, 8]) else Unknown(raw)
    return 1, Unknown(bytes(data[:1]))


# One-parameter commands of ESC, by their second byte.
_ESC_ONE: Final[dict[int, Callable[[int], Command]]] = {
    0x21: lambda n: Mode(
        bool(n & 0x01), bool(n & 0x08), Size(2 if n & 0x20 else 1, 2 if n & 0x10 else 1), bool(n & 0x80)
    ),
    0x2D: lambda n: Underline(n % 48 % 3),
    0x33: LineSpacing,
    0x45: lambda n: Emphasis(bool(n & 1)),
    0x47: lambda n: Emphasis(bool(n & 1)),
    0x4A: FeedDots,
    0x4D: lambda n: Font(n % 48),
    0x61: lambda n: Justify(Align(n % 48 % 3)),
    0x64: FeedLines,
    0x74: CodePage,
}
_GS_ONE: Final[dict[int, Callable[[int], Command]]] = {
    0x21: lambda n: Size((n >> 4 & 7) + 1, (n & 7) + 1),
    0x42: lambda n: Invert(bool(n & 1)),
    0x61: AutoStatusSwitch,
    0x72: PaperAsk,
}


def _esc(data: memoryview) -> _Found:
    if len(data) < 2:
        return None
    match data[1]:
        case 0x40:
            return 2, Init()
        case 0x32:
            return 2, LineSpacing(None)
        case 0x70:
            return None if len(data) < 5 else (5, DrawerPulse(data[2] % 48 % 2))
        case code if code in _ESC_ONE:
            return None if len(data) < 3 else (3, _ESC_ONE[code](data[2]))
        case code if code in (0x20, 0x52, 0x7B, 0x56):  # right space, character set, upside down, turned: one parameter
            return None if len(data) < 3 else (3, Unknown(bytes(data[:3])))
    return 1, Unknown(bytes(data[:1]))


def _fs(data: memoryview) -> _Found:
    if len(data) < 2:
        return None
    match data[1]:
        case 0x26:
            return 2, DoubleByte(True)
        case 0x2E:
            return 2, DoubleByte(False)
        case 0x21 | 0x2D | 0x43 | 0x57:  # print mode, underline, code system, quadruple size: one parameter
            return None if len(data) < 3 else (3, Unknown(bytes(data[:3])))
    return 1, Unknown(bytes(data[:1]))


def _gs(data: memoryview) -> _Found:
    if len(data) < 2:
        return None
    match data[1]:
        case 0x76:
            return _raster(data)
        case 0x56:
            return _cut(data)
        case 0x28:
            return _framed(data)
        case code if code in _GS_ONE:
            return None if len(data) < 3 else (3, _GS_ONE[code](data[2]))
        case 0x4C | 0x57:  # left margin, print area: two parameters
            return None if len(data) < 4 else (4, Unknown(bytes(data[:4])))
    return 1, Unknown(bytes(data[:1]))


def _raster(data: memoryview) -> _Found:
    if len(data) < 8:
        return None
    width, rows = data[4] | data[5] << 8, data[6] | data[7] << 8
    if data[2] != 0x30 or data[3] % 48 > 3:
        return 1, Unknown(bytes(data[:1]))
    end = 8 + width * rows
    if len(data) < end:
        return None
    mode = data[3] % 48
    return end, Raster(width, rows, 2 if mode & 1 else 1, 2 if mode & 2 else 1, bytes(data[8:end]))


def _cut(data: memoryview) -> _Found:
    if len(data) < 3:
        return None
    kind = data[2]
    if kind in (0, 1, 48, 49):
        return 3, Cut(full=kind % 48 == 0, feed_dots=0)
    if kind not in (65, 66, 97, 98, 103, 104):
        return 1, Unknown(bytes(data[:1]))
    return None if len(data) < 4 else (4, Cut(full=kind in (65, 97, 103), feed_dots=data[3]))


def _framed(data: memoryview) -> _Found:
    """GS ( x pL pH ...: the commands that carry their own length."""
    if len(data) < 5:
        return None
    end = 5 + (data[3] | data[4] << 8)
    if len(data) < end:
        return None
    body = bytes(data[5:end])
    match data[2], body[:2]:
        case 0x6B, b"1A" if len(body) == 4:
            return end, QrModel(body[2] % 48)
        case 0x6B, b"1C" if len(body) == 3:
            return end, QrModule(body[2])
        case 0x6B, b"1E" if len(body) == 3 and 48 <= body[2] <= 51:
            return end, QrLevel("LMQH"[body[2] - 48])
        case 0x6B, b"1P" if len(body) > 3:
            return end, QrStore(body[3:])
        case 0x6B, b"1Q":
            return end, QrPrint()
        case 0x48, b"00" if len(body) == 6:
            return end, IdAsk(body[2:])
    return end, Unknown(bytes(data[:end]))
