"""The two weights of one font, at every size a screen asks for, opened when first needed."""

from __future__ import annotations

from typing import Final

import pygame
import pygame.font

from ui.cmap import Charset, charset
from ui.settings import ScreenRefused, Settings

WIDTHS_MAX: Final = 4_000  # texts remembered; a screen asks for a few hundred while it is laid out
SIZES_MAX: Final = 64  # open sizes; all scales of one panel are fewer
STAND_INS: Final = {"₿": "BTC"}  # NanumGothic and Noto have no bitcoin sign


class Fonts:
    """Measures and renders text (`ui.wrap.Measure`)."""

    def __init__(self, settings: Settings) -> None:
        """Raises `ScreenRefused` when a font is missing or lacks letters."""
        self._paths = (settings.font, settings.font_bold)
        self._charsets: tuple[Charset, Charset] = (charset(settings.font), charset(settings.font_bold))
        pygame.font.init()
        self._fonts: dict[tuple[int, bool], pygame.font.Font] = {}
        self._widths: dict[tuple[str, int, bool], int] = {}

    def font(self, size: int, bold: bool) -> pygame.font.Font:
        found = self._fonts.get((size, bold))
        if found is None:
            if len(self._fonts) >= SIZES_MAX:
                self._fonts.clear()
            try:
                found = pygame.font.Font(self._paths[bold], size)
            except (OSError, pygame.error) as error:
                raise ScreenRefused("TM-SCR-001", f"{self._paths[bold]}: {error}") from None
            self._fonts[size, bold] = found
        return found

    def width(self, text: str, size: int, bold: bool) -> int:
        key = (text, size, bold)
        wide = self._widths.get(key)
        if wide is None:
            if len(self._widths) >= WIDTHS_MAX:
                self._widths.clear()
            wide = self._widths[key] = self.font(size, bold).size(self.spelled(text, bold))[0]
        return wide

    def render(self, text: str, size: int, bold: bool, colour: tuple[int, int, int]) -> pygame.Surface:
        return self.font(size, bold).render(self.spelled(text, bold), True, colour)

    def spelled(self, text: str, bold: bool) -> str:
        """`text` with signs the font lacks written out."""
        for sign, stand_in in STAND_INS.items():
            if sign in text and sign not in self._charsets[bold]:
                text = text.replace(sign, stand_in)
        return text

    def forget(self) -> None:
        """Forget the texts of the last screen: a typed code must not stay in a cache."""
        self._widths.clear()
