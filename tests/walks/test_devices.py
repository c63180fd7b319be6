"""Devices that fail while somebody is served: paper that ends, a camera that is pulled out, a phone that moves away."""

from __future__ import annotations

import pytest

from core.faults.camera import LOST
from core.faults.nfc import PULLED_AWAY
from core.faults.printer import PAPER_OUT
from core.screens import say
from core.words import word
from device.receipt_check import seal_text
from sim.peers.nfc_phone import Member, Phone
from sim.peers.printer_engine import Fault
from sim.walks.sale import tap
from sim.walks.stage import Stage
from sim.walks.verdict import facts_on, proof_wrong
from sim.world import now
from tests.walks.counter import leave, reads, sales_settled, says, to_confirm, to_identify, type_code

pytestmark = pytest.mark.whole
MIDDLE_BYTES = 900  # of a receipt: after the goods, before its QR code


def test_paper_that_ends_in_the_middle_leaves_the_receipt_on_the_screen_and_a_copy_on_the_new_roll(
    stage: Stage,
) -> None:
    printer = stage.world.printer
    sold = sales_settled(stage)
    to_confirm(stage)
    printer.inject(Fault.PAPER_OUT, after_bytes=MIDDLE_BYTES)
    stage.press("confirm")
    shown = says(stage, PAPER_OUT)
    assert shown.name == "approved"
    on_screen = facts_on_screen(stage)
    papers = len(printer.papers)
    printer.mend(Fault.PAPER_OUT)
    printer.load_roll()
    torn = len(printer.papers)
    stage.press("print_again")
    reads(stage, word(say("receipt.printed"), "en"))
    copy = printer.wait_for_paper(torn + 1, timeout_s=30)
    assert torn >= papers
    assert copy.text.count(word(say("receipt.copy"), "en")) == 2
    assert facts_on(copy).txn.text == on_screen == stage.last_txn()
    assert proof_wrong(copy, stage.world.exchange_url) == []
    leave(stage)
    assert sales_settled(stage) == sold + 1


def facts_on_screen(stage: Stage) -> str:
    """The transaction that the QR code on the screen is about, read from its picture as a phone would."""
    from core.proof import open_seal

    shown = stage.until(lambda shown: shown.settled, "a screen at rest")
    return open_seal(seal_text(as_png(shown.picture))).facts.txn.text


def as_png(picture: bytes) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(out, "PNG")
    return out.getvalue()


def test_a_camera_pulled_out_leaves_the_keypad_and_comes_back(stage: Stage) -> None:
    world = stage.world
    stage.next_shopper()
    to_identify(stage)
    world.camera.fault("unplug")
    stage.until(lambda shown: not any("Camera picture" in line for line in shown.spoken), "a screen without a camera")
    type_code(stage, stage.fresh_code().digits)
    stage.see("confirm")
    stage.press("cancel")
    stage.see("cancelled")
    stage.press("done")
    shown = stage.see("idle")
    assert any("camera" in line for line in shown.spoken), shown.spoken
    world.camera.fault("none")
    stage.until(lambda shown: not any("camera" in line for line in shown.spoken), "an idle screen with a camera")
    assert LOST.startswith("TM-CAM")


def test_a_phone_pulled_away_can_be_held_there_again(stage: Stage) -> None:
    world = stage.world
    shopper = stage.next_shopper()
    sold = sales_settled(stage)
    to_identify(stage)
    phone = Phone(Member(shopper.phone.key, shopper.phone.roll_ms), now)
    world.nfc.field.tap(phone, leaves_after=2)
    assert says(stage, PULLED_AWAY).name == "identify"
    assert sales_settled(stage) == sold
    tap(stage)
    stage.see("confirm")
    stage.press("confirm")
    stage.see("approved")
    leave(stage)
    assert sales_settled(stage) == sold + 1
