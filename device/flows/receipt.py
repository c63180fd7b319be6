"""Receipt: the end of every business that moved money. Said first, then printed.

It stands after completion, so a paper jam never holds money in doubt. What does not come out of the
printer is shown as a QR code on the screen; printing again marks the paper as a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from core.effects import Play, PrintReceipt, Sound, StartTimer, StopTimer
from core.events import Event, NotPrinted, Pressed, Printed, Restarted, TimerFired
from core.moment import Moment
from core.receipt import Receipt
from core.screens import Action, Block, Notice, QrCode, Screen, Tone, say
from core.words import fault, word
from device.flows.step import DONE, IDLE_TIMER, Answer, Leave, Stay, show
from device.flows.ticket import Paper, Ticket

CLOSE_MS = 8_000  # long enough to read one amount and take the paper; pressing "done" is quicker
CLOSE_QR_MS = 60_000  # finding a phone and scanning takes longer


@dataclass(frozen=True, slots=True)
class GiveReceipt:
    """`compose` writes the paper, `tell` the screen that says what happened, `payload` what its QR carries."""

    compose: Callable[[Ticket], Receipt]
    tell: Callable[[Ticket], Screen]
    payload: Callable[[Ticket], str]
    outcome: str
    name: str = "receipt"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        told = self.tell(ticket)
        blocks: list[Block] = list(told.blocks)
        actions: tuple[Action, ...] = (DONE,)
        match ticket.paper:
            case Paper.NONE | Paper.PRINTING:
                blocks.append(Notice(say("receipt.printing")))
            case Paper.PRINTED:
                blocks.append(Notice(say("receipt.printed"), Tone.GOOD))
            case Paper.FAILED:
                assert ticket.note is not None, "a failed paper has a reason"
                blocks.append(Notice(ticket.note, Tone.WARN))
                payload = self.payload(ticket)
                if payload:
                    blocks.append(QrCode(payload, say("receipt.scan_instead")))
                actions = (Action("print_again", say("receipt.print_again")), DONE)
            case _:
                assert_never(ticket.paper)
        return replace(told, blocks=tuple(blocks), actions=actions)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        ticket = replace(ticket.ask(self.name), receipt=self.compose(ticket), paper=Paper.PRINTING)
        assert ticket.receipt is not None
        effects = (show(self, ticket, at), Play(Sound.DONE), PrintReceipt(ticket.awaited, ticket.receipt))
        return Stay(ticket, (*effects, _close(CLOSE_MS)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Printed(answers) if answers == ticket.awaited:
                ticket = replace(ticket.answered(), paper=Paper.PRINTED)
                return Stay(ticket, (show(self, ticket, at), _close(CLOSE_MS)))
            case NotPrinted(answers, code) if answers == ticket.awaited:
                ticket = replace(ticket.answered(), paper=Paper.FAILED).said(fault(code))
                return Stay(ticket, (show(self, ticket, at), _close(CLOSE_QR_MS)))
            case Pressed("print_again") if ticket.paper is Paper.FAILED:
                return self._copy(ticket, at)
            case Restarted():
                return self._copy(ticket, at) if ticket.paper is Paper.PRINTING else self._leave(ticket)
            case Pressed("done") | TimerFired("idle"):
                return self._leave(ticket)
            case _:
                return Stay(ticket)

    def _copy(self, ticket: Ticket, at: Moment) -> Stay:
        """Nobody can say how much of the first paper came out, so whatever comes now is a copy."""
        assert ticket.receipt is not None
        paper = ticket.receipt.as_copy(word(say("receipt.copy"), ticket.lang))
        ticket = replace(ticket.ask(self.name), receipt=paper, paper=Paper.PRINTING)
        return Stay(ticket, (PrintReceipt(ticket.awaited, paper), show(self, ticket, at), _close(CLOSE_QR_MS)))

    def _leave(self, ticket: Ticket) -> Leave:
        return Leave(ticket.answered(), self.outcome, (StopTimer(IDLE_TIMER),))


def _close(ms: int) -> StartTimer:
    return StartTimer(IDLE_TIMER, ms)
