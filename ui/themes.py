"""Colours by role in three themes. Nothing is said by colour alone; tones have a sign and words as well.

Every pair of `PAIRS` is measured by a test (WCAG 2.2, 1.4.3): 4.5:1 at least, 7:1 in the contrast theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

Rgb = tuple[int, int, int]


class Hue(Enum):
    """What a colour is for. `*_SOFT` are grounds, `ON_*` is ink on a ground of full colour."""

    PAPER = "paper"
    CARD = "card"
    INK = "ink"
    QUIET = "quiet"
    LINE = "line"
    EDGE = "edge"
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    ACCENT_SOFT = "accent_soft"
    GOOD = "good"
    GOOD_SOFT = "good_soft"
    WARN = "warn"
    WARN_SOFT = "warn_soft"
    STOP = "stop"
    STOP_SOFT = "stop_soft"
    ON_TONE = "on_tone"
    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"
    ON_DISC = "on_disc"
    WHITE = "white"
    BLACK = "black"


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    colours: tuple[tuple[Hue, Rgb], ...]

    def table(self) -> dict[Hue, Rgb]:
        return dict(self.colours)


def _theme(name: str, text: str) -> Theme:
    words = text.split()
    colours = [(Hue(role), _rgb(value)) for role, value in zip(words[::2], words[1::2], strict=True)]
    assert {hue for hue, _ in colours} | {Hue.WHITE, Hue.BLACK} == set(Hue), f"theme {name} lacks a role"
    return Theme(name, (*colours, (Hue.WHITE, (255, 255, 255)), (Hue.BLACK, (0, 0, 0))))


def _rgb(text: str) -> Rgb:
    value = int(text, 16)
    return value >> 16, value >> 8 & 255, value & 255


LIGHT: Final = _theme(
    "light",
    """paper f4f7f7  card ffffff  ink 0c1c20  quiet 4a5f65  line dbe4e5  edge 7b9096
       accent 0a5a68  on_accent ffffff  accent_soft dceef0
       good 0b6b41  good_soft dcf2e6  warn 7a4a00  warn_soft fbecd0  stop a3231b  stop_soft fbe3e0  on_tone ffffff
       red c62f28  yellow f2b705  blue 2467c9  on_disc 0c1c20""",
)
DARK: Final = _theme(
    "dark",
    """paper 0c1518  card 162226  ink f0f6f6  quiet a9bcc0  line 29383d  edge 6d848a
       accent 58c5d0  on_accent 04191d  accent_soft 11353b
       good 5fd59b  good_soft 10321f  warn f4c15c  warn_soft 38290a  stop ff9389  stop_soft 401815  on_tone 0c1518
       red ff6f66  yellow f7ca45  blue 74a9ff  on_disc 0c1518""",
)
CONTRAST: Final = _theme(
    "contrast",
    """paper 000000  card 000000  ink ffffff  quiet ffffff  line ffffff  edge ffffff
       accent 7df3ff  on_accent 000000  accent_soft 00262b
       good 7dffb4  good_soft 00260f  warn ffd95e  warn_soft 2b2000  stop ffb3ab  stop_soft 2d0703  on_tone 000000
       red ff9a93  yellow ffe066  blue 9cc4ff  on_disc 000000""",
)
THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}

# Ink and ground as they meet on our screens.
PAIRS: Final = (
    (Hue.INK, Hue.PAPER),
    (Hue.INK, Hue.CARD),
    (Hue.QUIET, Hue.PAPER),
    (Hue.QUIET, Hue.CARD),
    (Hue.QUIET, Hue.ACCENT_SOFT),
    (Hue.INK, Hue.ACCENT_SOFT),
    (Hue.ACCENT, Hue.PAPER),
    (Hue.ACCENT, Hue.CARD),
    (Hue.ACCENT, Hue.ACCENT_SOFT),
    (Hue.ON_ACCENT, Hue.ACCENT),
    (Hue.INK, Hue.GOOD_SOFT),
    (Hue.INK, Hue.WARN_SOFT),
    (Hue.INK, Hue.STOP_SOFT),
    (Hue.GOOD, Hue.GOOD_SOFT),
    (Hue.WARN, Hue.WARN_SOFT),
    (Hue.STOP, Hue.STOP_SOFT),
    (Hue.STOP, Hue.CARD),
    (Hue.ON_TONE, Hue.GOOD),
    (Hue.ON_TONE, Hue.WARN),
    (Hue.ON_TONE, Hue.STOP),
    (Hue.BLACK, Hue.WHITE),
)


def contrast(a: Rgb, b: Rgb) -> float:
    """The contrast ratio of WCAG 2.2 (relative luminance), 1 to 21."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
