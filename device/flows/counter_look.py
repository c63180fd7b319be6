"""The counter: what this machine can do for this member now, asked once the code has been shown.

Whatever cannot be done now ends here by name, before anything is chosen; what can stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from core.counter_effects import AskCounter
from core.counter_events import CounterKnown
from core.effects import StartTimer
from core.events import Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.messages import Counter
from core.moment import Moment
from core.screens import Action, Block, Notice, Role, Screen, Tone, Waiting, Words, say
from core.words import fault
from device.flows.counter_lines import CounterLines
from device.flows.endings import cancelled, declined
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN

CODE_AGAIN: Final = say("withdraw.code_again")


@dataclass(frozen=True, slots=True)
class LookAtCounter:
    """`lacking(counter)` says by a catalogue code why this business cannot be done now, "" when it can."""

    lacking: Callable[[Counter], str]
    name: str = "counter"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.note is None:
            return Screen("counter", say("sale.identify.working"), (Waiting(say("counter.looking")),))
        blocks: tuple[Block, ...] = (Notice(say("common.no_money_moved")), Notice(ticket.note, Tone.WARN))
        again = Action("again", say("common.again"), Role.PRIMARY, "enter")
        return Screen("counter_refused", say("counter.refused"), blocks, (CANCEL, again), Tone.WARN)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        assert ticket.presentation is not None
        fresh = replace(ticket, counter=CounterLines(), price=None, choosing=False, draft="")
        asking = fresh.ask(self.name)
        effect = AskCounter(asking.awaited, ticket.txn, ticket.presentation.id)
        return Stay(asking, (*QUIET, effect, show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case CounterKnown(answers, counter) if answers == ticket.awaited:
                if counter.fiat.money().asset != ticket.terms.fiat:
                    return self._again(ticket, say("withdraw.amount.no_answer"), at)
                if code := self.lacking(counter):
                    return leave(ticket, "declined", declined(code, ticket.txn.text[-6:]))
                return Go(replace(ticket.answered(), counter=replace(ticket.counter, known=counter)))
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in NOT_SHOWN:
                    return show_again(ticket)
                return self._again(ticket, fault(refusal.code), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._again(ticket, say("withdraw.amount.no_answer"), at)
            case Pressed("again") if not ticket.awaited:
                return self.enter(ticket, at)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)

    def _again(self, ticket: Ticket, note: Words, at: Moment) -> Stay:
        told = ticket.answered().said(note)
        return Stay(told, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, told, at)))


def show_again(ticket: Ticket) -> Go:
    """The presentation's life is over: the code is shown once more, and bound to no amount yet."""
    return Go(replace(ticket.answered(), price=None).said(CODE_AGAIN), QUIET, to="identify")
