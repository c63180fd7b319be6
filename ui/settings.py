"""What the screen is: its size in pixels and inches, how it is opened, its theme, language and fonts."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Final

from core.words import LANGS

MODES: Final = ("headless", "window", "fullscreen", "panel")
THEMES: Final = ("light", "dark", "contrast")
SIDE_MAX: Final = 7680  # an 8K panel; a larger number is a typing mistake that would eat the memory
HEIGHT_MIN_MM: Final = 85  # header, four keys of 15 mm and margins; a 7 inch 800 x 480 panel has 91 mm
MM_PER_INCH: Final = 25.4

# The usual diagonal of a panel of that size, when the settings do not say.
_DIAGONALS: Final = {(800, 480): 7.0, (1024, 600): 7.0, (1280, 800): 10.1, (1920, 1080): 15.6}

NANUM: Final = "/usr/share/fonts/truetype/nanum/NanumGothic.ttf"
NANUM_BOLD: Final = "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf"


class ScreenRefused(Exception):
    """The screen cannot be as asked. `code` is a catalogue code (TM-SCR-nnn); `detail` names the setting or file."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Settings:
    """The ``[screen]`` table of a device.

    `width`, `height` in pixels; `diagonal_inch` of the visible panel, 0 for the usual one of that size.
    `mode`: ``headless`` draws into memory, ``window``, ``fullscreen``, ``panel`` connects to a remote panel at `port`.
    `port`: ``socket://127.0.0.1:PORT``, loopback only. `theme`: light, dark, contrast.
    `lang` is the language before the first screen is shown. `place` is the shop's name in the header.
    `languages` and `help` say which buttons stand in the header. `utc_offset_minutes` is for the clock there.
    """

    width: int = 800
    height: int = 480
    diagonal_inch: float = 0.0
    mode: str = "window"
    port: str = ""
    theme: str = "light"
    lang: str = "ko"
    place: str = ""
    languages: bool = True
    help: bool = True
    reduced_motion: bool = False
    utc_offset_minutes: int = 540
    font: str = NANUM
    font_bold: str = NANUM_BOLD

    def mm_per_pixel(self) -> float:
        """Millimetres of one pixel (square pixels): 0.19 for 7 inches of 800 x 480."""
        inches = self.diagonal_inch or _DIAGONALS.get((self.width, self.height), 10.1)
        return inches * MM_PER_INCH / hypot(self.width, self.height)


def check(settings: Settings) -> None:
    """Refuse by name what could not be drawn or touched. Raises `ScreenRefused`."""
    for name, value, allowed in (
        ("mode", settings.mode, MODES),
        ("theme", settings.theme, THEMES),
        ("lang", settings.lang, LANGS),
    ):
        if value not in allowed:
            raise ScreenRefused("TM-SCR-007", f"{name} = {value!r}, may be {', '.join(allowed)}")
    if settings.width > SIDE_MAX or settings.height > SIDE_MAX:
        raise ScreenRefused("TM-SCR-007", f"size {settings.width} x {settings.height} is beyond {SIDE_MAX}")
    if not 0 <= settings.diagonal_inch <= 200:
        raise ScreenRefused("TM-SCR-007", f"diagonal_inch = {settings.diagonal_inch}, may be 0 to 200")
    if settings.width < 800 or settings.height < 480 or settings.width < settings.height:
        raise ScreenRefused("TM-SCR-003", f"{settings.width} x {settings.height} pixels, landscape from 800 x 480")
    height_mm = settings.height * settings.mm_per_pixel()
    if height_mm < HEIGHT_MIN_MM:
        raise ScreenRefused("TM-SCR-003", f"the panel is {height_mm:.0f} mm high, {HEIGHT_MIN_MM} are needed")
