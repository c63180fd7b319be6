"""ATM: the machine that pays cash. What it cannot do now it says by name; the rest of its menu stays on."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, Words, say
from core.words import fault
from device.flows.look_at_machine import SILENT
from device.flows.service import SERVICE
from device.flows.withdraw import WITHDRAW
from device.modes.mode import Idle, Mode
from device.modes.service import NAME, OPEN


def _idle(idle: Idle) -> Screen:
    code = no_cash(idle)
    blocks: list[Block] = [Drawing(Picture.NOTES)]
    if code:
        blocks.append(Notice(fault(SILENT), Tone.WARN))  # what the code means is for whoever is called
    elif lost := tuple(role for role in idle.lost if role != "cash"):
        blocks.append(Notice(say("sale.idle.lost", devices=", ".join(lost)), Tone.WARN))
    else:
        blocks.append(Notice(say("atm.idle.hint")))
    rows: list[tuple[Words, Words]] = []
    if code:
        rows.append((say("common.code"), Plain(code)))
    if idle.price:
        rows.append((say("sale.idle.price"), Plain(idle.price)))
    if rows:
        blocks.append(Facts(tuple(rows)))
    if code:
        return Screen("idle_no_cash", say("withdraw.off.title"), tuple(blocks), (OPEN,), Tone.WARN)
    withdraw = Action("withdraw", say("atm.idle.withdraw"), Role.PRIMARY, "enter")
    return Screen("idle", say("atm.idle.title"), tuple(blocks), (OPEN, withdraw))


def no_cash(idle: Idle) -> str:
    """Why no cash can be paid now, as a catalogue code; "" when it can."""
    if idle.full:
        return "TM-LINE-010"
    if idle.cash is None:
        return SILENT
    return "" if idle.cash.ready else idle.cash.code or SILENT


ATM: Final = Mode(
    "atm",
    MappingProxyType({"withdraw": WITHDRAW, NAME: SERVICE}),
    _idle,
    harmless=frozenset({SERVICE.name}),
    pays_cash=True,
)
