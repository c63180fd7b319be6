"""What a look at one frame found: reads, and where the time went. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.events import Symbology


class Family(Enum):
    """Two-dimensional and one-dimensional codes are looked for by different stages."""

    QR = "qr"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Read:
    """One code in one frame.

    `position` are the four corners in pixels of the frame, clockwise from the code's own top left. `stage` is the
    stage of the cascade that read it, `ms` the CPU milliseconds spent on the frame until then. The text may be a
    personal code: `repr` does not show it.
    """

    symbology: Symbology
    text: str = field(repr=False)
    position: tuple[tuple[int, int], ...]
    stage: str
    ms: float

    @property
    def family(self) -> Family:
        return Family.QR if self.symbology is Symbology.QR else Family.LINEAR


@dataclass(frozen=True, slots=True)
class StageTime:
    """CPU milliseconds that one stage took on one frame."""

    stage: str
    ms: float


@dataclass(frozen=True, slots=True)
class Look:
    """Everything one pass over a frame found. `ms` is CPU time of the calling thread, all stages together."""

    reads: tuple[Read, ...]
    stages: tuple[StageTime, ...]
    ms: float
