"""Seller: the terminal at a shop's counter."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, Words, say
from core.words import fault
from device.flows.sale import BATCH, REFUND, REPRINT, SALE
from device.modes.mode import Idle, Mode

OUTBOX_FULL: Final = "TM-LINE-010"
REPRINT_ACTION: Final = Action("reprint", say("sale.idle.reprint"), Role.PLAIN, "3")


def _idle(idle: Idle) -> Screen:
    blocks: list[Block] = [Drawing(Picture.SHOP)]
    if idle.full:
        blocks.append(Notice(fault(OUTBOX_FULL), Tone.WARN))
    elif idle.news:  # before a lost device: it is gone with the next business, the device stays lost
        blocks.append(Notice(idle.news))
    elif idle.lost:
        blocks.append(Notice(say("sale.idle.lost", devices=", ".join(idle.lost)), Tone.WARN))
    else:
        blocks.append(Notice(say("sale.idle.hint")))
    rows: list[tuple[Words, Words]] = []
    if idle.full:
        rows.append((say("common.code"), Plain(OUTBOX_FULL)))
    elif idle.price:
        rows.append((say("sale.idle.price"), Plain(idle.price)))
    if idle.owed:
        rows.append((say("sale.idle.owed"), Plain(str(idle.owed))))
    if rows:
        blocks.append(Facts(tuple(rows)))
    if idle.full:
        return Screen("idle_full", say("device.out_of_service"), tuple(blocks), (REPRINT_ACTION,), Tone.WARN)
    actions = (
        Action("refund", say("sale.idle.refund"), Role.PLAIN, "2"),
        REPRINT_ACTION,
        Action("batch", say("sale.idle.batch"), Role.PLAIN, "4"),
        Action("sale", say("sale.idle.new"), Role.PRIMARY, "enter"),
    )
    return Screen("idle", say("sale.idle.title"), tuple(blocks), actions)


SELLER: Final = Mode(
    "seller",
    MappingProxyType({"sale": SALE, "refund": REFUND, "reprint": REPRINT, "batch": BATCH}),
    _idle,
    on_product="sale",
    harmless=frozenset({"reprint"}),
)
