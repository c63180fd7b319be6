"""What a laid-out screen is made of: boxes, the marks drawn in them and the targets a finger can hit.

Pure values. `layout` makes them, `paint` draws them, tests measure them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.screens import Picture, Tone
from ui.themes import Hue


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, origin at the top left."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    def inset(self, dx: int, dy: int | None = None) -> Box:
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, max(0, self.w - 2 * dx), max(0, self.h - 2 * dy))

    def holds(self, x: int, y: int) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def within(self, other: Box) -> bool:
        return other.x <= self.x and other.y <= self.y and self.right <= other.right and self.bottom <= other.bottom

    def overlaps(self, other: Box) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def middle(self, w: int, h: int) -> Box:
        """A box of that size in the middle of this one."""
        return Box(self.x + (self.w - w) // 2, self.y + (self.h - h) // 2, w, h)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `box` is as wide as the text and as high as its line."""

    box: Box
    text: str
    size: int
    bold: bool = False
    hue: Hue = Hue.INK


@dataclass(frozen=True, slots=True)
class Plate:
    """A rounded ground, with or without an edge of `edge_px`."""

    box: Box
    radius: int
    fill: Hue | None = None
    edge: Hue | None = None
    edge_px: int = 0


@dataclass(frozen=True, slots=True)
class Disc:
    """The disc of a wallet: first red, second yellow, third blue; its number stands in it."""

    box: Box
    fill: Hue


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of a tone: a tick in a disc, a triangle, an octagon, an i. Shape says what colour says."""

    box: Box
    tone: Tone
    ground: Hue


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn by code on a ground of one colour."""

    box: Box
    picture: Picture
    ground: Hue


@dataclass(frozen=True, slots=True)
class QrPlate:
    """A QR code with its quiet zone on white, in every theme."""

    box: Box
    payload: str


@dataclass(frozen=True, slots=True)
class EraseSign:
    """The backspace arrow of a number pad."""

    box: Box
    hue: Hue = Hue.INK


@dataclass(frozen=True, slots=True)
class Ring:
    """A countdown: moves with the clock since the screen was shown. The number stands in the ring."""

    box: Box
    left_ms: int
    total_ms: int
    number: int
    ground: Hue


@dataclass(frozen=True, slots=True)
class Orbit:
    """Something is under way: an arc that goes round calmly."""

    box: Box
    ground: Hue
    hue: Hue = Hue.ACCENT


@dataclass(frozen=True, slots=True)
class Lens:
    """The live camera picture with a hint at its foot; the hint of the picture wins over `hint`.

    `starting` stands there before the first picture.
    """

    box: Box
    hint: str
    starting: str
    hint_size: int
    radius: int


class Look(Enum):
    """How a target looks."""

    PRIMARY = "primary"
    PLAIN = "plain"
    CANCEL = "cancel"
    DANGER = "danger"
    KEY = "key"
    CARD = "card"
    BARE = "bare"


Static = Line | Plate | Disc | Sign | Drawn | QrPlate | EraseSign
Moving = Ring | Orbit | Lens
Mark = Static | Moving


@dataclass(frozen=True, slots=True)
class Target:
    """Something to press. `hit` is where a finger counts (at least 15 mm high), `box` what is drawn.

    `keys` are the hardware keys that do the same. `label` is what speech calls it.
    """

    action: str
    box: Box
    hit: Box
    look: Look
    label: str
    keys: tuple[str, ...] = ()
    inside: tuple[Static, ...] = ()
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Scroll:
    """A list longer than its box: `first` is the row on top, `last_first` the furthest it can go."""

    box: Box
    first: int
    last_first: int
    row_px: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Marks and targets of one part of a screen."""

    marks: tuple[Mark, ...] = ()
    targets: tuple[Target, ...] = ()
    scroll: Scroll | None = None

    def plus(self, other: Placed) -> Placed:
        return Placed(self.marks + other.marks, self.targets + other.targets, self.scroll or other.scroll)


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole screen, laid out. `header` is the strip that does not move when screens change."""

    box: Box
    header: Box
    placed: Placed
