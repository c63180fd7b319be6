"""What the person could do: looks at frames that could not be read and finds a hint word key.

Blur by more than about half a module beats every decoder there is, so the best lens is the person, told in two
words. Cheap on purpose (a third of a millisecond): everything is measured on a picture 320 pixels wide, sharpness on
the part of the half-size frame that changed since nobody stood there.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from drivers.kit.sight.readers import Luma

CLOSER: Final = "camera.hint.closer"
BACK: Final = "camera.hint.back"
GLARE: Final = "camera.hint.glare"
DARK: Final = "camera.hint.dark"
STILL: Final = "camera.hint.still"

PREVIEW_WIDTH = 320
DARK_LEVEL = 40.0  # mean grey level of the thing held up (or of the whole frame when all of it is dark)
GLARE_LEVEL = 250  # a saturated pixel
GLARE_SHARE = 0.05  # of the thing held up, frame and all: on its screen that is the tenth a code of level M can lose
CHANGED = 22  # grey levels between now and the empty counter
PRESENT = 0.015  # of the frame has changed: somebody holds something up
SMALL = 0.15  # of the frame: too far away for the modules to be seen
LARGE = 0.35  # of the frame: inside the near limit of a fixed lens, if it is blurred
MOVING = 18.0  # grey levels between two frames where the thing is; an ordinary hand makes 8 to 11
BLURRED = 0.035  # variance of the Laplacian over the variance of the picture itself
LEARN = 0.05  # share of a frame in the empty counter's picture: new light is learned in about 20 idle frames
LEARN_ARMED = 0.003  # the same while somebody is expected: in half a minute a parcel left there is part of the counter
STEADY = 3  # looks in a row with the same finding before it is said: words must not flicker


def preview_of(luma: Luma) -> Luma:
    """The frame at viewfinder size, 320 pixels wide."""
    height = max(1, round(luma.shape[0] * PREVIEW_WIDTH / luma.shape[1]))
    return cv2.resize(luma, (PREVIEW_WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


class Hints:
    """Remembers the empty counter and the last frame. Owned by one thread."""

    def __init__(self) -> None:
        self._empty: npt.NDArray[np.float32] | None = None
        self._last: Luma | None = None
        self._finding = ""
        self._times = 0
        self._present = True

    @property
    def present(self) -> bool:
        """Is something there that was not? True as well while nobody can say (too dark to see)."""
        return self._present

    def rest(self, small: Luma) -> None:
        """A preview of the counter while nobody is expected: this is what *nothing there* looks like."""
        self._learn(small, LEARN)
        self._last = None

    def _learn(self, small: Luma, share: float) -> None:
        picture = small.astype(np.float32)
        if self._empty is None or self._empty.shape != picture.shape:
            self._empty = picture
        else:
            self._empty += share * (picture - self._empty)

    def hint(self, luma: Luma, small: Luma, read: bool) -> str:
        """The hint for this frame, "" for none. `read`: a code was read in it, so nothing needs to be said."""
        finding = "" if read else self._find(luma, small)
        self._last = small
        self._learn(small, LEARN_ARMED)
        self._times = self._times + 1 if finding == self._finding else 1
        self._finding = finding
        return finding if self._times >= STEADY else ""

    def _find(self, luma: Luma, small: Luma) -> str:
        self._present = True
        if float(np.percentile(small, 95)) < DARK_LEVEL:
            return DARK
        box = self._thing(small)
        if box is None:
            self._present = False
            return ""
        x, y, w, h = box
        part = small[y : y + h, x : x + w]
        share = w * h / small.size
        if float(part.mean()) < DARK_LEVEL:
            return DARK
        if float((part >= GLARE_LEVEL).mean()) > GLARE_SHARE and float(np.median(part)) < GLARE_LEVEL:
            return GLARE
        if self._last is not None and self._last.shape == small.shape:
            before = self._last[y : y + h, x : x + w]
            if float(cv2.absdiff(cv2.blur(part, (5, 5)), cv2.blur(before, (5, 5))).mean()) > MOVING:
                return STILL
        if share < SMALL:
            return CLOSER
        if _sharpness(luma, box, luma.shape[1] / PREVIEW_WIDTH) < BLURRED:
            return BACK if share > LARGE else STILL
        return ""

    def _thing(self, small: Luma) -> tuple[int, int, int, int] | None:
        """The box (x, y, width, height) of what was not there before; None for an empty counter."""
        if self._empty is None or self._empty.shape != small.shape:
            return None
        change = cv2.absdiff(cv2.blur(small, (5, 5)), cv2.blur(self._empty, (5, 5)).astype(np.uint8))
        mask = (change > CHANGED).astype(np.uint8)
        if float(mask.mean()) < PRESENT:
            return None
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        if count < 2:
            return None
        best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        x, y, w, h = (int(stats[best, i]) for i in range(4))
        return (x, y, w, h) if w > 4 and h > 4 else None


def _sharpness(luma: Luma, box: tuple[int, int, int, int], scale: float) -> float:
    """Edges of the thing at half size, relative to its contrast."""
    x, y, w, h = (round(side * scale) for side in box)
    part = cv2.resize(luma[y : y + h, x : x + w], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(part, cv2.CV_32F).var() / (part.var() + 1.0))
