"""Which characters a font file can draw, so that nothing is ever shown as an empty box.

Reads the `cmap` table of a TrueType or OpenType file (OpenType specification 1.9, "cmap": formats 4 and 12; of a
collection, the first font). Drawing libraries silently draw a box for what is missing; we ask first.
"""

from __future__ import annotations

import struct
from struct import unpack_from
from typing import Final

SEGMENTS_MAX: Final = 65_536  # a cmap claiming more is damaged
# (platform, encoding) of Unicode tables, best first: full repertoire before the basic plane.
_PREFERRED: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


class BadFont(ValueError):
    """A file that is not a font we can read."""


def characters(font: bytes) -> frozenset[int]:
    """The code points the font has a glyph for. Raises `BadFont`."""
    try:
        start = unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
        table = _cmap(font, start)
        kind = unpack_from(">H", font, table)[0]
        if kind == 12:
            return frozenset(_format_12(font, table))
        if kind == 4:
            return frozenset(_format_4(font, table))
    except struct.error:
        raise BadFont("the font file ends too early") from None
    raise BadFont(f"the font's character table has format {kind}, not 4 or 12")


def _cmap(font: bytes, start: int) -> int:
    """Offset of the best Unicode subtable."""
    for index in range(unpack_from(">H", font, start + 4)[0]):
        tag, _, offset, _ = unpack_from(">4sIII", font, start + 12 + 16 * index)
        if tag == b"cmap":
            break
    else:
        raise BadFont("the file has no character table")
    found: dict[tuple[int, int], int] = {}
    for index in range(unpack_from(">H", font, offset + 2)[0]):
        platform, encoding, inner = unpack_from(">HHI", font, offset + 4 + 8 * index)
        if unpack_from(">H", font, offset + inner)[0] in (4, 12):
            found[platform, encoding] = offset + inner
    for pair in _PREFERRED:
        if pair in found:
            return found[pair]
    raise BadFont("the font has no Unicode character table")


def _format_12(font: bytes, table: int) -> list[int]:
    groups = unpack_from(">I", font, table + 12)[0]
    if groups > SEGMENTS_MAX:
        raise BadFont(f"{groups} groups of characters")
    codes: list[int] = []
    for index in range(groups):
        first, last, glyph = unpack_from(">III", font, table + 16 + 12 * index)
        if first > last or last > 0x10FFFF:
            raise BadFont("a group of characters is not in order")
        codes.extend(range(first if glyph else first + 1, last + 1))
    return codes


def _format_4(font: bytes, table: int) -> list[int]:
    segments = unpack_from(">H", font, table + 6)[0] // 2
    ends, starts = table + 14, table + 16 + 2 * segments
    deltas, ranges = starts + 2 * segments, starts + 4 * segments
    codes: list[int] = []
    for index in range(segments):
        last, first = unpack_from(">H", font, ends + 2 * index)[0], unpack_from(">H", font, starts + 2 * index)[0]
        delta, reach = unpack_from(">H", font, deltas + 2 * index)[0], unpack_from(">H", font, ranges + 2 * index)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta if reach == 0 else 0
            if reach:
                raw = unpack_from(">H", font, ranges + 2 * index + reach + 2 * (code - first))[0]
                glyph = raw + delta if raw else 0
            if glyph & 0xFFFF:
                codes.append(code)
    return codes
