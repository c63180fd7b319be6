"""What a printer answers: bytes to meaning and back, told apart without a question number, noise named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.escpos_status import (
    Answer,
    AnswerReader,
    AutoStatus,
    Cleared,
    IdEcho,
    Noise,
    PaperByte,
    PrinterStatus,
    StatusByte,
    id_answer,
    id_ask,
    is_status,
)

BYTES: list[tuple[str, PrinterStatus]] = [
    ("12 12 12 12", PrinterStatus()),
    ("12 12 12 1E", PrinterStatus(paper_near_end=True)),
    ("1A 32 12 72", PrinterStatus(offline=True, stopped_by_paper=True, paper_out=True)),
    ("1A 16 12 12", PrinterStatus(offline=True, cover_open=True)),
    ("1A 1A 12 12", PrinterStatus(offline=True, feed_pressed=True)),
    ("1A 52 1A 12", PrinterStatus(offline=True, cutter_error=True)),
    ("1A 52 32 12", PrinterStatus(offline=True, unrecoverable_error=True)),
    ("1A 52 52 12", PrinterStatus(offline=True, recoverable_error=True)),
    ("16 12 12 12", PrinterStatus(drawer_open=True)),
]


@pytest.mark.parametrize(("hexed", "status"), BYTES)
def test_four_status_bytes_mean_this(hexed: str, status: PrinterStatus) -> None:
    assert PrinterStatus.of(bytes.fromhex(hexed)) == status


@pytest.mark.parametrize("hexed", ["12 12 12", "12 12 12 FF", "00 00 00 00", "16 16 16 16 16", "13 12 12 12"])
def test_other_bytes_are_not_a_status(hexed: str) -> None:
    with pytest.raises(ValueError, match="not four"):
        PrinterStatus.of(bytes.fromhex(hexed))


_statuses = st.builds(PrinterStatus, *[st.booleans() for _ in range(10)])


@given(_statuses)
def test_a_printer_that_answers_is_understood(status: PrinterStatus) -> None:
    answers = bytes(status.answer(question) for question in (1, 2, 3, 4))
    assert all(is_status(byte) for byte in answers)
    read = PrinterStatus.of(answers)
    for name in PrinterStatus.__slots__:
        said = getattr(status, name) or (name == "paper_near_end" and status.paper_out)
        assert getattr(read, name) == said, name


def test_a_fifth_question_has_no_answer() -> None:
    with pytest.raises(ValueError, match="not a question"):
        PrinterStatus().answer(5)


STREAMS: list[tuple[str, list[Answer]]] = [
    ("12", [StatusByte(0x12)]),
    ("1E 72", [StatusByte(0x1E), StatusByte(0x72)]),
    ("00", [PaperByte(False, False)]),
    ("03", [PaperByte(True, False)]),
    ("0F", [PaperByte(True, True)]),
    ("37 22 41 42 30 31 00", [IdEcho("AB01")]),
    ("12 37 22 41 42 30 31 00 12", [StatusByte(0x12), IdEcho("AB01"), StatusByte(0x12)]),
    ("12 37 25 00 12", [StatusByte(0x12), Cleared(), StatusByte(0x12)]),
    ("14 00 00 00", [AutoStatus(PrinterStatus(drawer_open=True))]),
    ("38 00 0F 00", [AutoStatus(PrinterStatus(offline=True, cover_open=True, paper_near_end=True, paper_out=True,
                                              stopped_by_paper=True))]),
    ("11 13 12", [StatusByte(0x12)]),
    ("FF 12", [Noise(0xFF), StatusByte(0x12)]),
    ("37 FF 12", [Noise(0x37), Noise(0xFF), StatusByte(0x12)]),
    ("14 12", [Noise(0x14), StatusByte(0x12)]),
]  # fmt: skip


@pytest.mark.parametrize(("hexed", "answers"), STREAMS)
def test_answers_are_told_apart_whole_and_byte_by_byte(hexed: str, answers: list[Answer]) -> None:
    raw = bytes.fromhex(hexed)
    assert AnswerReader().feed(raw) == answers
    reader = AnswerReader()
    assert [answer for byte in raw for answer in reader.feed(bytes([byte]))] == answers


@given(st.binary(max_size=200))
def test_any_noise_is_read_to_its_end(raw: bytes) -> None:
    reader = AnswerReader()
    reader.feed(raw)
    reader.forget()
    assert reader.feed(b"\x12") == [StatusByte(0x12)]


def test_a_label_goes_out_and_comes_back() -> None:
    assert id_ask("AB01").hex(" ") == "1d 28 48 06 00 30 30 41 42 30 31"
    assert AnswerReader().feed(id_answer(b"AB01")) == [IdEcho("AB01")]


def test_automatic_status_is_read_back() -> None:
    said = PrinterStatus(offline=True, cover_open=True)
    assert AnswerReader().feed(said.auto_answer()) == [AutoStatus(said)]
