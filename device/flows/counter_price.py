"""Price: what a trade or a card comes to, with its countdown; the member says yes, or leaves.

A new promise is asked for by itself before the old one ends, so nobody confirms a number that is about to be refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Final

from core.effects import Effect, StartTimer, StopTimer
from core.events import Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.messages import SourcePrice
from core.moment import Moment
from core.screens import (
    Action,
    Amount,
    Block,
    Countdown,
    Facts,
    Notice,
    Plain,
    Role,
    Screen,
    Tone,
    Waiting,
    Words,
    say,
)
from core.words import fault
from device.flows.confirm import RENEW_BEFORE_MS, RENEW_LEAST_MS, RENEW_TIMER
from device.flows.counter_look import show_again
from device.flows.endings import cancelled
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN


@dataclass(frozen=True, slots=True)
class Offered:
    """A promise as its screen needs it. `under` what it comes to, `told` rate and fee, `yes` the button."""

    under: Words
    told: Words
    yes: Words
    ttl_ms: int
    sources: tuple[SourcePrice, ...]


@dataclass(frozen=True, slots=True)
class AgreeHere(ABC):
    """What a trade and a card have in common; each says what it asks, which answer fits, and how it reads."""

    name: str

    @abstractmethod
    def effect(self, asking: Ticket) -> Effect:
        """The question, under the awaited key."""

    @abstractmethod
    def kept(self, ticket: Ticket, event: Event) -> Ticket | None:
        """The ticket with the promise of `event` on it; None when it is no answer to this question."""

    @abstractmethod
    def without(self, ticket: Ticket) -> Ticket:
        """The ticket without a promise."""

    @abstractmethod
    def offered(self, ticket: Ticket) -> Offered | None:
        """The promise on the ticket."""

    @abstractmethod
    def title(self) -> Words:
        """What is asked of the member."""

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        offer, amount = self.offered(ticket), Amount(ticket.due)
        if offer is not None:
            return _screen(ticket, self.title(), offer)
        if ticket.note is not None:
            blocks: tuple[Block, ...] = (Notice(say("common.no_money_moved")), amount, Notice(ticket.note, Tone.WARN))
            again = Action("again", say("common.again"), Role.PRIMARY, "enter")
            return Screen("quote_refused", say("counter.refused"), blocks, (CANCEL, again), Tone.WARN)
        asking = Waiting(say("withdraw.price.asking"))
        return Screen("quote", say("sale.quote.title"), (amount, asking), (CANCEL,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._ask(self.without(ticket), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        if (kept := self.kept(ticket, event)) is not None:
            return self._stands(replace(kept.answered(), note=None), at)
        match event:
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in NOT_SHOWN:
                    return _stopped(show_again(ticket))
                return self._shown(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._shown(ticket.answered().said(say("withdraw.amount.no_answer")), at)
            case Pressed("cancel") | TimerFired("idle"):
                ended = leave(ticket, "cancelled", cancelled())
                return replace(ended, effects=(*_STOP, *ended.effects))
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case Pressed("again") if self.offered(ticket) is None and not ticket.awaited:
                return self._ask(ticket, at)
            case TimerFired("renew") if self.offered(ticket) is not None and not ticket.awaited:
                return self._ask(ticket, at)
            case Pressed("confirm") if self.offered(ticket) is not None:
                return Go(replace(ticket.answered(), note=None), _STOP)
            case _:
                return Stay(ticket)

    def _ask(self, ticket: Ticket, at: Moment) -> Stay:
        asking = ticket.ask(self.name)
        renew = StartTimer(RENEW_TIMER, RENEW_BEFORE_MS)
        return Stay(asking, (*QUIET, self.effect(asking), renew, show(self, asking, at)))

    def _stands(self, ticket: Ticket, at: Moment) -> Stay:
        offer = self.offered(ticket)
        assert offer is not None, "it was just kept"
        renew = max(RENEW_LEAST_MS, offer.ttl_ms - RENEW_BEFORE_MS)
        stay = self._shown(ticket, at)
        return replace(stay, effects=(StartTimer(RENEW_TIMER, renew), *stay.effects))

    def _shown(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


_STOP: Final[tuple[Effect, ...]] = (StopTimer(RENEW_TIMER), StopTimer(IDLE_TIMER))


def _stopped(go: Go) -> Go:
    return replace(go, effects=(*_STOP, *go.effects))


def _screen(ticket: Ticket, title: Words, offer: Offered) -> Screen:
    left = Countdown(offer.ttl_ms, offer.ttl_ms, say("withdraw.price.holds"))
    blocks: list[Block] = [Amount(ticket.due, under=offer.under, note=offer.told), left]
    if ticket.note is not None:
        blocks.append(Notice(ticket.note, Tone.WARN))
    elif offer.sources:
        sources = ", ".join(source.name for source in offer.sources)
        blocks.append(Facts(((say("sale.confirm.sources"), Plain(sources)),)))
    return Screen("confirm", title, tuple(blocks), (CANCEL, Action("confirm", offer.yes, Role.PRIMARY, "enter")))
