"""Seller: the terminal at a shop's counter."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, Words, say
from device.flows.sale import BATCH, REFUND, REPRINT, SALE
from device.modes.mode import Idle, Mode


def _idle(idle: Idle) -> Screen:
    blocks: list[Block] = [Drawing(Picture.SHOP)]
    if idle.lost:
        blocks.append(Notice(say("sale.idle.lost", devices=", ".join(idle.lost)), Tone.WARN))
    else:
        blocks.append(Notice(say("sale.idle.hint")))
    if idle.owed:
        rows: tuple[tuple[Words, Words], ...] = ((say("sale.idle.owed"), Plain(str(idle.owed))),)
        blocks.append(Facts(rows))
    actions = (
        Action("refund", say("sale.idle.refund"), Role.PLAIN, "2"),
        Action("reprint", say("sale.idle.reprint"), Role.PLAIN, "3"),
        Action("batch", say("sale.idle.batch"), Role.PLAIN, "4"),
        Action("sale", say("sale.idle.new"), Role.PRIMARY, "enter"),
    )
    return Screen("idle", say("sale.idle.title"), tuple(blocks), actions)


SELLER: Final = Mode(
    "seller",
    MappingProxyType({"sale": SALE, "refund": REFUND, "reprint": REPRINT, "batch": BATCH}),
    _idle,
    on_product="sale",
)
