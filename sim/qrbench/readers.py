"""The readers that are compared: our cascade, and each library alone as its own manual calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.kit.sight.cascade import Cascade
from drivers.kit.sight.readers import has_zbar
from sim.peers.camera_things import Grey

OURS: Final = "cascade"
QR_ONLY: Final = frozenset({"qr"})
EVERY: Final = frozenset({"qr", "ean13", "code128"})


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` gives the texts in a frame; `symbologies` are those it can read at all."""

    name: str
    read: Callable[[Grey], list[str]]
    symbologies: frozenset[str]


def readers(*, alone: bool = True) -> tuple[Reader, ...]:
    """Ours first. `alone` False leaves the libraries by themselves out."""
    cascade = Cascade()
    ours = Reader(OURS, lambda frame: [read.text for read in cascade.look(frame).reads], EVERY)
    if not alone:
        return (ours,)
    zbar = (Reader("pyzbar", _zbar, EVERY),) if has_zbar() else ()
    return (ours, Reader("zxing-cpp", _zxing, EVERY), *zbar, *_opencv())


def _zxing(frame: Grey) -> list[str]:
    import zxingcpp

    kinds = zxingcpp.BarcodeFormat
    formats = zxingcpp.BarcodeFormats([kinds.QRCode, kinds.EAN13, kinds.Code128])
    return [code.text for code in zxingcpp.read_barcodes(frame, formats=formats)]


def _zbar(frame: Grey) -> list[str]:
    from pyzbar import pyzbar

    kinds = pyzbar.ZBarSymbol
    found = pyzbar.decode(frame, symbols=[kinds.QRCODE, kinds.EAN13, kinds.CODE128])
    return [code.data.decode("utf-8", "replace") for code in found]


def _opencv() -> tuple[Reader, ...]:
    """OpenCV's two QR detectors. Its barcode detector is left out: it reads codes that are not there."""
    import cv2

    def of(detector: cv2.GraphicalCodeDetector) -> Callable[[Grey], list[str]]:
        def read(frame: Grey) -> list[str]:
            text = str(detector.detectAndDecode(frame)[0])
            return [text] if text else []

        return read

    return (
        Reader("OpenCV QRCodeDetector", of(cv2.QRCodeDetector()), QR_ONLY),
        Reader("OpenCV Aruco", of(cv2.QRCodeDetectorAruco()), QR_ONLY),
    )
