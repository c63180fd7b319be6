"""The ESC/POS driver: the whole suite on TCP and on a serial line, whole answers and split ones, and its own ways."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp

from core.events import Event, NotPrinted, Printed
from core.faults import printer as faults
from core.ports import Driver, DriverFault
from core.receipt import Pair, Qr, Receipt, Total
from core.settings import BadSetting, fill
from drivers import printer_escpos
from drivers.printer_escpos import Confirm, HangulBy, QrBy, Settings
from drivers.printer_escpos.port import is_usb_node
from sim.peers.printer import Printer
from sim.peers.printer_engine import Fault
from tests.drivers.printer_samples import ALL, COPY_KO, SALE_EN, SALE_KO, SEAL
from tests.drivers.printer_suite import Bench, PrinterSuite, kit

# Short patience, so that a silent printer costs a test a fraction of a second; a real one gets seconds.
QUICK = Settings(port="", baud=921_600, status_every_ms=200, answer_ms=150, stall_ms=400, confirm_ms=700)


class TestNetwork(PrinterSuite):
    confirm = Confirm.ID_ECHO
    split = False

    def make_printer(self, **more: float) -> Printer:
        return Printer(split=self.split, **more)  # type: ignore[arg-type]

    def plug(self, printer: Printer, said: list[Event]) -> Driver:
        settings = replace(QUICK, port=printer.listen_tcp(), confirm=self.confirm)
        return printer_escpos.open(settings, kit(said))


class TestNetworkAnswersByteByByte(TestNetwork):
    confirm = Confirm.PAPER_SENSOR
    split = True


class TestSerial(PrinterSuite):
    confirm = Confirm.PAPER_SENSOR
    split = False

    def make_printer(self, **more: float) -> Printer:
        return Printer(58, split=self.split, **more)  # type: ignore[arg-type]

    def plug(self, printer: Printer, said: list[Event]) -> Driver:
        settings = replace(QUICK, port=printer.listen_pty(), confirm=self.confirm, width_mm=58, qr=QrBy.RASTER)
        return printer_escpos.open(settings, kit(said))


class TestSerialAnswersByteByByte(TestSerial):
    confirm = Confirm.STATUS
    split = True


def bench(printer: Printer, **settings: object) -> Bench:
    said: list[Event] = []
    made = replace(QUICK, port=printer.listen_tcp(), **settings)  # type: ignore[arg-type]
    return Bench(printer, printer_escpos.open(made, kit(said)), said)


@pytest.mark.parametrize("name", ALL)
def test_every_sample_prints_on_both_papers(name: str) -> None:
    for width_mm in (80, 58):
        with Printer(width_mm) as printer:
            here = bench(printer, width_mm=width_mm)
            assert here.print(ALL[name]) == Printed("T/receipt/1")
            assert "?" not in printer.papers[0].text
            here.driver.close()


def test_only_the_lines_that_need_it_are_pictures() -> None:
    with Printer() as printer:
        here = bench(printer)
        here.print(SALE_EN)
        english = printer.received
        here.print(SALE_KO, "K/receipt/1")
        assert "[picture" not in printer.papers[0].text
        assert "2026-03-02 18:14:05" in printer.papers[1].text
        assert english < 2_000
        assert printer.received - english < 36_000
        here.driver.close()


def test_the_value_is_never_cut_and_the_bitcoin_sign_is_spelled() -> None:
    receipt = Receipt(
        "1", (Pair("₿ paid " * 9, "0.00052344 BTC"), Total("A very long name of a total", "1,234,567,890 KRW"))
    )
    with Printer(58) as printer:
        here = bench(printer, width_mm=58)
        here.print(receipt)
        assert "0.00052344 BTC" in printer.papers[0].text
        assert "1,234,567,890 KRW" in printer.papers[0].text
        assert "BTC paid" in printer.papers[0].text
        here.driver.close()


def test_a_code_too_large_for_the_paper_is_named() -> None:
    with Printer(58) as printer:
        here = bench(printer, width_mm=58)
        assert here.print(Receipt("1", (Qr("x" * 2_000, ""),))) == NotPrinted("T/receipt/1", faults.NO_ROOM)
        here.driver.close()


def test_a_printer_made_for_korea_draws_hangul_itself() -> None:
    with Printer(split=True) as printer:
        here = bench(printer, hangul=HangulBy.PRINTER)
        assert here.print(COPY_KO) == Printed("T/receipt/1")
        (sheet,) = printer.papers
        for words in ("모퉁이 커피", "영수증이 진짜인지 확인해 보세요", "사본"):
            assert words in sheet.text
        assert sheet.text.count("[picture") == 1, "the won sign is not in its letters"
        assert printer.received < 5_000
        here.driver.close()


def test_a_printer_that_reports_by_itself_is_heard() -> None:
    with Printer() as printer:
        here = bench(printer, auto_status=True)
        here.print(SALE_EN)
        printer.inject(Fault.COVER_OPEN)
        assert here.print(SALE_EN, "B/receipt/1") == NotPrinted("B/receipt/1", faults.COVER_OPEN)
        here.driver.close()


def test_a_receipt_cut_off_inside_a_command_does_not_spoil_the_next() -> None:
    with Printer() as printer:
        said: list[Event] = []
        driver = printer_escpos.open(replace(QUICK, port=printer.listen_pty()), kit(said))
        here = Bench(printer, driver, said)
        printer.inject(Fault.DIES_MIDWAY, after_bytes=3_000)
        assert here.print(COPY_KO) == NotPrinted("T/receipt/1", faults.STALLED)
        printer.mend()
        assert here.print(SALE_KO, "B/receipt/1") == Printed("B/receipt/1")
        cut = [sheet for sheet in printer.papers if sheet.cut]
        assert len(cut) == 1
        assert [code.text for code in zxingcpp.read_barcodes(cut[0].picture())] == [SEAL]
        driver.close()


def test_a_slow_line_is_waited_for() -> None:
    with Printer(baud=38_400) as printer:
        here = Bench(
            printer, printer_escpos.open(replace(QUICK, port=printer.listen_pty(), baud=38_400), kit(said := [])), said
        )
        assert here.print(SALE_EN) == Printed("T/receipt/1")
        here.driver.close()


@pytest.mark.parametrize("port", ["/dev/usb/lp77", "/dev/ttyUSB77", "socket://127.0.0.1:1", "socket://nowhere"])
def test_a_port_that_is_not_there_is_named(port: str) -> None:
    with pytest.raises(DriverFault) as caught:
        printer_escpos.open(replace(QUICK, port=port), kit([]))
    assert caught.value.code == faults.NO_PORT
    assert port in caught.value.detail


def test_a_link_leads_to_the_port(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    with Printer() as printer:
        link.symlink_to(printer.listen_pty())
        said: list[Event] = []
        here = Bench(printer, printer_escpos.open(replace(QUICK, port=str(link)), kit(said)), said)
        assert here.print(SALE_EN) == Printed("T/receipt/1")
        here.driver.close()
    link.unlink()
    link.symlink_to("/dev/usb/lp77")
    assert is_usb_node(str(link))
    with pytest.raises(DriverFault, match="No such file"):
        printer_escpos.open(replace(QUICK, port=str(link)), kit([]))


def test_a_code_page_nobody_has_is_named_with_those_there_are() -> None:
    with pytest.raises(DriverFault, match="CP437"):
        printer_escpos.open(replace(QUICK, code_page="CP4711"), kit([]))


def test_settings_are_read_strictly() -> None:
    made = fill(Settings, {"port": "/dev/usb/lp0", "confirm": "id_echo", "fonts": ["/a.ttf"]}, file="till.toml")
    assert (made.confirm, made.fonts, made.columns) == (Confirm.ID_ECHO, ("/a.ttf",), 48)
    with pytest.raises(BadSetting, match="width_mm is 58 or 80"):
        fill(Settings, {"port": "x", "width_mm": 76}, file="till.toml")


def test_the_library_leaves_no_trace_when_imported(tmp_path: Path) -> None:
    program = (
        "import logging, os, tempfile; before = set(os.listdir(tempfile.gettempdir()))\n"
        "from drivers.printer_escpos.escpos_library import dummy_printer; dummy_printer()\n"
        "left = set(os.listdir(tempfile.gettempdir())) - before\n"
        "assert not left, left\n"
        "assert not logging.getLogger().handlers\n"
        "assert 'ESCPOS_CAPABILITIES_PICKLE_DIR' not in os.environ\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr


def test_the_seal_of_the_samples_is_what_the_paper_says() -> None:
    with Printer() as printer:
        here = bench(printer, qr=QrBy.RASTER)
        here.print(SALE_EN)
        assert [code.text for code in zxingcpp.read_barcodes(printer.papers[0].picture())] == [SEAL]
        here.driver.close()
