"""What every driver of kind printer must do, against a printer at the far end of a real cable.

A driver's own test file subclasses `PrinterSuite` and says how to plug it in.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import zxingcpp

from core.effects import Disarm, PrintReceipt
from core.events import DeviceStateChanged, Event, Health, NotPrinted, Printed
from core.faults import printer as faults
from core.moment import Moment
from core.ports import Driver, DriverFault, Kit, Preview
from core.receipt import Line, Receipt
from sim.peers.printer import Printer
from sim.peers.printer_engine import Fault
from tests.drivers.printer_samples import COPY_KO, SALE_EN, SALE_KO, SEAL


class RealClock:
    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class QuietLog:
    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None: ...


@dataclass
class Bench:
    """A printer, the driver plugged into it, and everything the driver said."""

    printer: Printer
    driver: Driver
    said: list[Event] = field(default_factory=list)

    def print(self, receipt: Receipt, key: str = "T/receipt/1") -> Event:
        before = len(self.said)
        self.driver.perform(PrintReceipt(key, receipt))
        answers = [event for event in self.said[before:] if isinstance(event, Printed | NotPrinted)]
        assert len(answers) == 1, "one order, one answer"
        return answers[0]

    def pump_until(self, health: Health, code: str = "", timeout_s: float = 30) -> DeviceStateChanged:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            self.driver.pump()
            states = [event for event in self.said if isinstance(event, DeviceStateChanged)]
            if states and (states[-1].health, states[-1].code) == (health, code):
                return states[-1]
            time.sleep(0.01)
        raise AssertionError(f"never {health} {code}: {self.said}")


def kit(said: list[Event]) -> Kit:
    def no_preview(_: Preview) -> None:
        raise AssertionError("a printer has no picture")

    return Kit("printer", RealClock(), QuietLog(), said.append, no_preview)


STOPPING = [
    (Fault.PAPER_OUT, faults.PAPER_OUT),
    (Fault.COVER_OPEN, faults.COVER_OPEN),
    (Fault.OFFLINE, faults.OFFLINE),
    (Fault.CUTTER_ERROR, faults.CUTTER),
    (Fault.OVERHEATED, faults.RECOVERABLE),
    (Fault.BROKEN, faults.UNRECOVERABLE),
]


class PrinterSuite(ABC):
    """Needs `plug(printer, said)` (a driver on that printer) and `make_printer(...)`."""

    @abstractmethod
    def make_printer(self, **more: float) -> Printer:
        """A printer nobody has plugged in yet."""

    @abstractmethod
    def plug(self, printer: Printer, said: list[Event]) -> Driver:
        """The driver under test on that printer; what it emits goes into `said`."""

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        with self.make_printer() as printer:
            said: list[Event] = []
            driver = self.plug(printer, said)
            yield Bench(printer, driver, said)
            driver.close()

    def test_a_receipt_comes_out_whole_and_is_confirmed(self, bench: Bench) -> None:
        assert bench.print(SALE_EN) == Printed("T/receipt/1")
        (sheet,) = bench.printer.papers
        assert sheet.cut
        for words in ("Corner Coffee", "TOTAL", "50,000 KRW", "512600000042", "Thank you. See you again."):
            assert words in sheet.text

    def test_a_korean_receipt_has_no_question_mark_and_its_code_can_be_scanned(self, bench: Bench) -> None:
        assert bench.print(COPY_KO) == Printed("T/receipt/1")
        (sheet,) = bench.printer.papers
        assert "?" not in sheet.text
        assert [code.text for code in zxingcpp.read_barcodes(sheet.picture())] == [SEAL]

    def test_other_orders_are_ignored(self, bench: Bench) -> None:
        bench.driver.perform(Disarm())
        assert bench.printer.received == 0 or not bench.printer.papers

    def test_the_same_order_twice_gives_the_same_answer_and_one_paper(self, bench: Bench) -> None:
        assert bench.print(SALE_EN) == bench.print(SALE_EN) == Printed("T/receipt/1")
        assert len(bench.printer.papers) == 1

    def test_two_orders_are_two_papers(self, bench: Bench) -> None:
        bench.print(SALE_EN, "A/receipt/1")
        bench.print(SALE_KO, "B/receipt/1")
        assert len(bench.printer.papers) == 2

    @pytest.mark.parametrize(("fault", "code"), STOPPING)
    def test_a_printer_that_cannot_print_gets_nothing_and_says_why(self, bench: Bench, fault: Fault, code: str) -> None:
        bench.printer.inject(fault)
        assert bench.print(SALE_EN) == NotPrinted("T/receipt/1", code)
        assert bench.said[-1] == DeviceStateChanged("printer", Health.DEGRADED, code, bench.said[-1].detail)  # type: ignore[union-attr]
        bench.printer.mend()
        assert bench.printer.papers == ()

    @pytest.mark.parametrize(("fault", "code"), STOPPING)
    def test_what_stops_it_in_the_middle_is_named_and_nothing_follows_later(
        self, bench: Bench, fault: Fault, code: str
    ) -> None:
        bench.printer.inject(fault, after_bytes=5_000)
        assert bench.print(SALE_KO) == NotPrinted("T/receipt/1", code)
        bench.printer.mend()
        bench.printer.load_roll()
        torn = bench.printer.papers
        assert all(not sheet.cut for sheet in torn)
        assert bench.print(SALE_KO.as_copy("사본"), "T/receipt/2") == Printed("T/receipt/2")
        assert len(bench.printer.papers) == len(torn) + 1

    def test_the_roll_that_ends_in_the_middle_is_paper_out(self) -> None:
        with self.make_printer(roll_mm=60) as printer:
            said: list[Event] = []
            driver = self.plug(printer, said)
            bench = Bench(printer, driver, said)
            assert bench.print(SALE_EN) == NotPrinted("T/receipt/1", faults.PAPER_OUT)
            driver.close()

    def test_the_nearly_empty_roll_prints_and_is_reported_once(self, bench: Bench) -> None:
        bench.printer.inject(Fault.PAPER_NEAR_END)
        assert bench.print(SALE_EN) == Printed("T/receipt/1")
        bench.driver.pump()
        bench.driver.pump()
        states = [event for event in bench.said if isinstance(event, DeviceStateChanged)]
        assert [(state.health, state.code) for state in states] == [(Health.DEGRADED, faults.PAPER_NEAR_END)]

    def test_a_silent_printer_prints_but_nobody_can_say(self, bench: Bench) -> None:
        bench.printer.inject(Fault.SILENT)
        assert bench.print(SALE_EN) == NotPrinted("T/receipt/1", faults.UNCONFIRMED)
        bench.printer.wait_for_paper(1, timeout_s=5)
        assert bench.said[-1] == DeviceStateChanged("printer", Health.UNKNOWN, faults.SILENT, "no answer to DLE EOT")

    def test_a_printer_that_falls_silent_in_the_middle_is_not_taken_for_done(self, bench: Bench) -> None:
        bench.printer.inject(Fault.SILENT, after_bytes=700)
        assert bench.print(SALE_EN) == NotPrinted("T/receipt/1", faults.UNCONFIRMED)

    def test_a_printer_that_dies_in_the_middle_is_not_taken_for_done(self, bench: Bench) -> None:
        bench.printer.inject(Fault.DIES_MIDWAY, after_bytes=700)
        answer = bench.print(SALE_KO)
        assert isinstance(answer, NotPrinted)
        assert answer.code in (faults.STALLED, faults.UNCONFIRMED)
        assert bench.printer.papers == ()

    def test_nonsense_is_unknown_and_named(self, bench: Bench) -> None:
        bench.printer.inject(Fault.GARBAGE_STATUS)
        state = bench.pump_until(Health.UNKNOWN, faults.NONSENSE)
        assert "not ESC/POS" in state.detail

    def test_the_cable_pulled_out_in_the_middle_is_answered_and_raised(self, bench: Bench) -> None:
        bench.printer.inject(Fault.UNPLUGGED, after_bytes=3_000)
        with pytest.raises(DriverFault) as caught:
            bench.driver.perform(PrintReceipt("T/receipt/1", SALE_KO))
        assert caught.value.code == faults.UNPLUGGED
        assert bench.said[-1] == NotPrinted("T/receipt/1", faults.UNPLUGGED)

    def test_the_cable_pulled_out_at_rest_is_a_named_fault(self, bench: Bench) -> None:
        bench.pump_until(Health.READY)
        bench.printer.inject(Fault.UNPLUGGED)
        with pytest.raises(DriverFault) as caught:
            bench.pump_until(Health.LOST)
        assert caught.value.code == faults.UNPLUGGED

    def test_changes_at_rest_are_said_once_each(self, bench: Bench) -> None:
        bench.pump_until(Health.READY)
        bench.printer.inject(Fault.COVER_OPEN)
        bench.pump_until(Health.DEGRADED, faults.COVER_OPEN)
        bench.printer.inject(Fault.PAPER_NEAR_END)
        bench.printer.mend(Fault.COVER_OPEN)
        bench.pump_until(Health.DEGRADED, faults.PAPER_NEAR_END)
        bench.printer.mend()
        bench.pump_until(Health.READY)
        bench.printer.inject(Fault.SILENT)
        bench.pump_until(Health.UNKNOWN, faults.SILENT)
        assert len(bench.said) == 5

    def test_a_character_no_font_has_is_named_and_nothing_is_printed(self, bench: Bench) -> None:
        odd = Receipt("1", (Line("\U0001f600 menu"),))
        assert bench.print(odd) == NotPrinted("T/receipt/1", faults.NO_GLYPH)
        assert bench.printer.papers == ()

    def test_closing_twice_is_no_harm(self, bench: Bench) -> None:
        bench.driver.close()
        bench.driver.close()

    def test_a_pump_is_short_even_when_nobody_answers(self, bench: Bench) -> None:
        bench.printer.inject(Fault.DIES_MIDWAY)
        threads = threading.active_count()
        start = time.monotonic()
        bench.driver.pump()
        assert time.monotonic() - start < 5
        assert threading.active_count() <= threads
