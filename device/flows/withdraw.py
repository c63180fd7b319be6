"""The withdrawal as a tuple of steps, and the screen that says what came of it."""

from __future__ import annotations

from typing import Final

from core.messages import Withdrawal
from core.money import Money
from core.screens import Amount, Block, Drawing, Facts, Notice, Picture, Plain, Screen, Tone, Words, say
from device.flows.approve import ApproveOnPhone
from device.flows.close_out import CloseOut
from device.flows.dispense import DispenseNotes
from device.flows.figures import figure, told
from device.flows.flow import Flow
from device.flows.identify import IdentifyShopper
from device.flows.look_at_machine import LookAtMachine
from device.flows.receipt import GiveReceipt
from device.flows.settle_notes import Settle
from device.flows.tender import ChooseTender
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import ChooseAmount
from device.flows.withdraw_authorise import AuthoriseCash
from device.flows.withdraw_endings import reference
from device.flows.withdraw_papers import withdraw_paper
from device.flows.withdraw_price import AgreeOnPrice


def withdrawn_screen(ticket: Ticket) -> Screen:
    """Exactly what is known: all of it, a part, or at least so much while the rest is being counted."""
    end, settled = ticket.cash.known_end, ticket.cash.settled
    least, highest = end.least.money(), end.highest.money()
    rows: list[tuple[Words, Words]] = [(say("common.staff_number"), Plain(reference(ticket)))]
    if least != highest:
        heading, tone, name = say("withdraw.done.doubt"), Tone.WARN, "withdrawn_doubt"
        amount = Amount(least, label=say("withdraw.done.at_least"))
        rows.append((say("withdraw.done.counted"), figure(highest - least)))
        notice = Notice(say("withdraw.done.doubt_money"), Tone.WARN)
    elif least != ticket.due:
        heading, tone, name = say("withdraw.done.part"), Tone.WARN, "withdrawn_part"
        amount = Amount(least)
        rows.append((say("withdraw.done.asked"), figure(ticket.due)))
        notice = Notice(say("withdraw.done.part_money"), Tone.WARN)
    else:
        machine = ticket.cash.machine
        seen_taken = machine is not None and machine.sees_taken
        heading = say("withdraw.done.title" if seen_taken else "withdraw.done.take")
        tone, name = Tone.GOOD, "withdrawn"
        cost = _cost(ticket, settled) if settled else ""
        amount = Amount(least, under=say("withdraw.done.cost", cost=cost) if cost else None)
        notice = None
    blocks: list[Block] = [Drawing(Picture.NOTES), amount] if tone is Tone.GOOD else [amount]
    if settled is None:
        notice = Notice(say("withdraw.done.follows"), Tone.WARN)
    else:
        rows += [(say("withdraw.done.back"), figure(back)) for back in _back(settled)]
    return Screen(name, heading, (*blocks, *([notice] if notice else []), Facts(tuple(rows))), (), tone)


def _cost(ticket: Ticket, settled: Withdrawal) -> str:
    parts = [settled.from_fiat.money(), *([settled.coins.money()] if settled.coins else [])]
    return " + ".join(told(ticket, part) for part in parts if part)


def _back(settled: Withdrawal) -> list[Money]:
    backs = [settled.back_fiat.money(), *([settled.back_coins.money()] if settled.back_coins else [])]
    return [back for back in backs if back]


def _proof(ticket: Ticket) -> str:
    return ticket.cash.settled.proof if ticket.cash.settled else ""


WITHDRAW: Final = Flow(
    "withdraw",
    (
        LookAtMachine(),
        IdentifyShopper("withdraw"),
        ChooseAmount(),
        ApproveOnPhone(),
        ChooseTender(),
        AgreeOnPrice(),
        AuthoriseCash(),
        DispenseNotes(),
        CloseOut(),
        Settle(),
        GiveReceipt(withdraw_paper, withdrawn_screen, _proof, "withdrawn"),
    ),
)
