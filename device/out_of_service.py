"""Out of service because the exchange says that this terminal has no rights any more; a person may pair it again."""

from __future__ import annotations

from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, say
from core.words import fault

PAIR = "pair_again"
SURE = "pair_sure"


def out_of_service(code: str, terminal: str, owed: int) -> Screen:
    """By name, with the code for whoever is called, and one way on."""
    rows = [(say("common.code"), Plain(code)), (say("pairing.terminal"), Plain(terminal))]
    if owed:
        rows.append((say("sale.idle.owed"), Plain(str(owed))))
    blocks: tuple[Block, ...] = (Drawing(Picture.CROSS), Notice(fault(code), Tone.STOP), Facts(tuple(rows)))
    again = Action(PAIR, say("pairing.again"), Role.PLAIN, "2")
    return Screen("out_of_service", say("device.out_of_service"), blocks, (again,), Tone.STOP)


def pair_again(owed: int) -> Screen:
    """Asked before the device forgets who it is."""
    blocks: list[Block] = [Notice(say("pairing.again_why"), Tone.WARN)]
    if owed:
        blocks.append(Notice(say("pairing.again_owed", count=owed), Tone.WARN))
    actions = (
        Action("cancel", say("common.cancel"), Role.CANCEL, "escape"),
        Action(SURE, say("pairing.again"), Role.DANGER, "2"),
    )
    return Screen("pair_again", say("pairing.again_title"), tuple(blocks), actions, Tone.WARN)
