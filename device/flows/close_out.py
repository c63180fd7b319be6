"""Close out: what became of the notes is not known, so the cash side is asked until it says how it ended.

What has not begun by now never will. The ticket stays open however long that takes: a machine whose cash side is
silent cannot pay anybody anyway, and its customer holds a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.effects import CloseNotes, StartTimer, StopTimer
from core.events import Event, NotesPaid, Refused, Restarted, TimerFired, Unanswered
from core.moment import Moment
from core.screens import Block, Drawing, Facts, Notice, Picture, Plain, Screen, Tone, Waiting, say
from device.flows.step import QUIET, Answer, Go, Stay, show
from device.flows.ticket import Ticket
from device.flows.withdraw_endings import reference

ASK_TIMER: Final = "ask_cash"
ASK_MS: Final = 3_000  # between two questions; a vault that starts again is heard within that


@dataclass(frozen=True, slots=True)
class CloseOut:
    """`checks` of the ticket is 1 once a question has stayed unanswered."""

    name: str = "close_out"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        facts = Facts(((say("common.staff_number"), Plain(reference(ticket))),))
        if ticket.checks:
            silent = Notice(say("withdraw.silent.money"), Tone.STOP)
            blocks: tuple[Block, ...] = (Drawing(Picture.LINE), silent, facts, Waiting(say("withdraw.silent.working")))
            return Screen("cash_silent", say("withdraw.silent.title"), blocks, (), Tone.STOP)
        checking = Notice(say("withdraw.checking.money"), Tone.WARN)
        blocks = (checking, facts, Waiting(say("withdraw.checking.machine")))
        return Screen("cash_checking", say("withdraw.checking.title"), blocks, (), Tone.WARN)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._ask(replace(ticket.ask(self.name), checks=0), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case NotesPaid(answers, paid) if answers == ticket.awaited and paid.txn == ticket.txn:
                ended = replace(ticket.answered(), cash=replace(ticket.cash, paid=paid), checks=0)
                return Go(ended, (StopTimer(ASK_TIMER),))
            case NotesPaid(answers, _) | Refused(answers, _) | Unanswered(answers, _) if answers == ticket.awaited:
                silent = replace(ticket, checks=1)
                return Stay(silent, (StartTimer(ASK_TIMER, ASK_MS), show(self, silent, at)))
            case TimerFired("ask_cash"):
                return self._ask(ticket, at)
            case Restarted():
                return self._ask(ticket, at)
            case _:
                return Stay(ticket)

    def _ask(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (*QUIET, CloseNotes(ticket.awaited, ticket.txn), show(self, ticket, at)))
