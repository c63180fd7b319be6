"""ESC/POS, the way back: what a receipt printer says about itself.

Used by both ends: the driver reads answers, the printer's peer writes them. Sources: Epson's ESC/POS command
reference, pages "DLE EOT", "GS r", "GS ( H" function 48 and "GS a".

Answers carry no number of the question. They are told apart by bits that never change:

===================== ============================ ===========================================
real-time status      ``0..1 ..1.`` (0x93 = 0x12)  one byte, answered at once, out of turn
paper sensor (GS r 1) ``0..0 ....``                one byte, in turn with what was printed before
id echo (GS ( H)      ``37 22 d1 d2 d3 d4 00``     in turn with what was printed before
automatic status      ``0..1 ..0.`` (0x93 = 0x10)  four bytes, whenever something changes
buffer cleared        ``37 25 00``                 in real time, after DLE DC4 function 8
flow control          0x11, 0x13                   XON, XOFF
===================== ============================ ===========================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

STATUS_ASK: Final = bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04")  # DLE EOT 1-4, the whole truth in one go
PAPER_ASK: Final = bytes.fromhex("1D 72 01")
CLEAR_BUFFER: Final = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")  # DLE DC4 fn 8: forget what is not printed yet
CLEARED: Final = bytes.fromhex("37 25 00")
ID_CHARS: Final = 4
XON, XOFF = 0x11, 0x13
_FIXED, _STATUS, _AUTO = 0x93, 0x12, 0x10


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The four real-time status bytes in words. Every field as the sensor says; nothing is concluded here."""

    offline: bool = False
    cover_open: bool = False
    feed_pressed: bool = False
    stopped_by_paper: bool = False
    cutter_error: bool = False
    recoverable_error: bool = False
    unrecoverable_error: bool = False
    paper_near_end: bool = False
    paper_out: bool = False
    drawer_open: bool = False

    @classmethod
    def of(cls, answers: bytes) -> PrinterStatus:
        """From the answers to DLE EOT 1, 2, 3, 4 in this order. Raises `ValueError` when one is no status byte."""
        if len(answers) != 4 or not all(is_status(byte) for byte in answers):
            raise ValueError(f"{answers.hex(' ')} are not four real-time status bytes")
        printer, cause, error, paper = answers
        return cls(
            offline=bool(printer & 0x08),
            drawer_open=bool(printer & 0x04),
            cover_open=bool(cause & 0x04),
            feed_pressed=bool(cause & 0x08),
            stopped_by_paper=bool(cause & 0x20),
            cutter_error=bool(error & 0x08),
            recoverable_error=bool(error & 0x44),
            unrecoverable_error=bool(error & 0x20),
            paper_near_end=bool(paper & 0x0C),
            paper_out=bool(paper & 0x60),
        )

    def answer(self, question: int) -> int:
        """The byte that answers DLE EOT `question` (1-4). Raises `ValueError` for another number."""
        any_error = self.cutter_error or self.recoverable_error or self.unrecoverable_error
        match question:
            case 1:
                bits = 0x08 * self.offline | 0x04 * self.drawer_open | 0x20 * self.feed_pressed
            case 2:
                bits = 0x04 * self.cover_open | 0x08 * self.feed_pressed | 0x20 * self.stopped_by_paper
                bits |= 0x40 * any_error
            case 3:
                bits = 0x08 * self.cutter_error | 0x20 * self.unrecoverable_error | 0x40 * self.recoverable_error
            case 4:
                bits = 0x0C * (self.paper_near_end or self.paper_out) | 0x60 * self.paper_out
            case _:
                raise ValueError(f"DLE EOT {question} is not a question about the printer")
        return _STATUS | bits

    def paper_answer(self) -> int:
        """The byte that answers GS r 1: bits 0-1 near end, 2-3 no paper."""
        return 0x03 * (self.paper_near_end or self.paper_out) | 0x0C * self.paper_out

    def auto_answer(self) -> bytes:
        """The four bytes of automatic status (GS a)."""
        first = (
            _AUTO | 0x04 * self.drawer_open | 0x08 * self.offline | 0x20 * self.cover_open | 0x40 * self.feed_pressed
        )
        second = 0x08 * self.cutter_error | 0x20 * self.unrecoverable_error | 0x40 * self.recoverable_error
        return bytes([first, second, self.paper_answer(), 0])


def is_status(byte: int) -> bool:
    """Has this byte the fixed bits of a real-time status?"""
    return byte & _FIXED == _STATUS


def id_ask(label: str) -> bytes:
    """GS ( H function 48: echo `label` (four characters 0x20-0x7E) when all before it is printed."""
    assert len(label) == ID_CHARS, "a label has four characters"
    assert label.isascii(), "a label is ASCII"
    return bytes.fromhex("1D 28 48 06 00 30 30") + label.encode("ascii")


def id_answer(label: bytes) -> bytes:
    return b"\x37\x22" + label + b"\x00"


@dataclass(frozen=True, slots=True)
class StatusByte:
    """One answer to a DLE EOT."""

    byte: int


@dataclass(frozen=True, slots=True)
class PaperByte:
    """The answer to GS r 1: everything sent before the question has been worked off."""

    near_end: bool
    out: bool


@dataclass(frozen=True, slots=True)
class IdEcho:
    """The answer to GS ( H: everything sent before the question is on paper."""

    label: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """The answer to DLE DC4 function 8: what was not printed is forgotten."""


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """The printer said by itself that something changed."""

    status: PrinterStatus


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte no printer sends: a broken cable, another baud rate, another device."""

    byte: int


Answer = StatusByte | PaperByte | IdEcho | Cleared | AutoStatus | Noise


class AnswerReader:
    """Takes what the printer sends, in pieces of any length, and gives whole answers.

    Keeps at most six bytes of an answer that has not ended. An id echo that is not one is given as `Noise`, byte by
    byte from its first, so that a real answer behind it is still found.
    """

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Answer]:
        rest = self._held + data
        answers: list[Answer] = []
        while rest:
            taken, answer = _one(rest)
            if taken == 0:
                break
            if answer is not None:
                answers.append(answer)
            rest = rest[taken:]
        self._held = rest
        return answers

    def forget(self) -> None:
        """Drop an answer that never ended, before a new question is asked."""
        self._held = b""


def _one(rest: bytes) -> tuple[int, Answer | None]:
    """(bytes taken, answer); (0, None) when more is needed."""
    byte = rest[0]
    if byte in (XON, XOFF):
        return 1, None
    if byte == 0x37:
        return _echo(rest)
    if is_status(byte):
        return 1, StatusByte(byte)
    if byte & _FIXED == _AUTO:
        return _auto(rest)
    if byte & 0x90 == 0:
        return 1, PaperByte(near_end=bool(byte & 0x03), out=bool(byte & 0x0C))
    return 1, Noise(byte)


def _echo(rest: bytes) -> tuple[int, Answer | None]:
    if CLEARED.startswith(rest[:3]) and len(rest) > 1:
        return (3, Cleared()) if len(rest) >= 3 else (0, None)
    label = rest[2 : 2 + ID_CHARS]
    if (
        rest[1:2] not in (b"", b"\x22")
        or not all(0x20 <= byte <= 0x7E for byte in label)
        or rest[6:7] not in (b"", b"\0")
    ):
        return 1, Noise(rest[0])
    if len(rest) < ID_CHARS + 3:
        return 0, None
    return ID_CHARS + 3, IdEcho(label.decode("ascii"))


def _auto(rest: bytes) -> tuple[int, Answer | None]:
    if any(byte & 0x90 for byte in rest[1:4]):
        return 1, Noise(rest[0])
    if len(rest) < 4:
        return 0, None
    first, error, paper = rest[:3]
    status = PrinterStatus(
        offline=bool(first & 0x08),
        drawer_open=bool(first & 0x04),
        cover_open=bool(first & 0x20),
        feed_pressed=bool(first & 0x40),
        cutter_error=bool(error & 0x08),
        unrecoverable_error=bool(error & 0x20),
        recoverable_error=bool(error & 0x44),
        paper_near_end=bool(paper & 0x03),
        paper_out=bool(paper & 0x0C),
    )
    return 4, AutoStatus(replace(status, stopped_by_paper=status.paper_out))
