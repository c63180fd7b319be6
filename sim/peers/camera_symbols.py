"""Symbols as modules: QR by segno, EAN-13 and Code 128 by their own specifications. Nothing here can read a code.

EAN-13: GS1 General Specifications section 5.2. Code 128: ISO/IEC 15417, code sets B and C. A symbol is an array of
modules, 1 dark and 0 light, shape (rows, columns); a barcode has one row. The quiet zone is not part of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Modules = npt.NDArray[np.uint8]

KINDS: Final = ("qr", "ean13", "code128")

# Bars and spaces of the 106 values and the stop sign, in modules.
_CODE128: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 "
    "211232 2331112"
).split()
_START_B, _START_C, _STOP = 104, 105, 106

_EAN_ODD: Final = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split()
# The first digit is not drawn: it chooses which of the six left digits are odd (L) and which even (G).
_EAN_FIRST: Final = "LLLLLL LLGLGG LLGGLG LLGGGL LGLLGG LGGLLG LGGGLL LGLGLG LGLGGL LGGLGL".split()


class BadSymbol(ValueError):
    """The text cannot be carried by the symbology asked for."""


def symbol(kind: str, text: str, *, version: int | None = None, level: str = "m") -> Modules:
    """The modules of `text` as ``qr``, ``ean13`` or ``code128``. Raises `BadSymbol`."""
    match kind:
        case "qr":
            return _qr(text, version, level)
        case "ean13":
            return _ean13(text)
        case "code128":
            return _code128(text)
        case _:
            raise BadSymbol(f"symbology must be one of {', '.join(KINDS)}")


def _qr(text: str, version: int | None, level: str) -> Modules:
    import segno

    if not text:
        raise BadSymbol("a QR code carries at least one character")
    try:
        # Without micro=False a short text becomes a Micro QR code, which no phone and no till reads.
        code = segno.make(text, version=version, error=level, micro=False, boost_error=False)
    except (segno.DataOverflowError, ValueError) as error:
        raise BadSymbol(str(error)) from None
    return np.array([list(row) for row in code.matrix], dtype=np.uint8)


def ean13_check(twelve: str) -> str:
    """The check digit of twelve digits (GS1 General Specifications section 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-weighted % 10)


def _ean13(text: str) -> Modules:
    if not (len(text) == 13 and text.isascii() and text.isdigit()):
        raise BadSymbol("EAN-13 carries 13 digits")
    if ean13_check(text[:12]) != text[12]:
        raise BadSymbol("the check digit of the EAN-13 is wrong")
    left = ""
    for digit, parity in zip(text[1:7], _EAN_FIRST[int(text[0])]):
        odd = _EAN_ODD[int(digit)]
        left += odd if parity == "L" else _flipped(odd)[::-1]
    right = "".join(_flipped(_EAN_ODD[int(digit)]) for digit in text[7:])
    return _row("101" + left + "01010" + right + "101")


def _flipped(bits: str) -> str:
    return "".join("10"[int(bit)] for bit in bits)


def _code128(text: str) -> Modules:
    if not text or any(not 32 <= ord(char) <= 127 for char in text):
        raise BadSymbol("Code 128 carries printable ASCII here, at least one character")
    if len(text) % 2 == 0 and text.isdigit():
        values = [_START_C, *(int(text[place : place + 2]) for place in range(0, len(text), 2))]
    else:
        values = [_START_B, *(ord(char) - 32 for char in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    bits = ""
    for value in (*values, check, _STOP):
        for place, width in enumerate(_CODE128[value]):
            bits += "10"[place % 2] * int(width)
    return _row(bits)


def _row(bits: str) -> Modules:
    return np.array([[int(bit) for bit in bits]], dtype=np.uint8)
