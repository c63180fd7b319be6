"""The inside of a receipt printer: what it does with commands, paper, cover and sensors. No cable, no clock.

Commands given in real time (DLE EOT, DLE DC4) are answered at once, also while it cannot print; all others wait in
its buffer until there is paper, the cover is closed and it is online, just as in the hardware.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from itertools import groupby
from typing import Final, assert_never

import segno
from PIL import Image

from core.wire.escpos import CommandReader
from core.wire.escpos_commands import (
    Align,
    AutoStatusSwitch,
    ClearBuffer,
    CodePage,
    Command,
    Cut,
    DoubleByte,
    DrawerPulse,
    Emphasis,
    FeedDots,
    FeedLines,
    Font,
    IdAsk,
    Init,
    Invert,
    Justify,
    LineFeed,
    LineSpacing,
    Mode,
    PaperAsk,
    QrLevel,
    QrModel,
    QrModule,
    QrPrint,
    QrStore,
    Raster,
    Size,
    StatusAsk,
    Text,
    Underline,
    Unknown,
)
from core.wire.escpos_status import CLEARED, PrinterStatus, id_answer
from sim.peers.printer_paper import DOTS_PER_MM, PaperUnderHead, RomFont, Sheet, Style

SPACING: Final = 30
QUEUE_MAX: Final = 100_000  # commands; more without paper and the printer forgets the oldest, as a full buffer would
# ESC t numbers of Epson's printers to Python's codecs.
_CODE_PAGES: Final = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866",
                      18: "cp852", 19: "cp858"}  # fmt: skip


_KOREAN: Final = "euc_kr"  # what FS & turns on in a printer made for Korea


class Fault(Enum):
    """What can be wrong with a printer, by name. `core.wire` says how each looks on the cable."""

    PAPER_OUT = "paper_out"
    PAPER_NEAR_END = "paper_near_end"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    CUTTER_ERROR = "cutter_error"
    OVERHEATED = "overheated"
    BROKEN = "broken"
    SILENT = "silent"
    GARBAGE_STATUS = "garbage_status"
    DIES_MIDWAY = "dies_midway"
    UNPLUGGED = "unplugged"


class Engine:
    """One printer's inside; not for several threads. `receive` takes bytes and gives the answer's bytes."""

    def __init__(self, dots: int = 576, roll_mm: float = 80_000, near_end_mm: float = 4_000) -> None:
        self.dots = dots
        self.faults: set[Fault] = set()
        self.sheets: list[Sheet] = []
        self.drawer_pulses = 0
        self.unknown: list[bytes] = []
        self._roll_dots = round(roll_mm * DOTS_PER_MM)
        self._near_end_dots = round(near_end_mm * DOTS_PER_MM)
        self._font = RomFont()
        self._paper = PaperUnderHead(dots)
        self._reader = CommandReader()
        self._queue: deque[Command] = deque(maxlen=QUEUE_MAX)
        self._auto = False
        self._reset()

    def _reset(self) -> None:
        self._style = Style()
        self._align = Align.LEFT
        self._spacing = SPACING
        self._codec = "cp437"
        self._double_byte = False
        self._line: list[tuple[bytes, str, Style]] = []
        self._qr_module, self._qr_level, self._qr_data = 3, "L", b""

    # -- the outside ----------------------------------------------------------------------------------

    def status(self) -> PrinterStatus:
        """What the sensors say now."""
        on = self.faults
        out = Fault.PAPER_OUT in on or self._roll_dots <= 0
        return PrinterStatus(
            offline=self._blocked(),
            cover_open=Fault.COVER_OPEN in on,
            stopped_by_paper=out,
            cutter_error=Fault.CUTTER_ERROR in on,
            recoverable_error=Fault.OVERHEATED in on,
            unrecoverable_error=Fault.BROKEN in on,
            paper_near_end=out or Fault.PAPER_NEAR_END in on or self._roll_dots < self._near_end_dots,
            paper_out=out,
        )

    def _blocked(self) -> bool:
        stopping = {
            Fault.PAPER_OUT,
            Fault.COVER_OPEN,
            Fault.OFFLINE,
            Fault.CUTTER_ERROR,
            Fault.OVERHEATED,
            Fault.BROKEN,
        }
        return bool(self.faults & stopping) or self._roll_dots <= 0

    @property
    def roll_mm(self) -> float:
        return self._roll_dots / DOTS_PER_MM

    def load_roll(self, roll_mm: float) -> bytes:
        """A new roll: what hangs from the old one is torn off. Printing goes on with what waits in the buffer."""
        if not self._paper.empty:
            self.sheets.append(self._paper.torn())
        self._roll_dots = round(roll_mm * DOTS_PER_MM)
        self.faults.discard(Fault.PAPER_OUT)
        return self.go_on()

    def go_on(self) -> bytes:
        """Something changed (cover closed, online again): print what waits; the answers in turn."""
        news = self.status().auto_answer() if self._auto else b""
        return news + self._run()

    def receive(self, data: bytes) -> bytes:
        """Bytes from the cable; the bytes to send back."""
        reply = b""
        for command in self._reader.feed(data):
            match command:
                case StatusAsk(question):
                    if 1 <= question <= 4:
                        reply += bytes([self.status().answer(question)])
                case ClearBuffer():
                    self._queue.clear()
                    self._line.clear()
                    reply += CLEARED
                case _:
                    self._queue.append(command)
        return reply + self._run()

    def new_cable(self) -> None:
        """A command cut off on the old connection will not end on the new one."""
        self._reader = CommandReader()

    # -- working off the buffer -------------------------------------------------------------------------

    def _run(self) -> bytes:
        reply = b""
        while self._queue and not self._blocked():
            was = self.status()
            reply += self._do(self._queue.popleft())
            if self._auto and self.status() != was:
                reply += self.status().auto_answer()
        return reply

    def _do(self, command: Command) -> bytes:
        match command:
            case PaperAsk(question):
                return bytes([self.status().paper_answer() if question in (1, 49) else 0])
            case IdAsk(label):
                return id_answer(label)
            case AutoStatusSwitch(mask):
                self._auto = bool(mask)
                return self.status().auto_answer() if mask else b""
            case StatusAsk() | ClearBuffer():
                raise AssertionError("real-time commands do not wait in the buffer")
            case Text() | LineFeed() | Raster() | FeedDots() | FeedLines() | Cut() | QrPrint():
                self._move(command)
            case Unknown(raw):
                self.unknown.append(raw)
            case _:
                self._set(command)
        return b""

    def _move(self, command: Text | LineFeed | Raster | FeedDots | FeedLines | Cut | QrPrint) -> None:
        match command:
            case Text(raw):
                self._line.append((raw, _KOREAN if self._double_byte else self._codec, self._style))
            case LineFeed():
                self._print_line(self._spacing)
            case FeedDots(dots):
                self._print_line(dots)
            case FeedLines(lines):
                self._print_line(self._spacing if lines else 0)
                self._feed(self._spacing * max(0, lines - 1))
            case Raster():
                self._raster(command)
            case QrPrint():
                self._qr()
            case Cut(feed_dots=extra):
                self._feed(extra)
                if not self._blocked() and not self._paper.empty:
                    self.sheets.append(self._paper.cut())
            case _:
                assert_never(command)

    def _set(self, command: Command) -> None:
        was = self._style
        match command:
            case Init():
                self._reset()
            case Emphasis(on):
                self._style = Style(was.width, was.height, on, was.underline, was.invert, was.font_b)
            case Underline(dots):
                self._style = Style(was.width, was.height, was.emphasis, dots, was.invert, was.font_b)
            case Invert(on):
                self._style = Style(was.width, was.height, was.emphasis, was.underline, on, was.font_b)
            case Size(width, height):
                self._style = Style(width, height, was.emphasis, was.underline, was.invert, was.font_b)
            case Mode(font_b, emphasis, size, underline):
                self._style = Style(size.width, size.height, emphasis, int(underline), was.invert, font_b)
            case Font(number):
                self._style = Style(was.width, was.height, was.emphasis, was.underline, was.invert, number == 1)
            case CodePage(number):
                self._codec = _CODE_PAGES.get(number, "ascii")
            case DoubleByte(on):
                self._double_byte = on
            case Justify(align):
                self._align = align
            case LineSpacing(dots):
                self._spacing = SPACING if dots is None else dots
            case QrModule(dots):
                self._qr_module = dots
            case QrLevel(level):
                self._qr_level = level
            case QrStore(data):
                self._qr_data = data
            case DrawerPulse():
                self.drawer_pulses += 1
            case QrModel():
                pass  # model 2 is the only one in use
            case _:
                raise AssertionError(f"{type(command).__name__} is not a setting")

    # -- dots -------------------------------------------------------------------------------------------

    def _letters(self) -> list[tuple[str, Style]]:
        """The line so far. Bytes of one codec and style are joined first: a letter may have come in two pieces."""
        return [
            (char, style)
            for (codec, style), parts in groupby(self._line, key=lambda part: part[1:])
            for char in b"".join(raw for raw, *_ in parts).decode(codec, errors="replace")
        ]

    def _print_line(self, spacing: int) -> None:
        letters = self._letters()
        self._line.clear()
        if not letters:
            self._feed(spacing, "")
            return
        cells = [self._font.cell(char, style) for char, style in letters]
        rows: list[list[int]] = [[]]  # indexes of letters; a line too long goes on below, as the hardware does
        used = 0
        for index, cell in enumerate(cells):
            if used + cell.width > self.dots:
                rows.append([])
                used = 0
            rows[-1].append(index)
            used += cell.width
        for row in rows:
            height = max(spacing, *(cells[index].height for index in row))
            strip = Image.new("L", (self.dots, height), 255)
            at = self._indent(sum(cells[index].width for index in row))
            low = max(cells[index].height for index in row)
            for index in row:
                strip.paste(cells[index], (at, low - cells[index].height))
                at += cells[index].width
            gap = " " * (self._indent(sum(cells[index].width for index in row)) // 12)
            self._out(strip, gap + "".join(letters[index][0] for index in row))

    def _raster(self, command: Raster) -> None:
        picture = Image.frombytes("1", (command.width_bytes * 8, command.rows), command.dots)
        picture = picture.convert("L").point([255 - grey for grey in range(256)])
        picture = picture.resize((picture.width * command.scale_x, picture.height * command.scale_y))
        self._picture(picture, f"[picture {picture.width}x{picture.height}]")

    def _qr(self) -> None:
        matrix = segno.make(self._qr_data, micro=False, error=self._qr_level.lower(), boost_error=False).matrix
        code = Image.new("L", (len(matrix), len(matrix)), 255)
        code.putdata([0 if dark else 255 for line in matrix for dark in line])
        side = len(matrix) * self._qr_module
        self._picture(
            code.resize((side, side), Image.Resampling.NEAREST), f"[QR {self._qr_data.decode(errors='replace')}]"
        )

    def _picture(self, picture: Image.Image, text: str) -> None:
        strip = Image.new("L", (self.dots, picture.height), 255)
        strip.paste(picture, (self._indent(picture.width), 0))
        self._out(strip, text)

    def _indent(self, width: int) -> int:
        return {Align.LEFT: 0, Align.CENTER: (self.dots - width) // 2, Align.RIGHT: self.dots - width}[self._align]

    def _feed(self, rows: int, text: str | None = None) -> None:
        if rows:
            self._out(Image.new("L", (self.dots, rows), 255), text)

    def _out(self, strip: Image.Image, text: str | None) -> None:
        """Move paper under the head; what the roll no longer has is not printed."""
        left = min(strip.height, max(0, self._roll_dots))
        self._roll_dots -= strip.height
        if left < strip.height:
            self._roll_dots = 0
            strip = strip.crop((0, 0, self.dots, left))
            text = f"{text} [paper ends]" if text is not None else None
        if left:
            self._paper.add(strip, text)
