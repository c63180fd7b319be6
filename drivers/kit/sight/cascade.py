"""The decode cascade: the cheap look first, the expensive one only when nothing wanted has been read yet.

Most frames with a code are read by the first stage in under a millisecond. The order is by gain per millisecond, as
measured by ``tillmark bench qr``:

==============  ======  ============================================================================
stage           reads   what it is for
==============  ======  ============================================================================
half            QR      half size, any rotation, dark mode: moire and noise average away
strip           1-D     bars found, turned upright, averaged along, sharpened across
contrast        QR      full size, levels stretched: far, small, faint, bent codes
smooth          QR      Gaussian 1.3: noise finer than the modules
median          QR      median 3 x 3: salt-and-pepper noise of a dark frame
focus           QR      Wiener filter at half size, three guesses at the blur: lens out of focus
zbar            1-D     a second decoder's opinion on 8 rows averaged (extra ``zbar``)
==============  ======  ============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from time import thread_time_ns
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike

from drivers.kit.sight.deblur import Spectrum
from drivers.kit.sight.readers import QR, Found, Luma, has_zbar, zbar, zxing
from drivers.kit.sight.reads import Family, Look, Read, StageTime
from drivers.kit.sight.straighten import read_straightened

LONG_SIDE_MAX = 1600  # pixels; a larger frame holds no more code, only more work, and is made smaller first
SMALL_SIDE = 240  # pixels; a picture smaller than this is a cropped code and is not halved
BLURS: Final = (2.0, 1.5, 2.75)  # sigma in pixels at half size, the most frequent first
PRESSED = 8  # rows of the frame that become one row for zbar


class Frame:
    """One frame and the pictures made from it, each made when the first stage asks for it."""

    def __init__(self, luma: Luma) -> None:
        longest = max(luma.shape)
        self.scale = max(1.0, longest / LONG_SIDE_MAX)
        self.luma = luma if self.scale == 1.0 else _resized(luma, 1 / self.scale, 1 / self.scale)

    @cached_property
    def half(self) -> Luma:
        return self.luma if min(self.luma.shape) < SMALL_SIDE else _resized(self.luma, 0.5, 0.5)

    @property
    def half_scale(self) -> float:
        return float(self.luma.shape[1] / self.half.shape[1])


def _resized(picture: MatLike, fx: float, fy: float) -> Luma:
    return cv2.resize(picture, None, fx=fx, fy=fy, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _moved(found: Iterable[Found], fx: float, fy: float) -> list[Found]:
    return [(kind, text, tuple((x * fx, y * fy) for x, y in corners)) for kind, text, corners in found]


def _half(frame: Frame) -> list[Found]:
    found = zxing(frame.half, QR, rotate=True, downscale=True, invert=True)
    return _moved(found, frame.half_scale, frame.half_scale)


def _strip(frame: Frame) -> list[Found]:
    half = frame.half if frame.half_scale > 1.5 else _resized(frame.luma, 0.5, 0.5)
    return read_straightened(frame.luma, half)


def _contrast(frame: Frame) -> list[Found]:
    spread = cv2.normalize(frame.luma, np.empty_like(frame.luma), 0, 255, cv2.NORM_MINMAX)
    return zxing(spread, QR, rotate=True, downscale=True, invert=True)


def _smooth(frame: Frame) -> list[Found]:
    return zxing(cv2.GaussianBlur(frame.luma, (0, 0), 1.3), QR, invert=True)


def _median(frame: Frame) -> list[Found]:
    return zxing(cv2.medianBlur(frame.luma, 3), QR, invert=True)


def _focus(frame: Frame) -> list[Found]:
    spectrum = Spectrum(frame.half)
    for sigma in BLURS:
        found = zxing(spectrum.sharpened(sigma), QR)
        if found:
            return _moved(found, frame.half_scale, frame.half_scale)
    return []


def _zbar(frame: Frame) -> list[Found]:
    return _moved(zbar(_resized(frame.luma, 1.0, 1 / PRESSED)), 1.0, float(PRESSED))


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to read a frame: which family of codes it can find."""

    name: str
    family: Family
    read: Callable[[Frame], list[Found]]


STAGES: Final = (
    Stage("half", Family.QR, _half),
    Stage("strip", Family.LINEAR, _strip),
    Stage("contrast", Family.QR, _contrast),
    Stage("smooth", Family.QR, _smooth),
    Stage("median", Family.QR, _median),
    Stage("focus", Family.QR, _focus),
    Stage("zbar", Family.LINEAR, _zbar),
)
BOTH: Final = frozenset(Family)


def any_read(read: Read) -> bool:
    """The usual answer to "is this what you are looking for?": any code is."""
    return True


class Cascade:
    """The stages that this machine has, ready to look. `zbar` False leaves the second decoder out."""

    def __init__(self, *, zbar: bool = True) -> None:
        # OpenCV's pool of threads would take the core that the screen draws on, for a gain under a millisecond.
        cv2.setNumThreads(1)
        usable = zbar and has_zbar()
        self.stages = tuple(stage for stage in STAGES if usable or stage.name != "zbar")

    def look(
        self,
        luma: Luma,
        *,
        families: frozenset[Family] = BOTH,
        enough: Callable[[Read], bool] = any_read,
        budget_ms: float = float("inf"),
    ) -> Look:
        """Read one frame: 8-bit grey, shape (height, width), at least 16 x 16 pixels.

        Stops after the first stage that found a read which is `enough`. No stage is begun after `budget_ms` of CPU.
        The same text found by two stages is one read.
        """
        assert luma.ndim == 2, "a frame is grey"
        assert luma.dtype == np.uint8, "a frame has 8 bits a pixel"
        began = thread_time_ns()
        frame = Frame(luma)
        reads: dict[str, Read] = {}
        times: list[StageTime] = []
        mark = began
        for stage in self.stages:
            if stage.family not in families:
                continue
            spent_ms = (mark - began) / 1e6
            if spent_ms > budget_ms:
                break
            found = stage.read(frame)
            now = thread_time_ns()
            times.append(StageTime(stage.name, (now - mark) / 1e6))
            mark = now
            for kind, text, corners in found:
                places = tuple((round(x * frame.scale), round(y * frame.scale)) for x, y in corners)
                reads.setdefault(text, Read(kind, text, places, stage.name, (now - began) / 1e6))
            if any(enough(read) for read in reads.values()):
                break
        return Look(tuple(reads.values()), tuple(times), (thread_time_ns() - began) / 1e6)
