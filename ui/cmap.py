"""Which characters a TrueType font has, read from its `cmap` table (OpenType 1.9, cmap formats 4 and 12).

SDL draws an empty box for a missing letter and gives it a width all the same, so the only honest source is the
font's own table. Only the table is read, not the five megabytes around it.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

from ui.settings import ScreenRefused

TABLES_MAX: Final = 64  # real fonts have about twenty; more is not a font
CMAP_MAX: Final = 4_000_000  # bytes; a table with every character of Unicode has less
NEEDED: Final = "가힣각뷁0123456789AZaz,.₩×·?"  # corners of the Hangul block, figures, and signs our screens use


class Charset:
    """Ranges of characters, asked one at a time."""

    def __init__(self, ranges: tuple[tuple[int, int], ...]) -> None:
        self._ranges = ranges

    def __contains__(self, char: str) -> bool:
        code = ord(char)
        return any(low <= code <= high for low, high in self._ranges)


def charset(path: str) -> Charset:
    """The characters of the font at `path`. Raises `ScreenRefused` TM-SCR-001 or -002."""
    try:
        with Path(path).open("rb") as file:
            ranges = _ranges(_cmap(file))
    except (OSError, struct.error, ValueError) as error:
        raise ScreenRefused("TM-SCR-001", f"{path}: {error}") from None
    found = Charset(ranges)
    missing = [char for char in NEEDED if char not in found]
    if missing:
        raise ScreenRefused("TM-SCR-002", f"{path} lacks {' '.join(missing)}")
    return found


def _cmap(file: BinaryIO) -> bytes:
    version, count = struct.unpack(">IH", file.read(6))
    if version not in (0x00010000, 0x4F54544F) or count > TABLES_MAX:
        raise ValueError("not a TrueType or OpenType font")
    file.read(6)
    for _ in range(count):
        tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
        if tag == b"cmap":
            if length > CMAP_MAX:
                raise ValueError("its cmap table is too large")
            file.seek(offset)
            return file.read(length)
    raise ValueError("it has no cmap table")


def _ranges(table: bytes) -> tuple[tuple[int, int], ...]:
    (count,) = struct.unpack_from(">H", table, 2)
    best: tuple[tuple[int, int], ...] = ()
    for number in range(min(count, TABLES_MAX)):
        _, _, offset = struct.unpack_from(">HHI", table, 4 + 8 * number)
        (form,) = struct.unpack_from(">H", table, offset)
        if form == 12:
            return _form_12(table, offset)
        if form == 4:
            best = _form_4(table, offset)
    if not best:
        raise ValueError("it has no Unicode character map")
    return best


def _form_12(table: bytes, offset: int) -> tuple[tuple[int, int], ...]:
    (groups,) = struct.unpack_from(">I", table, offset + 12)
    if groups * 12 > len(table):
        raise ValueError("its character map is cut off")
    return tuple(struct.unpack_from(">II", table, offset + 16 + 12 * number) for number in range(groups))


def _form_4(table: bytes, offset: int) -> tuple[tuple[int, int], ...]:
    (doubled,) = struct.unpack_from(">H", table, offset + 6)
    segments = doubled // 2
    ends = struct.unpack_from(f">{segments}H", table, offset + 14)
    starts = struct.unpack_from(f">{segments}H", table, offset + 16 + doubled)
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low != 0xFFFF)
