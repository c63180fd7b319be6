"""Find the bars of a barcode anywhere in a frame, turn them upright and press them into a few clean rows.

A barcode is the one thing in front of a till whose edges all run the same way over an area. So: gather gradients into
the structure tensor of small cells, take the areas with much energy in one direction, rotate each so that its bars
stand, and average along the bars. Averaging n pixels of one bar divides the sensor's noise by the root of n, at any
angle, which no scan line of a decoder can do. Method: Bigun & Granlund, *Optimal orientation detection of linear
symmetry* (ICCV 1987), for the tensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from drivers.kit.sight.readers import LINEAR, Corners, Found, Luma, zxing

CELL = 16  # pixels of the frame; at half size 8, about the pitch of four bars held close
COHERENT = 0.55  # of the energy in one direction; print and clutter stay under 0.4, bars above 0.8
QUIET = 200.0  # energy of a cell in grey levels squared below which a cell is flat wall and sensor noise
FAINT = 12.0  # grey levels per pixel: the weakest bars that zxing still reads after averaging
CELLS_MIN = 4  # a barcode shorter than four cells has bars too thin to resolve
SAME_WAY = 0.3  # radians: bars of one code under the tilt of a hand differ less than this
EDGE = 0.3  # a cell belongs to the code down to this share of its strongest cell
MARGIN = 0.12  # of the length on each side: the quiet zone that decoders need
BODY = 0.7  # of the height: the top and bottom edge of the code are left out
STRETCH = 2.0  # pixels of the strip per pixel of the frame, so that thin bars get room for sharpening
WIDTH_MAX = 2000  # a code across a whole 1280 frame is 2 * 1280 * 1.24; wider strips only cost time
ROWS = 8  # rows of the strip: enough votes for the decoder, few enough to average
REPEAT = 4  # the decoder samples scan lines; each row is written this many times

# Sharpening across the bars undoes the blur of lens and hand: (sigma in strip pixels, strength).
SHARPER = ((0.0, 0.0), (4.0, 2.0), (8.0, 3.0), (5.0, 6.0))


@dataclass(frozen=True, slots=True)
class Bars:
    """An area of parallel edges: `angle` of the edges' normal in radians and the centres of its cells."""

    angle: float
    xs: npt.NDArray[np.float64]
    ys: npt.NDArray[np.float64]


def find_bars(half: Luma, most: int = 2) -> list[Bars]:
    """The `most` strongest areas of parallel edges in a half-size frame, strongest first, in full-size pixels."""
    grid = half.shape[1] * 2 // CELL, half.shape[0] * 2 // CELL
    if min(grid) < 3:
        return []
    gx = cv2.Sobel(half, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(half, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = (_cells(product, grid) for product in (gx * gx, gy * gy, gx * gy))
    directed = np.hypot(xx - yy, 2 * xy)
    strength = np.where(directed / (xx + yy + QUIET) > COHERENT, np.sqrt(directed), 0.0)
    angles = 0.5 * np.arctan2(2 * xy, xx - yy)
    areas: list[Bars] = []
    for _ in range(most):
        peak = float(strength.max())
        if peak < FAINT:
            break
        row, column = np.unravel_index(int(strength.argmax()), strength.shape)
        turned = np.abs((angles - angles[row, column] + pi / 2) % pi - pi / 2)
        alike = ((strength > EDGE * peak) & (turned < SAME_WAY)).astype(np.uint8)
        _, labels = cv2.connectedComponents(alike, connectivity=8)
        area = labels == labels[row, column]
        strength[area] = 0
        if int(area.sum()) < CELLS_MIN:
            continue
        angle = 0.5 * float(np.arctan2(2 * xy[area].sum(), xx[area].sum() - yy[area].sum()))
        ys, xs = np.nonzero(area)
        areas.append(Bars(angle, _centres(xs), _centres(ys)))
    return areas


def _centres(cells: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    return (cells.astype(np.float64) + 0.5) * CELL


def _cells(product: MatLike, grid: tuple[int, int]) -> npt.NDArray[np.float32]:
    return cv2.blur(cv2.resize(product, grid, interpolation=cv2.INTER_AREA), (3, 3)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Strip:
    """The bars, upright and averaged: `rows` high. `back` maps strip pixels (before pressing) to the frame."""

    pixels: MatLike
    back: npt.NDArray[np.float64]
    height: int

    def corners(self, found: Corners) -> Corners:
        """Where the code found in the strip lies in the frame: its width, over the whole height of the strip."""
        left = min(x for x, _ in found)
        right = max(x for x, _ in found)
        box = ((left, 0.0), (right, 0.0), (right, float(self.height)), (left, float(self.height)))
        return tuple(
            (
                float(self.back[0] @ (x, y, 1.0)),
                float(self.back[1] @ (x, y, 1.0)),
            )
            for x, y in box
        )


def press(frame: Luma, bars: Bars) -> Strip | None:
    """Rotate the area upright and average it along the bars; None when it is too short to hold a code."""
    ux, uy = cos(bars.angle), sin(bars.angle)
    along = bars.xs * ux + bars.ys * uy
    across = bars.ys * ux - bars.xs * uy
    length = float(along.max() - along.min()) + CELL
    start = float(along.min()) - CELL / 2 - MARGIN * length - CELL / 2
    length += 2 * MARGIN * length + CELL
    middle = float(across.min() + across.max()) / 2
    body = max(CELL, (float(across.max() - across.min()) + CELL) * BODY)
    width, height = int(min(WIDTH_MAX, length * STRETCH)), int(body)
    if width < 40:
        return None
    step = length / width
    top = middle - body / 2
    back = np.array(
        [[ux * step, -uy, ux * start - uy * top], [uy * step, ux, uy * start + ux * top]],
        dtype=np.float64,
    )
    upright = cv2.warpAffine(
        frame,
        back,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Strip(cv2.resize(upright, (width, ROWS), interpolation=cv2.INTER_AREA), back, height)


def read_straightened(frame: Luma, half: Luma) -> list[Found]:
    """Barcodes read from the strongest areas of parallel edges, plain first, then sharpened across the bars."""
    found: list[Found] = []
    for bars in find_bars(half):
        strip = press(frame, bars)
        if strip is not None:
            found += _read_strip(strip)
    return found


def _read_strip(strip: Strip) -> list[Found]:
    """The votes of the plain and the sharpened strip, each as good as the other.

    A blurred EAN-13 can be read as another whose check digit is right as well, and frame after frame alike; the same
    bars sharpened then say something else. So one vote is taken when nobody contradicts, else the text with most.
    """
    votes: dict[str, list[Found]] = {}
    for sigma, strength in SHARPER:
        pixels = strip.pixels
        if sigma:
            soft = cv2.GaussianBlur(pixels, (0, 0), sigmaX=sigma, sigmaY=0.01)
            pixels = cv2.addWeighted(pixels, 1 + strength, soft, -strength, 0)
        spread = cv2.normalize(pixels, np.empty_like(pixels), 0, 255, cv2.NORM_MINMAX)
        for found in zxing(np.repeat(spread, REPEAT, axis=0), LINEAR):
            votes.setdefault(found[1], []).append(found)
    most = max((len(each) for each in votes.values()), default=0)
    winners = [each[0] for each in votes.values() if len(each) == most]
    if len(votes) > 1 and (most < 2 or len(winners) > 1):
        return []  # they contradict one another and none has a majority
    return [(symbology, text, strip.corners(corners)) for symbology, text, corners in winners]
