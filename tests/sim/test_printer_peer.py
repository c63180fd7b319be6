"""The printer at the far end of the cable: what it does with bytes that are not ours, with paper, cover and baud."""

from __future__ import annotations

import io
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from core.wire.escpos_status import CLEAR_BUFFER, CLEARED, PAPER_ASK, STATUS_ASK, PrinterStatus, id_ask
from sim.peers.printer import Printer
from sim.peers.printer_engine import Engine, Fault
from sim.peers.printer_paper import HEAD_TO_CUTTER_DOTS

CUT = b"\x1bd\x06\x1dV\x00"


def engine_with(data: bytes, **more: float) -> tuple[Engine, bytes]:
    engine = Engine(**more)  # type: ignore[arg-type]
    return engine, engine.receive(data)


def test_text_comes_out_as_text_and_as_dots() -> None:
    engine, _ = engine_with(b"\x1b@Hello\n" + CUT)
    (sheet,) = engine.sheets
    assert sheet.text == "Hello"
    assert sheet.cut
    head = sheet.dots.crop((0, HEAD_TO_CUTTER_DOTS, 60, HEAD_TO_CUTTER_DOTS + 24))
    assert head.getextrema() == (0, 255)
    assert sheet.dots.crop((61, 0, 576, sheet.dots.height)).getextrema() == (255, 255)


def test_code_pages_are_honoured() -> None:
    engine, _ = engine_with(b"\x1bt\x13\xd5 \x82\n\x1bt\x10\x80\n" + CUT)
    assert engine.sheets[0].text == "€ é\n€"


def test_a_letter_of_two_bytes_may_come_in_two_pieces() -> None:
    engine = Engine()
    for byte in b"\x1c&" + "한글 A".encode("euc_kr") + b"\x1c.\x82\n" + CUT:
        engine.receive(bytes([byte]))
    assert engine.sheets[0].text == "한글 Aé"


def test_a_line_too_long_goes_on_below() -> None:
    engine, _ = engine_with(b"x" * 60 + b"\n" + CUT)
    assert engine.sheets[0].text == "x" * 48 + "\n" + "x" * 12


def test_large_inverse_and_centred_letters_stand_where_they_should() -> None:
    engine, _ = engine_with(b"\x1ba\x01\x1d!\x11\x1dB\x01AB\n" + CUT)
    dots = engine.sheets[0].dots
    box = Image.eval(dots, lambda grey: 255 - grey).getbbox()
    assert box == (264, HEAD_TO_CUTTER_DOTS, 312, HEAD_TO_CUTTER_DOTS + 48)


def test_a_raster_lands_dot_by_dot() -> None:
    engine, _ = engine_with(b"\x1dv0\x00\x01\x00\x02\x00\x80\x01" + CUT)
    dots = engine.sheets[0].dots
    black = [(x, y) for y in range(dots.height) for x in range(16) if dots.getpixel((x, y)) == 0]
    assert black == [(0, HEAD_TO_CUTTER_DOTS), (7, HEAD_TO_CUTTER_DOTS + 1)]


def test_a_qr_code_of_the_printer_can_be_scanned_from_the_picture() -> None:
    store = b"TMR1:HELLO"
    engine, _ = engine_with(
        b"\x1ba\x01\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k"
        + bytes([len(store) + 3, 0]) + b"1P0" + store + b"\x1d(k\x03\x001Q0" + CUT
    )  # fmt: skip
    (sheet,) = engine.sheets
    with Image.open(io.BytesIO(sheet.png())) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["TMR1:HELLO"]
    assert sheet.text == "[QR TMR1:HELLO]"


def test_questions_are_answered_out_of_turn_and_in_turn() -> None:
    engine, reply = engine_with(STATUS_ASK + PAPER_ASK + id_ask("AB01"))
    assert reply == bytes.fromhex("12 12 12 12 00 37 22 41 42 30 31 00")
    engine.faults.add(Fault.COVER_OPEN)
    reply = engine.receive(PAPER_ASK + STATUS_ASK)
    assert PrinterStatus.of(reply).cover_open, "the paper question waits, the status does not"
    engine.faults.clear()
    assert engine.go_on() == b"\x00"


def test_what_waits_prints_when_the_cover_closes_unless_it_is_cleared() -> None:
    engine = Engine()
    engine.faults.add(Fault.COVER_OPEN)
    engine.receive(b"kept\n" + CUT)
    engine.faults.clear()
    engine.go_on()
    assert [sheet.text for sheet in engine.sheets] == ["kept"]
    engine.faults.add(Fault.COVER_OPEN)
    assert engine.receive(b"forgotten\n" + CUT + CLEAR_BUFFER) == CLEARED
    engine.faults.clear()
    engine.go_on()
    assert len(engine.sheets) == 1


def test_the_roll_gets_shorter_warns_ends_and_the_rest_comes_on_the_next() -> None:
    engine = Engine(roll_mm=29, near_end_mm=10)
    engine.receive(b"one\n" * 3)
    assert not engine.status().paper_near_end
    engine.receive(b"two\n" * 3)
    assert engine.status().paper_near_end
    assert not engine.status().paper_out
    engine.receive(b"three\n" * 3 + CUT)
    assert engine.status().paper_out
    assert engine.sheets == []
    engine.load_roll(1000)
    torn, rest = engine.sheets
    assert (torn.cut, rest.cut) == (False, True)
    assert torn.text.count("three") + rest.text.count("three") == 3
    assert torn.text.endswith("[paper ends]")
    assert round(torn.length_mm) == 29 + HEAD_TO_CUTTER_DOTS // 8


def test_automatic_status_is_sent_when_something_changes() -> None:
    engine, reply = engine_with(b"\x1da\xff")
    assert reply == PrinterStatus().auto_answer()
    engine.faults.add(Fault.PAPER_NEAR_END)
    assert engine.go_on() == PrinterStatus(paper_near_end=True).auto_answer()


def test_bytes_it_does_not_know_are_kept_for_whoever_asks() -> None:
    engine, _ = engine_with(b"\x1d(A\x02\x00\x00\x02ok\n" + CUT)
    assert engine.unknown == [b"\x1d(A\x02\x00\x00\x02"]
    assert engine.sheets[0].text == "ok"


@pytest.fixture
def line() -> Iterator[tuple[Printer, socket.socket]]:
    with Printer() as printer:
        port = int(printer.listen_tcp().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 5) as link:
            link.settimeout(5)
            yield printer, link


def test_a_network_printer_answers_and_keeps_its_paper(line: tuple[Printer, socket.socket], tmp_path: Path) -> None:
    printer, link = line
    link.sendall(b"Hello\n" + CUT + id_ask("0001"))
    assert link.recv(64) == b"\x37\x220001\x00"
    assert printer.wait_for_paper(1, timeout_s=30).text == "Hello"
    assert printer.papers[0].png().startswith(b"\x89PNG")


def test_it_waits_for_the_next_connection(line: tuple[Printer, socket.socket]) -> None:
    printer, link = line
    name = link.getpeername()
    link.sendall(b"\x1dv0\x00\x48")  # a command that never ends
    link.close()
    with socket.create_connection(name, 5) as again:
        again.sendall(b"again\n" + CUT)
        assert printer.wait_for_paper(1, timeout_s=30).text == "again"


def test_a_paper_that_does_not_come_is_a_timeout() -> None:
    with Printer() as printer:
        printer.listen_pty()
        with pytest.raises(TimeoutError, match="0 papers"):
            printer.wait_for_paper(1, timeout_s=0.02)


def test_papers_are_written_to_a_folder(tmp_path: Path) -> None:
    with Printer(58, keep_in=tmp_path) as printer:
        fd = os.open(printer.listen_pty(), os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"Hello\n" + CUT)
        printer.wait_for_paper(1, timeout_s=30)
        os.close(fd)
    assert (tmp_path / "receipt-001.txt").read_text() == "Hello\n"
    assert (tmp_path / "receipt-001.png").read_bytes().startswith(b"\x89PNG")


def test_a_slow_cable_takes_its_time() -> None:
    with Printer(baud=19_200) as printer:
        fd = os.open(printer.listen_pty(), os.O_RDWR | os.O_NOCTTY)
        start = time.monotonic()
        os.write(fd, b"x" * 380 + b"\n" + CUT)
        printer.wait_for_paper(1, timeout_s=30)
        assert time.monotonic() - start > 0.15
        os.close(fd)
