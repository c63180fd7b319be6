"""One case: a frame in which a shopper holds a code to the camera, and how it was spoilt.

A code is dressed as phone, package or slip (`sim.peers.camera_things`), laid into a counter with a pinhole camera and
then spoilt in one way, or in two at once. Strengths are drawn from ranges given in modules of the code wherever the
harm depends on them: half a module of blur is the same to a decoder near and far.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.peers.camera_scene import counter
from sim.peers.camera_symbols import Modules, ean13_check, symbol
from sim.peers.camera_things import Grey, Thing, dress
from sim.qrbench.spoil import SPOILERS, Spot, bent, rastered

SIZES: Final = ((1280, 720), (640, 480))
QR_KINDS: Final = (
    *("clean", "turned", "tilted", "defocus", "motion", "noise", "dark", "glare", "faint", "raster", "far"),
    *("covered", "negative", "bent", "jpeg", "mixed"),
)
BAR_KINDS: Final = ("clean", "turned", "tilted", "defocus", "motion", "noise", "dark", "glare", "faint", "far", "mixed")
MIXED: Final = ("defocus", "motion", "noise", "glare", "faint", "jpeg")
MILD = 0.55  # of the strength each of two harms has when they come together
TRIES = 100  # a place and pose at which the whole code is in the frame is found within a few
ALPHABET: Final = tuple("abcdefghijkmnopqrstuvwxyz23456789")
CAPACITY: Final = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)  # bytes of QR versions 1 to 10 at level M


@dataclass(frozen=True, slots=True)
class Case:
    """A frame and the truth about it. `text` None: there is no code in it."""

    frame: Grey
    text: str | None
    symbology: str
    kind: str
    size: tuple[int, int]


def cases(seed: int, per: int) -> Iterator[Case]:
    """All kinds at both sizes: `per` QR cases and half as many barcodes of each kind, and empty counters."""
    for size in SIZES:
        for kind in QR_KINDS:
            for number in range(per):
                yield _case(seed, size, "qr", kind, number)
        for kind in BAR_KINDS:
            for number in range(max(2, per // 2)):
                yield _case(seed, size, ("ean13", "code128")[number % 2], kind, number)
        for number in range(max(4, per * 2)):
            yield _absent(seed, size, number)


def count(per: int) -> int:
    """How many cases `cases` yields."""
    return len(SIZES) * (len(QR_KINDS) * per + len(BAR_KINDS) * max(2, per // 2) + max(4, per * 2))


def _rng(*parts: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("|".join(map(str, parts)).encode()))


def _absent(seed: int, size: tuple[int, int], number: int) -> Case:
    """Nothing to read: a counter with print and grilles on it, as they fool a decoder of bars."""
    rng = _rng("absent", seed, size, number)
    frame = counter(rng, *size)
    return Case(_sensed(rng, frame, 5.0), None, "none", "absent", size)


def _text(rng: np.random.Generator, symbology: str, version: int) -> str:
    def letters(length: int) -> str:
        return "".join(rng.choice(ALPHABET, length))

    match symbology:
        case "ean13":
            twelve = "".join(map(str, rng.integers(0, 10, 12)))
            return twelve + ean13_check(twelve)
        case "code128":
            return letters(int(rng.integers(8, 16))).upper()
        case _:
            low = CAPACITY[version - 2] + 1
            return "TM1:" + letters(int(rng.integers(low, CAPACITY[version - 1] + 1)) - 4)


def _case(seed: int, size: tuple[int, int], symbology: str, kind: str, number: int) -> Case:
    rng = _rng("case", seed, size, symbology, kind, number)
    version = 3 + number % 8
    for _ in range(TRIES):
        text = _text(rng, symbology, version)
        modules = symbol(symbology, text, version=version if symbology == "qr" else None)
        held = _held(rng, modules, negative=kind == "negative")
        pitch = _pitch(rng, modules, size, kind)
        held = _surface(rng, held, kind, pitch)
        placed = _placed(rng, held, pitch, size, kind)
        if placed is None:
            continue
        frame, spot = placed
        return Case(_spoilt(rng, frame, spot, kind), text, symbology, kind, size)
    raise AssertionError(f"no room for a {symbology} of kind {kind} at {size}")


def _held(rng: np.random.Generator, modules: Modules, *, negative: bool) -> Thing:
    kind = ("phone", "paper", "product")[int(rng.integers(0, 3))]
    return dress(kind, modules, dark_mode=negative, ink=int(rng.integers(8, 42)), light=int(rng.integers(196, 244)))


def _pitch(rng: np.random.Generator, modules: Modules, size: tuple[int, int], kind: str) -> float:
    """Pixels of the frame per module."""
    is_bar = modules.shape[0] == 1
    room = 0.8 * (size[0] if is_bar else size[1]) / (modules.shape[1] + 6)
    if kind == "far":
        return float(rng.uniform(1.15, 1.75) if is_bar else rng.uniform(1.4, 2.4))
    low, high = (1.6, 4.2) if is_bar else (2.4, 7.5)
    return float(rng.uniform(max(low, 0.4 * room), max(low + 0.1, min(high, room))))


def _surface(rng: np.random.Generator, held: Thing, kind: str, pitch: float) -> Thing:
    """What happens on the thing itself, before a camera sees it."""
    if kind == "bent":
        return bent(held, float(rng.uniform(0.5, 1.0)))
    if kind == "raster":
        return rastered(held, float(rng.uniform(1.7, 3.3)) * held.module / pitch)
    return held


def _placed(
    rng: np.random.Generator, held: Thing, pitch: float, size: tuple[int, int], kind: str
) -> tuple[Grey, Spot] | None:
    """Lay the thing into a counter, drawn at twice the size and averaged; None when the code is not all inside."""
    turn = {"turned": rng.uniform(0, 360), "mixed": rng.uniform(0, 360)}.get(kind, rng.normal(0, 6))
    tilt = {"tilted": rng.uniform(28, 54), "mixed": rng.uniform(5, 30)}.get(kind, rng.uniform(0, 12))
    projection = _projection(rng, held, pitch, size, float(turn), float(tilt))
    left, top, right, bottom = held.code
    flat = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
    corners = np.asarray(cv2.perspectiveTransform(flat, projection)[0], np.float64)
    room, margin = np.array(size) - np.ptp(corners, axis=0), 3 * pitch
    if (room < 2 * margin).any():
        return None
    shift = rng.uniform(margin, room - margin) - corners.min(axis=0)
    twice = np.array([[2, 0, 2 * shift[0]], [0, 2, 2 * shift[1]], [0, 0, 1]]) @ projection
    large = (size[0] * 2, size[1] * 2)
    picture = cv2.resize(counter(rng, *size), large, interpolation=cv2.INTER_LINEAR)
    flat_pixels = held.pixels
    shrink = 2 * pitch / held.module
    if shrink < 0.6:
        flat_pixels = cv2.GaussianBlur(flat_pixels, (0, 0), 0.4 / shrink).astype(np.uint8)
    drawn = cv2.warpPerspective(flat_pixels, twice, large, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.full(flat_pixels.shape, 255, np.uint8), twice, large)
    np.copyto(picture, drawn, where=cover > 127)
    frame = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return frame, Spot(corners + shift, pitch)


def _projection(
    rng: np.random.Generator, held: Thing, pitch: float, size: tuple[int, int], turn_deg: float, tilt_deg: float
) -> npt.NDArray[np.float64]:
    """A pinhole camera: turn in the plane, then tilt about an axis of any direction in it (Rodrigues)."""
    left, top, right, bottom = held.code
    scale = pitch / held.module
    axis = rng.uniform(0, 2 * np.pi)
    turned, _ = cv2.Rodrigues(np.array([0.0, 0.0, np.deg2rad(turn_deg)]))
    tilted, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([np.cos(axis), np.sin(axis), 0.0]))
    pose = tilted @ turned
    far = 1.15 * size[0]
    flat = np.array([[scale, 0, -scale * (left + right) / 2], [0, scale, -scale * (top + bottom) / 2], [0, 0, 1]])
    plane = np.column_stack((pose[:, 0], pose[:, 1], (0.0, 0.0, far)))
    projection: npt.NDArray[np.float64] = np.diag((far, far, 1.0)) @ plane @ flat
    return projection


def _spoilt(rng: np.random.Generator, frame: Grey, spot: Spot, kind: str) -> Grey:
    if kind == "mixed":
        for each in rng.choice(MIXED, 2, replace=False):
            worse = SPOILERS[str(each)](rng, frame, spot).astype(np.float32)
            frame = (frame * (1 - MILD) + worse * MILD).astype(np.uint8)
    elif kind in SPOILERS:
        frame = SPOILERS[kind](rng, frame, spot)
    return frame if kind in ("noise", "dark") else _sensed(rng, frame, float(rng.uniform(1, 4)))


def _sensed(rng: np.random.Generator, frame: Grey, noise: float) -> Grey:
    """Every sensor has some noise."""
    return np.clip(frame + rng.normal(0, noise, frame.shape), 0, 255).astype(np.uint8)


def noisier(frame: Grey, seed: int, noise: float = 3.0) -> Grey:
    """The same scene a moment later: fresh noise of the sensor over the frame."""
    return _sensed(np.random.default_rng(seed), frame, noise)
