"""Execute: one act at the exchange, under one key until it is answered.

There is no hold and nothing to undo: it was done whole, or it is not done and cannot be later than its quote lives.
So an answer that does not come is asked for again; who will not wait leaves the question to the outbox, and the
member's own page shows what became of it. Every no means that nothing has moved.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Final

from core.effects import Effect, StartTimer, StopTimer
from core.events import Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.moment import Moment
from core.screens import Action, Amount, Drawing, Facts, Notice, Picture, Plain, Screen, Tone, Waiting, say
from device.flows.authorise import REQUOTE
from device.flows.counter_look import show_again
from device.flows.endings import declined
from device.flows.step import DONE, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN

CHECK_TIMER: Final = "check"
CHECK_MS: Final = 3_000  # between two questions, on top of the line's own deadline and retries
CHECKS_MAX: Final = 8  # about two minutes with nobody answering; the quote has ended long before


@dataclass(frozen=True, slots=True)
class ExecuteHere(ABC):
    """`price` is the step that asks for a new promise, where the old one ended on the way."""

    name: str
    price: str

    @abstractmethod
    def effect(self, asking: Ticket) -> Effect:
        """The act, under the awaited key."""

    @abstractmethod
    def done(self, ticket: Ticket, event: Event) -> Ticket | None:
        """The ticket with the exchange's yes on it; None when the event is none."""

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if not ticket.checks:
            blocks = (Notice(say("counter.working_money")), Amount(ticket.due), Waiting(say("counter.working")))
            return Screen(self.name, say("sale.authorise.title"), blocks)
        reference = say("common.reference", reference=ticket.txn.text[-6:])
        waiting = Waiting(say("sale.checking.working"))
        told = (Notice(say("counter.checking_money"), Tone.WARN), Amount(ticket.due, label=reference), waiting)
        go = Action("leave", say("counter.leave"))
        return Screen("checking", say("sale.checking.title"), told, (go,), Tone.WARN)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._send(replace(ticket.ask(self.name), checks=0), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        if (done := self.done(ticket, event)) is not None:
            return Go(replace(done.answered(), checks=0), _STOP)
        match event:
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._refused(ticket, refusal.code)
            case Unanswered(answers, _) if answers == ticket.awaited:
                checking = replace(ticket, checks=ticket.checks + 1)
                if checking.checks > CHECKS_MAX:
                    return _follows(checking)
                return Stay(checking, (StartTimer(CHECK_TIMER, CHECK_MS), show(self, checking, at)))
            case TimerFired("check"):
                return self._send(ticket, at)
            case Pressed("leave") if ticket.checks:
                return _follows(ticket)
            case Restarted():
                return self._send(replace(ticket, checks=max(1, ticket.checks)), at)
            case _:
                return Stay(ticket)

    def _refused(self, ticket: Ticket, code: str) -> Answer:
        if ticket.counter.sold is not None:  # it was sold before this restart: a no now is about the question alone
            return _follows(ticket)
        if code in REQUOTE:
            return Go(replace(ticket.answered(), checks=0), _STOP, to=self.price)
        if code in NOT_SHOWN:
            again = show_again(replace(ticket, checks=0))
            return replace(again, effects=(*_STOP, *again.effects))
        ended = leave(ticket, "declined", declined(code, ticket.txn.text[-6:]))
        return replace(ended, effects=(*_STOP, *ended.effects))

    def _send(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (*QUIET, StopTimer(IDLE_TIMER), self.effect(ticket), show(self, ticket, at)))


_STOP: Final[tuple[Effect, ...]] = (StopTimer(CHECK_TIMER),)


def _follows(ticket: Ticket) -> Answer:
    """Nobody knows it here yet. The order is on disk until the exchange has answered it."""
    rows = ((say("common.staff_number"), Plain(ticket.txn.text[-6:])),)
    told = Notice(say("counter.follows_money"), Tone.WARN)
    blocks = (Drawing(Picture.LINE), told, Facts(rows))
    ended = leave(ticket, "follows", Screen("follows", say("counter.follows"), blocks, (DONE,), Tone.WARN))
    return replace(ended, effects=(*_STOP, *ended.effects))
