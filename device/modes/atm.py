"""ATM: the machine that pays cash. What it cannot do now it says by name; the rest of its menu stays on."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, Words, say
from core.words import fault
from device.flows.giftcard import GIFTCARD
from device.flows.look_at_machine import SILENT
from device.flows.service import SERVICE
from device.flows.trade import BUY, SELL
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
        actions = (OPEN,) if idle.full else (OPEN, *COUNTER)
        return Screen("idle_no_cash", say("withdraw.off.title"), tuple(blocks), actions, Tone.WARN)
    withdraw = Action("withdraw", say("atm.idle.withdraw"), Role.PRIMARY, "enter")
    return Screen("idle", say("atm.idle.title"), tuple(blocks), (OPEN, *COUNTER, withdraw))


def no_cash(idle: Idle) -> str:
    """Why no cash can be paid now, as a catalogue code; "" when it can."""
    if idle.full:
        return "TM-LINE-010"
    if idle.cash is None:
        return SILENT
    return "" if idle.cash.ready else idle.cash.code or SILENT


COUNTER: Final = (
    Action("buy", say("atm.idle.buy"), Role.PLAIN, "1"),
    Action("sell", say("atm.idle.sell"), Role.PLAIN, "2"),
    Action("giftcard", say("atm.idle.giftcard"), Role.PLAIN, "3"),
)
"""What needs no cash side. Which of it the exchange can do now, it says itself once a code is shown."""
MENU: Final = MappingProxyType({"withdraw": WITHDRAW, "buy": BUY, "sell": SELL, "giftcard": GIFTCARD, NAME: SERVICE})
ATM: Final = Mode("atm", MENU, _idle, harmless=frozenset({SERVICE.name}), pays_cash=True)
