"""Sizes: millimetres first, then pixels.

The grid unit `u` is a hundredth of the width (8 px at 800 x 480). Text and targets are given in units and
never fall below their millimetres: targets 15 mm, body text 4.5 mm and amounts 10 mm of capital height
(ADA 2010, 707.7 asks 4.8 mm of the letter I at reading distance; the label size is for what is also said larger).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from ui.settings import Settings

TARGET_MM: Final = 15.0
TEXT_MM: Final = 4.5
NUMBER_MM: Final = 10.0
CAP_SHARE: Final = 0.735  # height of a capital or figure in NanumGothic, as a share of the font size
LINE_SHARE: Final = 1.32  # distance of two lines as a share of the font size; Hangul fills its box


@dataclass(frozen=True, slots=True)
class Metrics:
    """All sizes in pixels. `u` is the grid unit."""

    width: int
    height: int
    u: float
    touch: int
    text: int
    label: int
    heading: int
    number: int
    least: int

    def px(self, units: float) -> int:
        """Whole pixels of so many grid units."""
        return round(self.u * units)


def metrics_of(settings: Settings) -> Metrics:
    u = min(settings.width / 100, settings.height / 60)
    mm = settings.mm_per_pixel()

    def cap(millimetres: float) -> int:
        """The font size whose capitals are that high."""
        return ceil(millimetres / mm / CAP_SHARE)

    text = max(round(4 * u), cap(TEXT_MM))
    return Metrics(
        width=settings.width,
        height=settings.height,
        u=u,
        touch=ceil(TARGET_MM / mm),
        text=text,
        label=round(text * 0.78),
        heading=round(text * 1.26),
        number=max(round(9.6 * u), cap(NUMBER_MM)),
        least=round(text * 0.6),
    )
