"""Reprint: the last paper again, marked COPY at head and foot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from core.effects import PrintReceipt, StartTimer
from core.events import Event, NotPrinted, Pressed, Printed, Restarted, TimerFired
from core.moment import Moment
from core.screens import Action, Block, Drawing, Notice, Picture, Role, Screen, Tone, say
from core.words import fault, word
from device.flows.step import CANCEL, DONE, IDLE_TIMER, QUIET, Answer, Leave, Stay, show
from device.flows.ticket import Paper, Ticket

CLOSE_MS = 5_000  # the paper is in the hand; the screen need not stay


@dataclass(frozen=True, slots=True)
class Reprint:
    name: str = "reprint"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.receipt is None:
            blocks: tuple[Block, ...] = (Drawing(Picture.PAPER), Notice(say("receipt.reprint.none")))
            return Screen(self.name, say("receipt.reprint.title"), blocks, (DONE,))
        blocks = (Drawing(Picture.PAPER), Notice(say("receipt.reprint.which", number=ticket.receipt.number)))
        print_it = Action("print", say("receipt.reprint.print"), Role.PRIMARY, "enter")
        match ticket.paper:
            case Paper.NONE:
                return Screen(self.name, say("receipt.reprint.title"), blocks, (CANCEL, print_it))
            case Paper.PRINTING:
                return Screen(self.name, say("receipt.printing"), blocks)
            case Paper.PRINTED:
                return Screen(self.name, say("receipt.printed"), blocks, (DONE,), Tone.GOOD)
            case Paper.FAILED:
                assert ticket.note is not None, "a failed paper has a reason"
                failed = (*blocks, Notice(ticket.note, Tone.WARN))
                return Screen(self.name, say("receipt.reprint.failed"), failed, (CANCEL, print_it), Tone.WARN)
            case _:
                assert_never(ticket.paper)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Stay(ticket, (*QUIET, show(self, ticket, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Pressed("print") if ticket.receipt is not None and ticket.paper is not Paper.PRINTING:
                paper = ticket.receipt.as_copy(word(say("receipt.copy"), ticket.lang))
                ticket = replace(ticket.ask(self.name), paper=Paper.PRINTING)
                return Stay(ticket, (PrintReceipt(ticket.awaited, paper), show(self, ticket, at)))
            case Printed(answers) if answers == ticket.awaited:
                ticket = replace(ticket.answered(), paper=Paper.PRINTED)
                return Stay(ticket, (show(self, ticket, at), StartTimer(IDLE_TIMER, CLOSE_MS)))
            case NotPrinted(answers, code) if answers == ticket.awaited:
                ticket = replace(ticket.answered(), paper=Paper.FAILED).said(fault(code))
                return Stay(ticket, (show(self, ticket, at),))
            case Pressed("cancel" | "done") | TimerFired("idle") | Restarted():
                return Leave(ticket, "done")
            case _:
                return Stay(ticket)
