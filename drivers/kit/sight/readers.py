"""The two decoders behind the stages: zxing-cpp for everything, zbar as a second opinion on barcodes.

What they are asked for is fixed here: QR (not Micro QR, which phones do not read either), EAN-13 with UPC-A as its
subset, EAN-8 and Code 128. Check digits and checksums are verified by both libraries; what fails them is not a read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import zxingcpp
from cv2.typing import MatLike
from zxingcpp import BarcodeFormat as Format

from core.events import Symbology

Luma = npt.NDArray[np.uint8]
"""One frame, 8-bit grey, shape (height, width)."""

Corners = tuple[tuple[float, float], ...]
"""Four corners, clockwise from the code's own top left, in pixels of the picture that was read."""

Found = tuple[Symbology, str, Corners]

QR: Final = zxingcpp.BarcodeFormats([Format.QRCode])
LINEAR: Final = zxingcpp.BarcodeFormats([Format.EAN13, Format.EAN8, Format.Code128])

_OF_ZXING: Final = (
    (Format.QRCode, Symbology.QR),
    (Format.EAN13, Symbology.EAN13),
    (Format.EAN8, Symbology.EAN8),
    (Format.Code128, Symbology.CODE128),
)


def zxing(
    picture: MatLike,
    formats: zxingcpp.BarcodeFormats,
    *,
    rotate: bool = False,
    downscale: bool = False,
    invert: bool = False,
) -> list[Found]:
    """What zxing-cpp reads. A UPC-A code is an EAN-13 with a leading zero and is returned as such."""
    found = zxingcpp.read_barcodes(
        picture,
        formats=formats,
        try_rotate=rotate,
        try_downscale=downscale,
        try_invert=invert,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [(_symbology(code), code.text, _corners(code.position)) for code in found if code.text]


def _symbology(code: zxingcpp.Barcode) -> Symbology:
    for kind, symbology in _OF_ZXING:
        if code.format == kind:
            return symbology
    return Symbology.OTHER


def _corners(position: zxingcpp.Position) -> Corners:
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((float(point.x), float(point.y)) for point in points)


def has_zbar() -> bool:
    """Is pyzbar here, and Debian's libzbar0 behind it? It is an extra: without it one stage is left out."""
    try:
        import pyzbar.pyzbar  # noqa: F401
    except ImportError:
        return False
    return True


def zbar(picture: MatLike) -> list[Found]:
    """What zbar reads of EAN-13, EAN-8 and Code 128.

    Only these are switched on: its DataBar decoder, on by default, asserts on camera noise and writes each failure
    straight to the program's standard error (``databar.c: Assertion failed``), which no logger could catch.
    """
    from pyzbar import pyzbar

    kinds = pyzbar.ZBarSymbol
    known = {"EAN13": Symbology.EAN13, "EAN8": Symbology.EAN8, "CODE128": Symbology.CODE128}
    found: list[Found] = []
    for code in pyzbar.decode(picture, symbols=[kinds.EAN13, kinds.EAN8, kinds.CODE128]):
        text = code.data.decode("utf-8", "replace")
        x, y, w, h = code.rect
        corners = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
        if text and "\N{REPLACEMENT CHARACTER}" not in text:
            found.append((known[code.type], text, corners))
    return found
