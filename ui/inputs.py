"""What hands do to a screen, whatever glass it is: a finger, a mouse, a key, a far panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The only keys a screen knows. A key of another name is not an input.
KEYS: Final = frozenset(
    "0 1 2 3 4 5 6 7 8 9 enter escape backspace tab back_tab up down left right page_up page_down".split()
)


@dataclass(frozen=True, slots=True)
class Down:
    """A finger or the left mouse button went down at a pixel."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Moved:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Up:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class KeyHit:
    """A key of `KEYS` went down."""

    name: str


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The window must be drawn again: it was covered, or it is new."""


Input = Down | Moved | Up | KeyHit | Uncovered
"""One input. A glass delivers at most `INPUTS_MAX` of them a frame."""

INPUTS_MAX: Final = 64  # a frame is bounded: a broken touch panel may send thousands a second
