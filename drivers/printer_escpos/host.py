"""Our half of the conversation with a printer: bytes in, bytes out, `now_ms` handed in. No cable, no waiting.

Who calls: `driver`. The host asks DLE EOT 1-4 in one go and knows whether the answer came, was nonsense or did not
come; it never takes silence for good news. In-turn answers (GS r, GS ( H) tell that a receipt came out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from core.events import Health
from core.faults import printer as faults
from core.wire.escpos_status import (
    PAPER_ASK,
    STATUS_ASK,
    AnswerReader,
    AutoStatus,
    Cleared,
    IdEcho,
    Noise,
    PaperByte,
    PrinterStatus,
    StatusByte,
    id_ask,
)
from drivers.printer_escpos.settings import Confirm, Settings

MISSES_MAX = 2  # one lost answer is a hiccup of the cable; two in a row are a printer we know nothing of


@dataclass(frozen=True, slots=True)
class Condition:
    """What we can say of the printer. `stops`: a receipt cannot come out now."""

    health: Health
    code: str
    detail: str
    stops: bool = False


READY = Condition(Health.READY, "", "")
SILENT = Condition(Health.UNKNOWN, faults.SILENT, "no answer to DLE EOT")
NONSENSE = Condition(Health.UNKNOWN, faults.NONSENSE, "answers that are not ESC/POS")


def judge(status: PrinterStatus) -> Condition:
    """The one thing to say about a status: what stops printing first, the most lasting cause first."""
    for wrong, code, detail in (
        (status.unrecoverable_error, faults.UNRECOVERABLE, "unrecoverable error"),
        (status.cutter_error, faults.CUTTER, "cutter error"),
        (status.cover_open, faults.COVER_OPEN, "cover open"),
        (status.paper_out or status.stopped_by_paper, faults.PAPER_OUT, "paper out"),
        (status.recoverable_error, faults.RECOVERABLE, "recoverable error"),
        (status.offline, faults.OFFLINE, "offline" + (", feed button pressed" if status.feed_pressed else "")),
    ):
        if wrong:
            return Condition(Health.DEGRADED, code, detail, stops=True)
    if status.paper_near_end:
        return Condition(Health.DEGRADED, faults.PAPER_NEAR_END, "paper near end")
    return READY


class Host:
    """`condition` is the newest knowledge, None before the first question has been answered or missed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader = AnswerReader()
        self._bytes: list[int] = []
        self._asked_ms: int | None = None
        self._missed = False
        self._misses = 0
        self._noise = 0
        self._label_number = 0
        self._label = ""
        self._confirmed = False
        self._confirm_wanted = False
        self._asked_for_confirmation = False
        self.condition: Condition | None = None
        self.answers = 0  # whole status answers heard so far

    def asking(self) -> bool:
        """A question is out and its answer may still come, however late."""
        return self._asked_ms is not None

    def waiting(self) -> bool:
        """A question is out and its answer is not overdue yet."""
        return self._asked_ms is not None and not self._missed

    def ask(self, now_ms: int) -> bytes:
        """A new question about everything.

        Answers carry no number, so while bytes wait in front of the printer there must be one question at a time
        (`asking`); otherwise two late bytes of one answer and two of the next would make a third that nobody gave.
        """
        self._bytes.clear()
        self._noise = 0
        self._asked_ms = now_ms
        self._missed = False
        self._asked_for_confirmation = self._confirm_wanted
        return STATUS_ASK

    def feed(self, data: bytes) -> None:
        """What the printer sent."""
        for answer in self._reader.feed(data):
            match answer:
                case StatusByte(byte):
                    self._status_byte(byte)
                case AutoStatus(status):
                    self._know(judge(status))
                case PaperByte(out=out):
                    if self._confirm_wanted and self._settings.confirm is Confirm.PAPER_SENSOR:
                        self._confirmed = not out
                        if out:
                            self._know(judge(PrinterStatus(paper_out=True, paper_near_end=True)))
                case IdEcho(label):
                    self._confirmed = self._confirmed or (self._confirm_wanted and label == self._label)
                case Cleared():
                    pass
                case Noise():
                    self._noise += 1
                case _:
                    assert_never(answer)

    def _status_byte(self, byte: int) -> None:
        if self._asked_ms is None:
            return  # an answer to a question given up before
        self._bytes.append(byte)
        if len(self._bytes) == 4:
            self._asked_ms = None
            self._know(judge(PrinterStatus.of(bytes(self._bytes))))
            if self._asked_for_confirmation and self._settings.confirm is Confirm.STATUS and self.condition:
                self._confirmed = not self.condition.stops

    def _know(self, condition: Condition) -> None:
        self.answers += 1
        self._misses = 0
        self.condition = condition

    def tick(self, now_ms: int) -> None:
        """Time passed: a question not answered within `answer_ms` is a miss."""
        if self.waiting() and self._asked_ms is not None and now_ms - self._asked_ms >= self._settings.answer_ms:
            self.miss()

    def miss(self) -> None:
        """The printer did not answer, or did not even take the question."""
        self._missed = True
        self._misses += 1
        if self.condition is None or self._misses >= MISSES_MAX:
            self.condition = NONSENSE if self._noise or self._bytes else SILENT

    def ask_confirmation(self, now_ms: int) -> bytes:
        """To be sent after the last byte of a receipt; `confirmed` then tells that it came out."""
        self._confirmed = False
        self._confirm_wanted = True
        match self._settings.confirm:
            case Confirm.ID_ECHO:
                self._label_number = (self._label_number + 1) % 10_000
                self._label = f"{self._label_number:04d}"
                return id_ask(self._label)
            case Confirm.PAPER_SENSOR:
                return PAPER_ASK
            case Confirm.STATUS:
                return b"" if self.asking() else self.ask(now_ms)
            case other:
                assert_never(other)

    def start_receipt(self) -> None:
        """Answers given before this do not count for the receipt that follows."""
        self._confirmed = self._confirm_wanted = self._asked_for_confirmation = False

    @property
    def confirmed(self) -> bool:
        return self._confirmed
