"""Complete: make the hold final. The coins are sold and the seller is credited with this one message.

It is sent with the same key until there is an answer. While there is none, nobody is told anything but
"we are checking"; the seller may give up, which undoes the whole sale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Complete, Effect, StartTimer, StopTimer
from core.events import Captured, Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.moment import Moment
from core.screens import Action, Amount, Notice, Role, Screen, Tone, Waiting, say
from device.flows.authorise import AuthoriseSale, reference, reverse, undone
from device.flows.step import QUIET, Answer, Go, Stay, show
from device.flows.ticket import Ticket

CHECK_TIMER = "check"
CHECK_MS = 3_000  # between two questions, on top of the line's own deadline and retries
CHECKS_MAX = 40  # about ten minutes with nobody answering; then the sale is undone without being told to


@dataclass(frozen=True, slots=True)
class CompleteSale(AuthoriseSale):
    """Shares with authorise how a doubt is undone."""

    name: str = "complete"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.reversing or not ticket.checks:
            return AuthoriseSale.screen(self, ticket, at)
        blocks = (
            Notice(say("sale.checking.money"), Tone.WARN),
            Amount(ticket.due, label=say("common.reference", reference=reference(ticket))),
            Waiting(say("sale.checking.working")),
        )
        undo = Action("undo", say("sale.checking.undo"), Role.DANGER)
        return Screen("checking", say("sale.checking.title"), blocks, (undo,), Tone.WARN)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        asking = replace(ticket.ask(self.name), checks=0)
        return self._send(asking, at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Restarted() if ticket.reversing:
                return reverse(self, ticket, "terminal restarted", at)
            case _ if ticket.reversing:
                return undone(ticket, event)
            case Captured(answers, capture) if answers == ticket.awaited:
                if (capture.txn, capture.price.money()) != (ticket.txn, ticket.due):
                    return reverse(self, ticket, "answer for another transaction", at)
                return Go(replace(ticket.answered(), capture=capture, checks=0), _STOP)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return reverse(self, ticket, f"completion refused {refusal.code}", at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                checking = replace(ticket, checks=ticket.checks + 1)
                if checking.checks > CHECKS_MAX:
                    return reverse(self, checking, "completion never answered", at)
                return Stay(checking, (StartTimer(CHECK_TIMER, CHECK_MS), show(self, checking, at)))
            case TimerFired("check"):
                return self._send(ticket, at)
            case Pressed("undo") if ticket.checks:
                stay = reverse(self, ticket, "seller gave up waiting", at)
                return replace(stay, effects=(*_STOP, *stay.effects))
            case Restarted():
                return self._send(replace(ticket, checks=max(1, ticket.checks)), at)
            case _:
                return Stay(ticket)

    def _send(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (*QUIET, Complete(ticket.awaited, ticket.txn), show(self, ticket, at)))


_STOP: tuple[Effect, ...] = (StopTimer(CHECK_TIMER),)
