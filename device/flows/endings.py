"""The last screens of a business that did not come to a sale: each says first where the money is."""

from __future__ import annotations

from core.screens import Block, Drawing, Facts, Notice, Picture, Plain, Screen, Tone, Words, say
from core.words import fault
from device.flows.step import DONE


def cancelled() -> Screen:
    return _ending("cancelled", say("sale.cancelled.title"), say("common.no_money_moved"), Tone.CALM, Picture.CROSS)


def declined(code: str, reference: str) -> Screen:
    """The far side said no, by name."""
    rows = ((say("common.reason"), fault(code)), (say("common.code"), Plain(code)), _reference(reference))
    return _ending("declined", say("sale.declined.title"), say("common.no_money_moved"), Tone.STOP, Picture.CROSS, rows)


def not_paid(reference: str) -> Screen:
    """The outcome was in doubt and has been undone."""
    return _ending(
        "not_paid",
        say("sale.not_paid.title"),
        say("sale.not_paid.money"),
        Tone.WARN,
        Picture.CROSS,
        (_reference(reference),),
    )


def undoing(reference: str) -> Screen:
    """The outcome is in doubt, the exchange cannot be reached, and the undoing is kept until it can."""
    return _ending(
        "undoing",
        say("sale.undoing.title"),
        say("sale.undoing.money"),
        Tone.WARN,
        Picture.LINE,
        (_reference(reference),),
    )


def _reference(reference: str) -> tuple[Words, Words]:
    return say("common.staff_number"), Plain(reference)


def _ending(
    name: str, title: Words, money: Words, tone: Tone, picture: Picture, rows: tuple[tuple[Words, Words], ...] = ()
) -> Screen:
    blocks: tuple[Block, ...] = (Drawing(picture), Notice(money, tone))
    if rows:
        blocks = (*blocks, Facts(rows))
    return Screen(name, title, blocks, (DONE,), tone)
