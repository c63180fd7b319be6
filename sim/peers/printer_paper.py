"""Thermal paper: strips of dots under the print head, cut into papers that can be looked at and read.

A paper is kept as 1-bit-like dots (8 per millimetre, as printed) and as the text that was sent as text. Pictures are
drawn as a thermal printer would: off-white paper, black that bleeds a little, a clean cut, a soft shadow below.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont

DOTS_PER_MM: Final = 8
CELL_WIDTH, CELL_HEIGHT = 12, 24  # font A
_ROM_FONTS: Final = (
    ("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 20),
    ("/usr/share/fonts/truetype/nanum/NanumGothicCoding.ttf", 24),
)
_ROM_WIDE: Final = ("/usr/share/fonts/truetype/nanum/NanumGothicCodingBold.ttf", 24)
_PAPER, _INK, _DESK = (250, 248, 242), (38, 36, 44), (214, 217, 222)
_MARGIN_DOTS: Final = {576: 32, 384: 40}  # 80 and 58 mm rolls
_DESK_DOTS: Final = 36
HEAD_TO_CUTTER_DOTS: Final = 104  # 13 mm: the blank head of every paper was under the head when the last was cut


@dataclass(frozen=True, slots=True)
class Style:
    """How the next letters are printed."""

    width: int = 1
    height: int = 1
    emphasis: bool = False
    underline: int = 0
    invert: bool = False
    font_b: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper. `cut` is False for what was torn off by changing the roll. `dots` are black on white, "L"."""

    dots: Image.Image
    text: str
    cut: bool

    @property
    def length_mm(self) -> float:
        return self.dots.height / DOTS_PER_MM

    def picture(self) -> Image.Image:
        """As it lies on the counter."""
        margin = _MARGIN_DOTS.get(self.dots.width, 32)
        bled = self.dots.filter(ImageFilter.GaussianBlur(0.55))
        paper = Image.new("RGB", (self.dots.width + 2 * margin, self.dots.height + 2 * DOTS_PER_MM), _PAPER)
        ink = Image.new("RGB", self.dots.size, _INK)
        paper.paste(ink, (margin, DOTS_PER_MM), bled.point([255 - grey for grey in range(256)]))
        desk = Image.new("RGB", (paper.width + 2 * _DESK_DOTS, paper.height + 2 * _DESK_DOTS), _DESK)
        shadow = Image.new("L", desk.size, 0)
        ImageDraw.Draw(shadow).rectangle(
            (_DESK_DOTS + 3, _DESK_DOTS + 8, _DESK_DOTS + paper.width + 2, _DESK_DOTS + paper.height + 8), fill=95
        )
        desk.paste((60, 64, 74), (0, 0), shadow.filter(ImageFilter.GaussianBlur(9)))
        desk.paste(paper, (_DESK_DOTS, _DESK_DOTS))
        return desk

    def png(self) -> bytes:
        out = io.BytesIO()
        self.picture().save(out, "PNG", optimize=True)
        return out.getvalue()


class RomFont:
    """The printer's own letters: a fixed grid of 12 x 24 dots, enlarged by doubling dots."""

    def __init__(self) -> None:
        found = next(((path, size) for path, size in _ROM_FONTS if Path(path).exists()), None)
        self._font = ImageFont.truetype(*found) if found else ImageFont.load_default(18)
        self._wide_font = ImageFont.truetype(*_ROM_WIDE) if Path(_ROM_WIDE[0]).exists() else self._font
        self._cells: dict[tuple[str, Style], Image.Image] = {}

    def cell(self, char: str, style: Style) -> Image.Image:
        """One letter, ink black on white."""
        found = self._cells.get((char, style))
        if found is None:
            found = self._cells[char, style] = self._draw(char, style)
        return found

    def _draw(self, char: str, style: Style) -> Image.Image:
        ink, blank = (255, 0) if style.invert else (0, 255)
        wide = unicodedata.east_asian_width(char) in "WF"
        width = CELL_WIDTH * (2 if wide else 1)
        cell = Image.new("L", (width, CELL_HEIGHT), blank)
        pen = ImageDraw.Draw(cell)
        if char == "\u2500":  # the ROM's line is as wide as its cell, so that lines join
            pen.rectangle((0, 11, width, 12), fill=ink)
        else:
            pen.fontmode = "1"
            font = self._wide_font if wide else self._font
            for shift in (0, 1) if style.emphasis else (0,):
                pen.text((width / 2 + shift, 19), char, fill=ink, font=font, anchor="ms")
        if style.underline:
            pen.rectangle((0, CELL_HEIGHT - style.underline, width, CELL_HEIGHT), fill=ink)
        size = (width * style.width, CELL_HEIGHT * style.height)
        if style.font_b:
            size = (9 * width // CELL_WIDTH * style.width, 17 * style.height)
        return cell if size == cell.size else cell.resize(size, Image.Resampling.NEAREST)


class PaperUnderHead:
    """The paper between head and cutter, as strips of dots in the order they left the head."""

    def __init__(self, dots: int) -> None:
        self.dots = dots
        self._strips: list[Image.Image] = []
        self._text: list[str] = []
        self.new_roll()

    def new_roll(self) -> None:
        """A fresh roll is led through to the cutter."""
        self._strips = [Image.new("L", (self.dots, HEAD_TO_CUTTER_DOTS), 255)]
        self._text = []

    @property
    def empty(self) -> bool:
        return len(self._strips) == 1

    def add(self, strip: Image.Image, text: str | None) -> None:
        self._strips.append(strip)
        if text is not None:
            self._text.append(text.rstrip())

    def cut(self) -> Sheet:
        """What is past the cutter becomes a paper; what is still before it begins the next."""
        whole = self._whole()
        end = whole.height - HEAD_TO_CUTTER_DOTS
        sheet = Sheet(whole.crop((0, 0, self.dots, end)), self._text_so_far(), cut=True)
        self._strips = [whole.crop((0, end, self.dots, whole.height))]
        self._text = []
        return sheet

    def torn(self) -> Sheet:
        """All of it, torn off with the roll."""
        sheet = Sheet(self._whole(), self._text_so_far(), cut=False)
        self.new_roll()
        return sheet

    def _text_so_far(self) -> str:
        return "\n".join(self._text).strip("\n")

    def _whole(self) -> Image.Image:
        whole = Image.new("L", (self.dots, sum(strip.height for strip in self._strips)), 255)
        at = 0
        for strip in self._strips:
            whole.paste(strip, (0, at))
            at += strip.height
        return whole
