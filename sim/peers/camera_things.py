"""Things that are held to a camera: a phone, a product, a slip of paper, each with a code on it. Grey, drawn flat.

A thing knows where its code is, so that a test can ask whether the code is in the picture at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.peers.camera_symbols import Modules, symbol

Grey = npt.NDArray[np.uint8]

KINDS: Final = ("phone", "product", "paper")
MODULE = 8  # pixels of a module in the flat drawing: enough for any size a camera sees it at
QUIET_QR, QUIET_BAR = 4, 10  # modules of light around a code, as its specification asks
BAR_HEIGHT = 0.45  # of a barcode's width
FONT = cv2.FONT_HERSHEY_SIMPLEX


class BadThing(ValueError):
    """Not a kind of thing we can hold up, or not a picture."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A flat drawing. `code` is the box of the code in it (left, top, right, bottom); `module` pixels per module,
    0 for a picture of which nothing is known. `glossy` things reflect the lamp."""

    pixels: Grey
    code: tuple[int, int, int, int]
    module: int
    glossy: bool


def thing(kind: str, symbology: str, text: str, *, dark_mode: bool = False) -> Thing:
    """Draw a `kind` of `KINDS` that carries `text`. Raises `BadThing` or `camera_symbols.BadSymbol`."""
    if kind not in KINDS:
        raise BadThing(f"kind must be one of {', '.join(KINDS)}")
    return dress(kind, symbol(symbology, text), dark_mode=dark_mode)


def dress(kind: str, modules: Modules, *, dark_mode: bool = False, ink: int = 20, light: int = 232) -> Thing:
    """The thing around the modules: `ink` and `light` are the grey levels of dark and light modules."""
    if dark_mode:
        ink, light = light, ink
    code = _drawn(modules, ink, light)
    inside = (_quiet(modules), _quiet(modules))
    match kind:
        case "phone":
            return _phone(code, inside, light)
        case "product":
            return _product(code, inside)
        case _:
            return _paper(code, inside, light)


def picture(png: bytes) -> Thing:
    """A screenshot on a phone's glass. Raises `BadThing`."""
    grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise BadThing("not a picture that can be decoded")
    screen = (grey.astype(np.float32) * 0.9 + 8).astype(np.uint8)
    height, width = screen.shape
    bezel = max(6, width // 25)
    framed = cv2.copyMakeBorder(screen, bezel * 2, bezel * 2, bezel, bezel, cv2.BORDER_CONSTANT, value=(18,))
    box = (bezel, bezel * 2, bezel + width, bezel * 2 + height)
    return Thing(framed.astype(np.uint8), box, 0, glossy=True)


def _quiet(modules: Modules) -> int:
    return (QUIET_QR if modules.shape[0] > 1 else QUIET_BAR) * MODULE


def _drawn(modules: Modules, ink: int, light: int) -> Grey:
    """The code with its quiet zone."""
    rows, columns = modules.shape
    down = MODULE if rows > 1 else int(columns * MODULE * BAR_HEIGHT)
    grown = np.kron(modules, np.ones((down, MODULE), np.uint8))
    flat = np.where(grown > 0, ink, light).astype(np.uint8)
    quiet = _quiet(modules)
    return np.pad(flat, quiet, constant_values=light)


def _phone(code: Grey, inside: tuple[int, int], light: int) -> Thing:
    """A screen with the code above the middle, words below, a dark frame around the glass."""
    side = MODULE * 3
    words = max(40, code.shape[0] // 5)
    height, width = code.shape[0] + words * 3, code.shape[1] + 2 * side
    screen = np.full((height, width), light, np.uint8)
    screen[words : words + code.shape[0], side : side + code.shape[1]] = code
    shade = 90 if light > 128 else 170
    _words(screen, "Tillmark", (side, words * 2 // 3), words * 0.016, shade)
    _words(screen, "show this at the till", (side, words * 2 + code.shape[0]), words * 0.012, shade)
    bezel = MODULE * 2
    framed = np.pad(screen, ((bezel * 3, bezel * 3), (bezel, bezel)), constant_values=16)
    left, top = bezel + side + inside[0], bezel * 3 + words + inside[1]
    right, bottom = left + code.shape[1] - 2 * inside[0], top + code.shape[0] - 2 * inside[1]
    return Thing(framed, (left, top, right, bottom), MODULE, glossy=True)


def _product(code: Grey, inside: tuple[int, int]) -> Thing:
    """A printed carton: bands of colour, the maker's name, the code in a light field."""
    height, width = int(code.shape[0] * 2.2), int(code.shape[1] * 1.5)
    carton = np.full((height, width), 150, np.uint8)
    carton[: height // 3] = 95
    carton[height // 3 : height // 3 + height // 40 + 1] = 210
    _words(carton, "BARLEY TEA", (width // 12, height // 5), width / 420, 225)
    _words(carton, "500 ml  keep dry", (width // 12, height * 2 // 7), width / 900, 215)
    top, left = height - code.shape[0] - height // 14, width - code.shape[1] - width // 14
    carton[top : top + code.shape[0], left : left + code.shape[1]] = code
    right, bottom = left + code.shape[1] - inside[0], top + code.shape[0] - inside[1]
    return Thing(carton, (left + inside[0], top + inside[1], right, bottom), MODULE, glossy=False)


def _paper(code: Grey, inside: tuple[int, int], light: int) -> Thing:
    """A slip from a printer: lines of figures above and below the code."""
    line = max(24, code.shape[1] // 16)
    height, width = code.shape[0] + line * 9, code.shape[1] + line * 2
    slip = np.full((height, width), light, np.uint8)
    for row in range(4):
        _words(slip, f"{row + 1}  item {row * 37 % 10}    {1200 * (row + 2)}", (line, line * (row + 2)), line / 40, 60)
    top, left = line * 6, line
    slip[top : top + code.shape[0], left : left + code.shape[1]] = code
    right, bottom = left + code.shape[1] - inside[0], top + code.shape[0] - inside[1]
    return Thing(slip, (left + inside[0], top + inside[1], right, bottom), MODULE, glossy=False)


def _words(picture: Grey, text: str, at: tuple[int, int], size: float, shade: int) -> None:
    cv2.putText(picture, text, at, FONT, size, (shade,), max(1, round(size * 2)), cv2.LINE_AA)
