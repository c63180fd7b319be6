"""Does anything move before the camera? So that a terminal at rest does not read the same empty counter all the time.

A frame is compared with the last one that was looked at, not with the one before it: what creeps into the picture adds
up and is seen as well. Everything is measured on every eighth pixel, which costs a twentieth of a millisecond.
"""

from __future__ import annotations

from typing import Final

import cv2

from drivers.kit.sight.readers import Luma

SKIM: Final = 8  # every eighth pixel of every eighth row
CHANGED: Final = 18  # grey levels, after a blur that takes a sensor's noise away
MOVED: Final = 0.002  # of the picture: a code at the far end of what can be read covers several times that
LIVELY_MS: Final = 1_000  # looked at closely for so long after a change: a hand comes to rest, a lens finds its focus
CALM_LOOK_MS: Final = 500  # and so often for ever: what lies there may become readable by light alone


class Motion:
    """Owned by one thread. Starts lively."""

    def __init__(self, now_ms: int) -> None:
        self._moved_ms = now_ms
        self._looked_ms = now_ms
        self._looked: Luma | None = None
        self.calm = False
        """Nothing has moved for a while."""

    def wake(self, now_ms: int) -> None:
        """Somebody wants to know: the next frames are worth a look whatever they show."""
        self._moved_ms, self.calm = now_ms, False

    def worth_a_look(self, luma: Luma, now_ms: int) -> bool:
        """Whether to read this frame: something moved a moment ago, or the last look is long past."""
        small = cv2.blur(luma[::SKIM, ::SKIM], (3, 3)).astype(luma.dtype, copy=False)
        last = self._looked
        if last is None or last.shape != small.shape or float((cv2.absdiff(small, last) > CHANGED).mean()) > MOVED:
            self._moved_ms = now_ms
        self.calm = now_ms - self._moved_ms >= LIVELY_MS
        if self.calm and now_ms - self._looked_ms < CALM_LOOK_MS:
            return False
        self._looked, self._looked_ms = small, now_ms
        return True
