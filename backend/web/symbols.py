"""The personal code as symbols: QR version 1 (21 x 21, level M) and Code 128 set C, small enough to send thirty.

The browser only fills squares and bars; which ones is decided here, by the same library the printer uses.
"""

from __future__ import annotations

from typing import Final

from core.code import LENGTH

QR_SIDE: Final = 21
QR_QUIET: Final = 4  # modules of white around a QR code (ISO/IEC 18004, 6.3.8)
BAR_QUIET: Final = 10  # modules of white beside a Code 128 (ISO/IEC 15417, 4.1)
_START_C, _STOP = 105, 106

# Widths of bar, space, bar, space, bar, space for each symbol value (ISO/IEC 15417, table 1); the stop has seven.
_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222"
    " 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321"
    " 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121"
    " 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224"
    " 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111"
    " 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113"
    " 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()


def qr_rows(digits: str) -> str:
    """The modules of the QR code, row by row, as 21 numbers of 21 bits in hexadecimal (six digits each).

    The highest of the 21 bits is the leftmost module; 1 is dark.
    """
    import segno

    matrix = segno.make_qr(digits, version=1, error="m", mode="numeric", boost_error=False).matrix
    assert len(matrix) == QR_SIDE
    return "".join(f"{int(''.join('1' if dark else '0' for dark in row), 2):06x}" for row in matrix)


def bars(digits: str) -> str:
    """Widths in modules, dark and light in turn, of the Code 128 set C symbol of an even count of digits."""
    assert len(digits) % 2 == 0, "set C writes pairs of digits"
    values = [_START_C, *(int(digits[place : place + 2]) for place in range(0, len(digits), 2))]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return "".join(_WIDTHS[value] for value in (*values, check, _STOP))


def qr_path(rows: str) -> str:
    """SVG path data of `qr_rows`: one horizontal run of dark modules after the other, in module units."""
    parts = []
    for y in range(QR_SIDE):
        bits = int(rows[6 * y : 6 * y + 6], 16)
        parts += _runs([bits >> QR_SIDE - 1 - x & 1 for x in range(QR_SIDE)], y + QR_QUIET)
    return "".join(parts)


def bar_path(widths: str) -> str:
    """SVG path data of `bars`, one unit high."""
    parts, x = [], BAR_QUIET
    for place, width in enumerate(widths):
        if place % 2 == 0:
            parts.append(f"M{x} 0h{width}v1h-{width}z")
        x += int(width)
    return "".join(parts)


def any_qr(text: str) -> tuple[str, int]:
    """Path data and side (with quiet zone) of a QR code of any text: product labels."""
    import segno

    matrix = segno.make_qr(text, error="m").matrix
    path = "".join(run for y, row in enumerate(matrix) for run in _runs(list(row), y + QR_QUIET))
    return path, len(matrix) + 2 * QR_QUIET


def bar_side(digits: int = LENGTH) -> int:
    """Modules across the Code 128 of so many digits, with its quiet zones."""
    return 11 * (2 + digits // 2) + 13 + 2 * BAR_QUIET


def _runs(row: list[int], y: int) -> list[str]:
    parts, start = [], -1
    for x, dark in enumerate([*row, 0]):
        if dark and start < 0:
            start = x
        elif not dark and start >= 0:
            parts.append(f"M{start + QR_QUIET} {y}h{x - start}v1h-{x - start}z")
            start = -1
    return parts
