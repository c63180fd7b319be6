"""A receipt to the bytes of a printer: python-escpos for all it can say, dots for what its code page lacks."""

from __future__ import annotations

from typing import Any, Final, assert_never

from core.receipt import Receipt
from core.receipt_layout import GapRow, QrRow, Row, RuleRow, lay_out, spelled
from drivers.printer_escpos import raster
from drivers.printer_escpos.escpos_library import dummy_printer
from drivers.printer_escpos.settings import HangulBy, QrBy, Settings

PIECE_BYTES: Final = 1024  # between two pieces we look at the printer's state; 0.1 s of a 115,200 baud line
QR_LEVEL_M: Final = 1
CUT_FEED_ROWS: Final = 6  # 22 mm: past the cutter, which is 10-15 mm behind the head, and a margin
_AUTO_STATUS_ON: Final = b"\x1da\xff"
_DOUBLE_BYTE_ON, _DOUBLE_BYTE_OFF = b"\x1c&", b"\x1c."
_RULE: Final = "\u2500"  # a line without gaps, where the code page has it


class BadCodePage(ValueError):
    """A code page that python-escpos does not know."""


class Encoder:
    """Not for several threads. Building one imports python-escpos (about 0.2 s)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._fonts = raster.Fonts(settings.fonts)
        self._printer: Any = dummy_printer()
        known = self._printer.magic.encoder.codepages
        if settings.code_page not in known:
            raise BadCodePage(f"code_page {settings.code_page!r} is not one of {', '.join(sorted(known))}")
        self._style: tuple[int, int, bool] | None = None

    def encode(self, receipt: Receipt) -> list[bytes]:
        """Whole commands in pieces of about `PIECE_BYTES`. Raises `raster.Undrawable` before anything is sent."""
        columns = self._settings.columns
        ready = spelled(receipt, lambda char: self._covers(char) or self._fonts.draws(char))
        out = self._start()
        for row in lay_out(ready, columns):
            match row:
                case Row():
                    out += self._row(row, columns)
                case RuleRow():
                    rule = _RULE if self._covers(_RULE) else "-"
                    out += self._row(Row(rule * columns), columns)
                case GapRow():
                    out.append(raster.feed(raster.ROW_DOTS // 2))
                case QrRow(payload):
                    out += self._qr(payload)
                case _:
                    assert_never(row)
        return _pieces([*out, self._end()])

    def _covers(self, text: str) -> bool:
        can = self._printer.magic.encoder.can_encode
        return all(can(self._settings.code_page, char) for char in text)

    def _taken(self) -> bytes:
        taken: bytes = self._printer.output
        self._printer.clear()
        return taken

    def _start(self) -> list[bytes]:
        self._style = None
        self._printer.clear()
        self._printer.hw("INIT")
        self._printer.magic.encoding = None  # ESC @ made the printer forget it
        self._printer.charcode(self._settings.code_page)
        self._printer.line_spacing(raster.ROW_DOTS)
        return [self._taken() + (_AUTO_STATUS_ON if self._settings.auto_status else b"")]

    def _row(self, row: Row, columns: int) -> list[bytes]:
        if not (row.left or row.right):
            return [raster.feed(raster.ROW_DOTS)]
        text = row.text(columns)
        hangul = None if self._covers(text) else self._own_hangul(text)
        if hangul is None and not self._covers(text):
            return raster.commands(raster.draw_row(row, self._settings.dots, self._fonts))
        style = (row.wide, row.tall, row.inverse)
        if style != self._style:
            self._printer.set(width=row.wide, height=row.tall, custom_size=True, invert=row.inverse)
            self._printer.line_spacing(raster.ROW_DOTS * row.tall)
            self._style = style
        if hangul is None:
            self._printer.text(text + "\n")
            return [self._taken()]
        return [self._taken() + _DOUBLE_BYTE_ON + hangul + _DOUBLE_BYTE_OFF + b"\n"]

    def _own_hangul(self, text: str) -> bytes | None:
        """The row in the letters of a Korean printer, or None when it is not one or lacks a letter."""
        if self._settings.hangul is not HangulBy.PRINTER:
            return None
        try:
            return text.encode("euc_kr")
        except UnicodeEncodeError:
            return None

    def _qr(self, payload: str) -> list[bytes]:
        if self._settings.qr is QrBy.RASTER:
            return raster.commands(raster.draw_qr(payload, self._settings.dots))
        side = raster.module_dots(raster.qr_modules(payload), self._settings.dots)
        self._printer.set(align="center")
        self._printer.qr(payload, ec=QR_LEVEL_M, size=side, model=2, native=True)
        self._printer.set(align="left")
        gap = raster.feed(raster.ROW_DOTS)
        return [gap, self._taken(), gap]

    def _end(self) -> bytes:
        self._printer.set(width=1, height=1, custom_size=True, invert=False)
        self._printer.line_spacing(raster.ROW_DOTS)
        self._printer.print_and_feed(CUT_FEED_ROWS)
        if self._settings.cutter:
            self._printer.cut(feed=False)
        return self._taken()


def _pieces(commands: list[bytes]) -> list[bytes]:
    """Joined where small; never divided, because a question about the state may stand only between commands."""
    pieces: list[bytes] = []
    for command in commands:
        if pieces and len(pieces[-1]) + len(command) <= PIECE_BYTES:
            pieces[-1] += command
        else:
            pieces.append(command)
    return pieces
