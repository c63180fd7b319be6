"""What a technician may say about a printer, with defaults that suit most of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.settings import limits

KIND: Final = "printer"


class Flow(Enum):
    """How a serial printer says "wait"."""

    NONE = "none"
    XONXOFF = "xonxoff"
    RTSCTS = "rtscts"


class QrBy(Enum):
    """Who draws QR codes: the printer (few bytes) or we (works on every printer)."""

    PRINTER = "printer"
    RASTER = "raster"


class HangulBy(Enum):
    """Who draws Hangul: we, as pictures, which works everywhere, or a printer made for Korea (KS X 1001).

    The second takes a tenth of the bytes.
    """

    RASTER = "raster"
    PRINTER = "printer"


class Confirm(Enum):
    """How we learn that the paper came out, best first.

    `ID_ECHO`: GS ( H, the printer echoes a label when everything before it is on paper. `PAPER_SENSOR`: GS r 1, an
    answer given in turn with printing, known to nearly all printers. `STATUS`: only that it is ready after the last
    byte was sent; for printers that can do neither.
    """

    ID_ECHO = "id_echo"
    PAPER_SENSOR = "paper_sensor"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Settings:
    """`[devices.printer]`. `port` is a path under /dev or ``socket://host:port``; `width_mm` 80 or 58.

    `code_page` is one of python-escpos' names that the printer has (CP437, CP858, ...); a line outside it is sent as
    a picture drawn with the first of `fonts` that has all its characters.
    """

    port: str
    baud: int = field(default=115_200, metadata=limits(1_200, 921_600))
    flow: Flow = Flow.NONE
    width_mm: int = 80
    code_page: str = "CP437"
    fonts: tuple[str, ...] = (  # the first is on the printer's own grid; bold suits thermal heads
        "/usr/share/fonts/truetype/nanum/NanumGothicCodingBold.ttf",
        "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf",
    )
    hangul: HangulBy = HangulBy.RASTER
    qr: QrBy = QrBy.PRINTER
    confirm: Confirm = Confirm.PAPER_SENSOR
    cutter: bool = True
    clear_buffer: bool = True
    auto_status: bool = False
    status_every_ms: int = field(default=2_000, metadata=limits(200, 60_000))
    answer_ms: int = field(default=200, metadata=limits(20, 250))  # a pump may take about 250 ms
    stall_ms: int = field(default=10_000, metadata=limits(100, 120_000))
    confirm_ms: int = field(default=15_000, metadata=limits(100, 120_000))

    def __post_init__(self) -> None:
        if self.width_mm not in (58, 80):
            raise ValueError(f"width_mm is 58 or 80, not {self.width_mm}")

    @property
    def dots(self) -> int:
        """Printable dots across, at 8 dots per millimetre."""
        return 576 if self.width_mm == 80 else 384

    @property
    def columns(self) -> int:
        """Columns of the printer's font A, 12 dots each."""
        return self.dots // 12
