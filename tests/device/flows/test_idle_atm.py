"""Between customers: what the machine cannot do now it says by name, with the code for whoever is called."""

from __future__ import annotations

from core.screens import Facts, Notice, Plain, Words, say
from core.words import fault
from device.modes.atm import ATM
from device.modes.mode import Idle
from tests.device.cash_answers import MACHINE
from tests.device.playbook import TERMS, changed

READY = Idle(TERMS, ("camera", "printer", "cash"), (), 0, cash=MACHINE)


COUNTER = ["service", "buy", "sell", "giftcard"]
EVERYTHING = [*COUNTER, "withdraw"]


def told(idle: Idle) -> tuple[str, list[str], Words, dict[Words, Words]]:
    screen = ATM.idle(idle)
    notice = next(block.words for block in screen.blocks if isinstance(block, Notice))
    rows = next((dict(block.rows) for block in screen.blocks if isinstance(block, Facts)), {})
    return screen.name, [action.id for action in screen.actions], notice, rows


def test_a_machine_that_can_pay_offers_it() -> None:
    assert told(READY) == ("idle", EVERYTHING, say("atm.idle.hint"), {})
    priced = told(changed(READY, price="1 TIL = 10,000 KRW"))
    assert priced[3] == {say("sale.idle.price"): Plain("1 TIL = 10,000 KRW")}


def test_a_machine_that_cannot_pay_says_why_and_goes_on_with_what_needs_no_cash() -> None:
    for cash, code in (
        (None, "TM-ATM-001"),
        (changed(MACHINE, ready=False), "TM-ATM-001"),
        (changed(MACHINE, ready=False, code="TM-CASHB-034"), "TM-CASHB-034"),
    ):
        name, actions, notice, rows = told(changed(READY, cash=cash))
        assert (name, actions, notice) == ("idle_no_cash", COUNTER, fault("TM-ATM-001"))
        assert rows == {say("common.code"): Plain(code)}


def test_an_outbox_with_no_room_begins_nothing_new() -> None:
    assert told(changed(READY, full=True))[:2] == ("idle_no_cash", ["service"])


def test_another_device_that_is_missing_is_named_and_cash_is_still_paid() -> None:
    name, actions, notice, _ = told(changed(READY, lost=("printer", "cash")))
    assert (name, actions) == ("idle", EVERYTHING)
    assert notice == say("sale.idle.lost", devices="printer")
