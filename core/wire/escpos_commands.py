"""ESC/POS commands as values: what a receipt printer can be told. `core.wire.escpos` reads them from bytes.

Source: Epson's ESC/POS command reference; the docstrings name its pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    LEFT = 0
    CENTER = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes to print in the current code page; no control characters."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class LineFeed:
    """LF: print the line and move on by the line spacing."""


@dataclass(frozen=True, slots=True)
class Init:
    """ESC @: everything back to its default; what is in the print buffer is dropped."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """ESC t n."""

    number: int


@dataclass(frozen=True, slots=True)
class DoubleByte:
    """FS & and FS . (0x1C): letters of two bytes from here on, or no more. Which ones is the printer's country."""

    on: bool


@dataclass(frozen=True, slots=True)
class Emphasis:
    """ESC E n (and ESC G n)."""

    on: bool


@dataclass(frozen=True, slots=True)
class Underline:
    """ESC - n: 0, 1 or 2 dots."""

    dots: int


@dataclass(frozen=True, slots=True)
class Invert:
    """GS B n: white on black."""

    on: bool


@dataclass(frozen=True, slots=True)
class Size:
    """GS ! n: how many times as wide and as high, 1-8 each."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mode:
    """ESC ! n: font B, emphasis, double height, double width, underline at once."""

    font_b: bool
    emphasis: bool
    size: Size
    underline: bool


@dataclass(frozen=True, slots=True)
class Font:
    """ESC M n: 0 font A (12 x 24 dots), 1 font B (9 x 17)."""

    number: int


@dataclass(frozen=True, slots=True)
class Justify:
    """ESC a n."""

    align: Align


@dataclass(frozen=True, slots=True)
class LineSpacing:
    """ESC 3 n in dots; ESC 2 (None) is the default of 30."""

    dots: int | None


@dataclass(frozen=True, slots=True)
class FeedDots:
    """ESC J n."""

    dots: int


@dataclass(frozen=True, slots=True)
class FeedLines:
    """ESC d n."""

    lines: int


@dataclass(frozen=True, slots=True)
class Raster:
    """GS v 0: `rows` rows of `width_bytes` bytes, first dot in bit 7, 1 is black. `scale_x/y` 1 or 2."""

    width_bytes: int
    rows: int
    scale_x: int
    scale_y: int
    dots: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """GS V. `feed_dots` is the extra feed before the cut (functions B and C)."""

    full: bool
    feed_dots: int


@dataclass(frozen=True, slots=True)
class DrawerPulse:
    """ESC p m t1 t2: open the cash drawer at pin 2 (0) or 5 (1)."""

    pin: int


@dataclass(frozen=True, slots=True)
class QrModel:
    number: int


@dataclass(frozen=True, slots=True)
class QrModule:
    """Side of a module in dots."""

    dots: int


@dataclass(frozen=True, slots=True)
class QrLevel:
    """Error correction ``L M Q H``."""

    level: str


@dataclass(frozen=True, slots=True)
class QrStore:
    data: bytes


@dataclass(frozen=True, slots=True)
class QrPrint:
    pass


@dataclass(frozen=True, slots=True)
class StatusAsk:
    """DLE EOT n, in real time."""

    question: int


@dataclass(frozen=True, slots=True)
class ClearBuffer:
    """DLE DC4 fn 8, in real time: forget everything that is not printed yet."""


@dataclass(frozen=True, slots=True)
class PaperAsk:
    """GS r n, in turn: 1 or 49 paper sensor, 2 or 50 drawer."""

    question: int


@dataclass(frozen=True, slots=True)
class IdAsk:
    """GS ( H function 48, in turn: echo this label."""

    label: bytes


@dataclass(frozen=True, slots=True)
class AutoStatusSwitch:
    """GS a n: say by yourself what changes; 0 is off."""

    mask: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that this file does not know."""

    raw: bytes


Command = (
    Text | LineFeed | Init | CodePage
    | DoubleByte | Emphasis | Underline | Invert | Size | Mode | Font | Justify | LineSpacing
    | FeedDots | FeedLines | Raster | Cut | DrawerPulse | QrModel | QrModule | QrLevel | QrStore | QrPrint
    | StatusAsk | ClearBuffer | PaperAsk | IdAsk | AutoStatusSwitch | Unknown
)  # fmt: skip
RealTime = StatusAsk | ClearBuffer
