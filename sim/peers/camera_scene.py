"""What a camera over a counter sees: the counter, a hand that is never quite still, a lens, a lamp and a sensor.

Everything follows from a seed and the time of the frame, so the same seed shows the same film. Order of events as
in a real camera: the thing is projected (pinhole), moves while the shutter is open, is blurred by the lens, lit by
the lamp, and gets the sensor's noise last.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from sim.peers.camera_things import Grey, Thing

NOISE_SPARE = 64  # pixels by which the noise is larger than the frame: each frame takes another cut of it


@dataclass(frozen=True, slots=True)
class Look:
    """How the scene is seen. `shake` 1 is an ordinary hand, 0 a stand; `fill` the share of the frame's height that
    the code takes; `blur_px` of the lens; `glare` 0 to 1; `noise` in grey levels; `light` 1 is a lit shop;
    `tilt_deg` away from the camera; `turn_deg` in the picture's plane; `exposure_ms` how long the shutter is open."""

    shake: float = 1.0
    fill: float = 0.42
    blur_px: float = 0.6
    glare: float = 0.15
    noise: float = 4.0
    light: float = 1.0
    tilt_deg: float = 10.0
    turn_deg: float = 5.0
    exposure_ms: float = 12.0


@dataclass(frozen=True, slots=True)
class _Wave:
    """A sum of three sines: drift of an arm, sway of a wrist, tremor of a hand (8 to 12 Hz)."""

    parts: tuple[tuple[float, float, float], ...]

    def at(self, seconds: float) -> float:
        return sum(size * sin(2 * pi * hertz * seconds + phase) for size, hertz, phase in self.parts)


def _wave(rng: np.random.Generator, scale: float) -> _Wave:
    bands = ((1.0, 0.2, 0.5), (0.45, 0.8, 2.0), (0.10, 8.0, 12.0))
    parts = tuple(
        (scale * size * float(rng.uniform(0.6, 1.2)), float(rng.uniform(low, high)), float(rng.uniform(0, 2 * pi)))
        for size, low, high in bands
    )
    return _Wave(parts)


def counter(rng: np.random.Generator, width: int, height: int) -> Grey:
    """The empty counter: a slope of light, things lying about, print, shelves; slightly out of focus."""
    across = np.linspace(rng.uniform(60, 120), rng.uniform(80, 170), width)
    down = np.linspace(rng.uniform(0.8, 1.0), rng.uniform(0.7, 1.1), height)
    picture = np.clip(across[None, :] * down[:, None], 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(10, 22))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(12, width // 4)), int(rng.integers(10, height // 4))
        shade = int(rng.integers(25, 215))
        match int(rng.integers(0, 4)):
            case 0:
                cv2.rectangle(picture, (x, y), (x + w, y + h), (shade,), -1)
            case 1:
                cv2.ellipse(picture, (x, y), (w // 2, h // 2), float(rng.uniform(0, 180)), 0, 360, (shade,), -1)
            case 2:
                words = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUVWXYZ2345678"), 8))
                cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_DUPLEX, rng.uniform(0.4, 1.3), (shade,), 2)
            case _:
                step = int(rng.integers(5, 16))
                for line in range(0, w, step):
                    cv2.line(picture, (x + line, y), (x + line, y + h), (shade,), max(1, step // 3))
    return cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 1.8))).astype(np.uint8)


class Scene:
    """A film of one counter. `frame(seconds)` may be asked at any times, in any order."""

    def __init__(self, seed: int, width: int = 1280, height: int = 720) -> None:
        rng = np.random.default_rng(seed)
        self._size = (width, height)
        self._counter = counter(rng, width, height)
        self._sway = tuple(_wave(rng, 1.0) for _ in range(6))
        self._glare_phase = float(rng.uniform(0, 2 * pi))
        shape = (height + NOISE_SPARE, width + NOISE_SPARE)
        self._noise = rng.standard_normal(shape, dtype=np.float32)
        self._seed = seed

    def frame(self, seconds: float, held: Thing | None, look: Look) -> Grey:
        """The frame whose shutter closes at `seconds`; `held` None shows the empty counter."""
        picture: MatLike = self._counter
        if held is not None:
            picture = self._with(held, seconds, look)
        if look.light != 1.0:
            picture = cv2.convertScaleAbs(picture, alpha=look.light)
        return self._sensed(picture, seconds, look.noise)

    def corners(self, seconds: float, held: Thing, look: Look) -> npt.NDArray[np.float64]:
        """Where the corners of the code are in the frame, shape (4, 2)."""
        left, top, right, bottom = held.code
        flat = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
        return np.asarray(cv2.perspectiveTransform(flat, self._projection(seconds, held, look))[0], np.float64)

    def _projection(self, seconds: float, held: Thing, look: Look) -> npt.NDArray[np.float64]:
        width, height = self._size
        x, y, near, roll, pitch, yaw = (wave.at(seconds) * look.shake for wave in self._sway)
        left, top, right, bottom = held.code
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
        scale = look.fill * height / max(right - left, bottom - top) * (1 + 0.05 * near)
        turn = np.deg2rad(look.turn_deg + 2.0 * roll)
        tilt_x, tilt_y = np.deg2rad(look.tilt_deg * 0.8 + 2.5 * pitch), np.deg2rad(look.tilt_deg * 0.6 + 2.5 * yaw)
        about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        about_x = np.array([[1, 0, 0], [0, np.cos(tilt_x), -np.sin(tilt_x)], [0, np.sin(tilt_x), np.cos(tilt_x)]])
        about_y = np.array([[np.cos(tilt_y), 0, np.sin(tilt_y)], [0, 1, 0], [-np.sin(tilt_y), 0, np.cos(tilt_y)]])
        turned = about_y @ about_x @ about_z
        far = 1.1 * width  # focal length in pixels of an ordinary webcam
        flat = np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])
        plane = np.column_stack((turned[:, 0], turned[:, 1], np.array([0, 0, far])))
        lens = np.array([[far, 0, width / 2 + 22 * x], [0, far, height / 2 + 14 * y], [0, 0, 1]])
        projection: npt.NDArray[np.float64] = lens @ plane @ flat
        return projection

    def _with(self, held: Thing, seconds: float, look: Look) -> MatLike:
        projection = self._projection(seconds, held, look)
        x, y, w, h = self._box(held, projection)
        if w < 2 or h < 2:
            return self._counter
        here = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], np.float64) @ projection
        over = cv2.warpPerspective(_shrunk(held, projection), here, (w, h), flags=cv2.INTER_LINEAR)
        cover = cv2.warpPerspective(np.full(held.pixels.shape, 255, np.uint8), here, (w, h))
        picture: MatLike = self._counter.copy()
        part: MatLike = picture[y : y + h, x : x + w]
        np.copyto(part, over, where=cover > 127)
        part = self._moved(part, held, seconds, look)
        if look.blur_px > 0:
            part = cv2.GaussianBlur(part, (0, 0), look.blur_px)
        if look.glare > 0 and held.glossy:
            part = self._lit(part, seconds, look.glare)
        picture[y : y + h, x : x + w] = part
        return picture

    def _box(self, held: Thing, projection: npt.NDArray[np.float64]) -> tuple[int, int, int, int]:
        """The part of the frame that the thing covers: left, top, width, height."""
        rows, columns = held.pixels.shape
        flat = np.array([[[0, 0], [columns, 0], [columns, rows], [0, rows]]], np.float64)
        outline = cv2.perspectiveTransform(flat, projection)[0]
        low = np.clip(np.floor(outline.min(axis=0)) - 2, 0, self._size).astype(int)
        high = np.clip(np.ceil(outline.max(axis=0)) + 2, 0, self._size).astype(int)
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def _moved(self, part: MatLike, held: Thing, seconds: float, look: Look) -> MatLike:
        """The smear of the hand's way while the shutter was open."""
        if look.exposure_ms <= 0 or look.shake <= 0:
            return part
        opened = self.corners(seconds - look.exposure_ms / 1000, held, look).mean(axis=0)
        way = self.corners(seconds, held, look).mean(axis=0) - opened
        length = float(np.hypot(*way))
        if length < 0.7:
            return part
        return cv2.filter2D(part, -1, smear(length, float(np.arctan2(way[1], way[0]))))

    def _lit(self, part: MatLike, seconds: float, glare: float) -> MatLike:
        """The lamp's reflection wanders over the glass as the hand turns it."""
        height, width = part.shape[:2]
        x = width * (0.5 + 0.55 * sin(0.7 * seconds + self._glare_phase))
        y = height * (0.4 + 0.35 * sin(0.43 * seconds + 2 * self._glare_phase))
        rows, columns = np.ogrid[0:height, 0:width]
        radius = 0.16 * max(height, width)
        spot = np.exp(-(((columns - x) / radius) ** 2 + ((rows - y) / (radius * 0.7)) ** 2))
        lit: Grey = np.clip(part + 420.0 * glare * spot, 0, 255).astype(np.uint8)
        return lit

    def _sensed(self, picture: MatLike, seconds: float, noise: float) -> Grey:
        if noise <= 0:
            return picture.astype(np.uint8)
        rng = np.random.default_rng((self._seed, int(seconds * 1e6) & 0xFFFFFFFF))
        x, y = (int(place) for place in rng.integers(0, NOISE_SPARE, 2))
        width, height = self._size
        grain = self._noise[y : y + height, x : x + width]
        summed = cv2.scaleAdd(grain, noise, picture.astype(np.float32))
        return np.clip(summed, 0, 255).astype(np.uint8)


def smear(length: float, angle: float) -> npt.NDArray[np.float32]:
    """A filter that spreads each pixel evenly over a line of `length` pixels at `angle` radians."""
    side = max(3, int(np.ceil(length)) | 1)
    fine = np.zeros((side * 4, side * 4), np.float32)
    half = np.array([np.cos(angle), np.sin(angle)]) * length * 2
    start, end = (np.round(side * 2 + step).astype(int) for step in (-half, half))
    cv2.line(fine, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), (1.0,), 4)
    kernel = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _shrunk(held: Thing, projection: npt.NDArray[np.float64]) -> MatLike:
    """Softened before it is drawn much smaller, as a lens does; else thin bars would alias."""
    left, top, right, _ = held.code
    corners = cv2.perspectiveTransform(np.array([[[left, top], [right, top]]], np.float64), projection)[0]
    scale = float(np.hypot(*(corners[1] - corners[0]))) / max(1, right - left)
    if scale >= 0.7:
        return held.pixels
    return cv2.GaussianBlur(held.pixels, (0, 0), 0.42 / scale)
