"""The ways a frame is spoilt, each a function of chance, frame and where the code is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.peers.camera_scene import smear
from sim.peers.camera_things import Grey, Thing


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the code is: its corners in the frame, shape (4, 2), clockwise from its top left, and pixels per module."""

    corners: npt.NDArray[np.float64]
    pitch: float

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        return np.asarray(self.corners.mean(axis=0), np.float64)

    @property
    def radius(self) -> float:
        return float(np.linalg.norm(self.corners - self.centre, axis=1).mean())


def _defocus(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """A lens focused elsewhere: a Gaussian of 0.4 to 0.95 modules."""
    return cv2.GaussianBlur(frame, (0, 0), spot.pitch * float(rng.uniform(0.4, 0.95))).astype(np.uint8)


def _motion(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """The hand moved 0.8 to 2.5 modules while the shutter was open."""
    kernel = smear(spot.pitch * float(rng.uniform(0.8, 2.5)), float(rng.uniform(0, np.pi)))
    return cv2.filter2D(frame, -1, kernel).astype(np.uint8)


def _noise(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """Gaussian noise, and one pixel in fifty dead."""
    noisy = frame + rng.normal(0, rng.uniform(18, 58), frame.shape)
    dead = rng.random(frame.shape)
    noisy[dead < 0.01], noisy[dead > 0.99] = 0, 255
    return _grey(noisy)


def _dark(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """Few photons, counted (Poisson), then amplified with their noise as far as the camera's gain goes."""
    light = float(rng.uniform(0.035, 0.16))
    photons = rng.poisson(frame * light * 1.2) / 1.2 + rng.normal(0, 2, frame.shape)
    return _grey(np.round(np.clip(photons, 0, 255)) * min(4.0, 0.5 / light))


def _glare(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """One or two lamps reflected in the glass over a part of the code."""
    lit = frame.astype(np.float32)
    rows, columns = np.ogrid[0 : frame.shape[0], 0 : frame.shape[1]]
    for _ in range(int(rng.integers(1, 3))):
        x, y = spot.centre + rng.uniform(-0.8, 0.8, 2) * spot.radius
        wide, high = rng.uniform(0.18, 0.42, 2) * spot.radius
        lit = lit + float(rng.uniform(200, 420)) * np.exp(-(((columns - x) / wide) ** 2 + ((rows - y) / high) ** 2))
    return _grey(lit)


def _faint(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """A dim screen in sunlight: 10 to 45 grey levels between black and white."""
    return _grey(float(rng.uniform(70, 170)) + frame * float(rng.uniform(10, 45)) / 255 + rng.normal(0, 1, frame.shape))


def _covered(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """A thumb or a sticker on 3 to 9 percent of the code, not on a corner pattern."""
    first, right, down = spot.corners[0], spot.corners[1] - spot.corners[0], spot.corners[3] - spot.corners[0]
    area = abs(float(right[0] * down[1] - right[1] * down[0]))
    radius = float(np.sqrt(area * rng.uniform(0.03, 0.09) / np.pi))
    at = first + right * rng.uniform(0.42, 0.68) + down * rng.uniform(0.42, 0.68)
    covered = frame.copy()
    centre, axes = (int(at[0]), int(at[1])), (max(1, int(radius * 1.2)), max(1, int(radius / 1.2)))
    shade = int(rng.choice((35, 120, 185, 235)))
    cv2.ellipse(covered, centre, axes, float(rng.uniform(0, 180)), 0, 360, (shade,), -1, cv2.LINE_AA)
    return covered


def _jpeg(rng: np.random.Generator, frame: Grey, spot: Spot) -> Grey:
    """A cheap camera's own compression."""
    good, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 30))])
    assert good, "a grey frame can always be encoded"
    read = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    assert read is not None, "what was just encoded can be decoded"
    return read.astype(np.uint8)


Spoiler = Callable[[np.random.Generator, Grey, Spot], Grey]
SPOILERS: Final[Mapping[str, Spoiler]] = MappingProxyType(
    {
        "defocus": _defocus,
        "motion": _motion,
        "noise": _noise,
        "dark": _dark,
        "glare": _glare,
        "faint": _faint,
        "covered": _covered,
        "jpeg": _jpeg,
    }
)


def bent(held: Thing, half_angle: float) -> Thing:
    """Round a can: the thing lies on a cylinder, of which the camera sees `half_angle` radians to each side."""
    rows, columns = held.pixels.shape
    middle = (columns - 1) / 2
    radius = columns / (2 * np.sin(half_angle))
    off = np.clip((np.arange(columns) - middle) / radius, -1, 1)
    across = middle + np.arcsin(off) / half_angle * columns / 2
    sag = (1 - np.cos(np.arcsin(off))) * radius * 0.15
    map_x = np.repeat(across[None, :], rows, axis=0).astype(np.float32)
    map_y = (np.arange(rows)[:, None] - sag[None, :]).astype(np.float32)
    pixels = cv2.remap(held.pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return dataclasses.replace(held, pixels=pixels.astype(np.uint8))


def rastered(held: Thing, pitch: float) -> Thing:
    """The dots of a phone's panel, `pitch` pixels of the drawing apart; the sensor makes moire of them."""
    rows, columns = held.pixels.shape
    gap_x = (np.arange(columns) / pitch) % 1 > 0.6
    gap_y = (np.arange(rows) / pitch) % 1 > 0.68
    shade = (1 - 0.5 * gap_x[None, :]) * (1 - 0.45 * gap_y[:, None]) * 1.35
    return dataclasses.replace(held, pixels=_grey(held.pixels * shade))


def _grey(values: npt.NDArray[np.floating]) -> Grey:
    return np.asarray(np.clip(values, 0, 255), np.uint8)
