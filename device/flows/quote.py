"""Quote: ask the exchange what the price is worth in the shopper's coin, at this second's market."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import AskQuote, StartTimer
from core.events import Event, Pressed, Quoted, Refused, Restarted, TimerFired, Unanswered
from core.messages import WireMoney
from core.moment import Moment
from core.screens import Action, Amount, Notice, Role, Screen, Tone, Waiting, Words, say
from core.words import fault
from device.flows.endings import cancelled
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Quote:
    name: str = "quote"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        amount = Amount(ticket.due)
        if ticket.note is not None:
            blocks = (Notice(say("common.no_money_moved")), amount, Notice(ticket.note, Tone.WARN))
            again = Action("again", say("common.again"), Role.PRIMARY, "enter")
            return Screen("quote_refused", say("sale.quote.refused"), blocks, (CANCEL, again), Tone.WARN)
        return Screen(self.name, say("sale.quote.title"), (amount, Waiting(say("sale.quote.asking"))))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        asking, effect = ask(ticket, "")
        return Stay(asking, (*QUIET, effect, show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Quoted(answers, offer) if answers == ticket.awaited:
                if not fits(ticket, event):
                    return self._refused(ticket, say("sale.quote.no_answer"), at)
                return Go(replace(ticket.answered(), offer=offer, note=None))
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._refused(ticket, fault(refusal.code), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._refused(ticket, say("sale.quote.no_answer"), at)
            case Pressed("again") if not ticket.awaited:
                return self.enter(ticket, at)
            case Pressed("cancel") | TimerFired("idle") if not ticket.awaited:
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)

    def _refused(self, ticket: Ticket, note: Words, at: Moment) -> Stay:
        ticket = ticket.answered().said(note)
        return Stay(ticket, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


def ask(ticket: Ticket, asset: str) -> tuple[Ticket, AskQuote]:
    """A new question about the price; `asset` "" lets the exchange choose the shopper's first coin."""
    assert ticket.presentation is not None
    asking = ticket.ask("quote")
    presentation = ticket.presentation.id
    return asking, AskQuote(asking.awaited, ticket.txn, presentation, WireMoney.of(ticket.due), asset)


def fits(ticket: Ticket, quoted: Quoted) -> bool:
    """Is this promise about this business and exactly this price? An answer that is not is no answer."""
    return quoted.offer.txn == ticket.txn and quoted.offer.price.money() == ticket.due
