"""Our half of the conversation without a cable: late, missing and foreign answers, and what counts as confirmed."""

from __future__ import annotations

import pytest

from core.events import Health
from core.faults import printer as faults
from core.wire.escpos_status import PAPER_ASK, STATUS_ASK, PrinterStatus, id_answer, id_ask
from drivers.printer_escpos import Confirm, Host, Settings
from drivers.printer_escpos.host import NONSENSE, READY, SILENT, judge

GOOD = bytes.fromhex("12 12 12 12")
OUT = bytes.fromhex("1A 32 12 72")


def host(confirm: Confirm = Confirm.PAPER_SENSOR) -> Host:
    return Host(Settings(port="", answer_ms=100, confirm=confirm))


JUDGED = [
    (PrinterStatus(), Health.READY, ""),
    (PrinterStatus(paper_near_end=True), Health.DEGRADED, faults.PAPER_NEAR_END),
    (PrinterStatus(offline=True), Health.DEGRADED, faults.OFFLINE),
    (PrinterStatus(offline=True, paper_out=True, paper_near_end=True), Health.DEGRADED, faults.PAPER_OUT),
    (PrinterStatus(offline=True, paper_out=True, cover_open=True), Health.DEGRADED, faults.COVER_OPEN),
    (PrinterStatus(offline=True, cover_open=True, cutter_error=True), Health.DEGRADED, faults.CUTTER),
    (PrinterStatus(offline=True, recoverable_error=True), Health.DEGRADED, faults.RECOVERABLE),
    (PrinterStatus(offline=True, cutter_error=True, unrecoverable_error=True), Health.DEGRADED, faults.UNRECOVERABLE),
    (PrinterStatus(drawer_open=True), Health.READY, ""),
]


@pytest.mark.parametrize(("status", "health", "code"), JUDGED)
def test_one_thing_is_said_of_a_status(status: PrinterStatus, health: Health, code: str) -> None:
    said = judge(status)
    assert (said.health, said.code) == (health, code)
    assert said.stops == (code not in ("", faults.PAPER_NEAR_END))


def test_nothing_is_known_before_the_first_answer_or_miss() -> None:
    here = host()
    assert here.ask(0) == STATUS_ASK
    assert here.condition is None
    here.feed(GOOD[:3])
    assert here.condition is None
    here.feed(GOOD[3:])
    assert here.condition == READY


def test_the_first_silence_is_unknown_and_a_later_one_only_when_it_lasts() -> None:
    here = host()
    here.ask(0)
    here.tick(99)
    assert here.condition is None
    here.tick(100)
    assert here.condition == SILENT
    here.ask(1_000)
    here.feed(GOOD)
    here.ask(2_000)
    here.tick(2_100)
    assert here.condition == READY, "one lost answer is a hiccup"
    here.ask(3_000)
    here.tick(3_100)
    assert here.condition == SILENT


def test_a_late_answer_still_counts_and_is_never_mixed_with_the_next() -> None:
    here = host()
    here.ask(0)
    here.feed(OUT[:2])
    here.tick(500)
    assert here.asking()
    assert not here.waiting()
    here.feed(OUT[2:])
    assert here.condition is not None
    assert here.condition.code == faults.PAPER_OUT
    here.feed(GOOD)  # nobody asked
    assert here.condition.code == faults.PAPER_OUT


def test_half_an_answer_is_nonsense_not_silence() -> None:
    here = host()
    here.ask(0)
    here.feed(GOOD[:2])
    here.tick(100)
    assert here.condition == NONSENSE


def test_the_paper_answer_confirms_only_after_it_was_asked_for() -> None:
    here = host()
    here.start_receipt()
    here.feed(b"\x00")
    assert not here.confirmed
    assert here.ask_confirmation(0) == PAPER_ASK
    assert not here.confirmed
    here.feed(b"\x00")
    assert here.confirmed
    here.start_receipt()
    assert not here.confirmed


def test_an_answer_that_there_is_no_paper_confirms_nothing() -> None:
    here = host()
    here.ask_confirmation(0)
    here.feed(b"\x0f")
    assert not here.confirmed
    assert here.condition is not None
    assert here.condition.code == faults.PAPER_OUT


def test_only_the_label_of_this_receipt_confirms_it() -> None:
    here = host(Confirm.ID_ECHO)
    assert here.ask_confirmation(0) == id_ask("0001")
    here.feed(id_answer(b"0000"))
    here.feed(b"\x00")
    assert not here.confirmed
    here.feed(id_answer(b"0001"))
    assert here.confirmed
    assert here.ask_confirmation(0) == id_ask("0002")
    assert not here.confirmed


def test_a_status_confirms_only_when_it_was_asked_for_after_the_last_byte() -> None:
    here = host(Confirm.STATUS)
    here.start_receipt()
    here.ask(0)
    assert here.ask_confirmation(10) == b"", "one question at a time"
    here.feed(GOOD)
    assert not here.confirmed
    assert here.ask(20) == STATUS_ASK
    here.feed(OUT)
    assert not here.confirmed
    here.ask(30)
    here.feed(GOOD)
    assert here.confirmed
