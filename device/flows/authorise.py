"""Authorise: ask the agency, and through it the exchange, to hold exactly what the shopper confirmed.

From here on an answer that does not come is *unknown*. Unknown is undone: the reversal is written to disk
first and repeated until it is acknowledged, by the device's outbox if need be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Authorise, Reverse
from core.events import Authorised, Event, Refused, Restarted, Reversed, Unanswered
from core.moment import Moment
from core.screens import Amount, Notice, Screen, Waiting, say
from device.flows.endings import declined, not_paid, undoing
from device.flows.step import QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket

REQUOTE = frozenset({"TM-SET-002"})
"""Refusals that a new quote mends: the promise ended on the way."""


@dataclass(frozen=True, slots=True)
class AuthoriseSale:
    name: str = "authorise"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        doing = "sale.undoing.working" if ticket.reversing else "sale.authorise.working"
        return Screen(
            self.name,
            say("sale.undoing.title" if ticket.reversing else "sale.authorise.title"),
            (Notice(say("sale.authorise.money")), Amount(ticket.due), Waiting(say(doing))),
        )

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        assert ticket.presentation is not None
        assert ticket.offer is not None
        asking = ticket.ask(self.name)
        effect = Authorise(asking.awaited, ticket.txn, ticket.stan, ticket.presentation.id, ticket.offer.quote)
        return Stay(asking, (*QUIET, effect, show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Restarted():
                return reverse(self, ticket, "terminal restarted", at)
            case _ if ticket.reversing:
                return undone(ticket, event)
            case Authorised(answers, authorisation) if answers == ticket.awaited:
                if authorisation.txn != ticket.txn:
                    return reverse(self, ticket, "answer for another transaction", at)
                return Go(replace(ticket.answered(), authorisation=authorisation))
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in REQUOTE:
                    return Go(ticket.answered(), to="quote")
                return leave(ticket, "declined", declined(refusal.code, reference(ticket)))
            case Unanswered(answers, _) if answers == ticket.awaited:
                return reverse(self, ticket, "no answer to authorise", at)
            case _:
                return Stay(ticket)


def reverse(step: AuthoriseSale, ticket: Ticket, reason: str, at: Moment) -> Stay:
    """Undo whatever may have happened under this transaction; the order is durable before it is sent."""
    undoing_ticket = ticket.ask("reverse")
    undoing_ticket = replace(undoing_ticket, reversing=undoing_ticket.awaited)
    effect = Reverse(undoing_ticket.awaited, ticket.txn, reason)
    return Stay(undoing_ticket, (effect, show(step, undoing_ticket, at)))


def undone(ticket: Ticket, event: Event) -> Answer:
    """The answers to a reversal, the same wherever it was asked for."""
    match event:
        case Reversed(answers) if ticket.reversing and answers == ticket.reversing:
            return leave(ticket, "reversed", not_paid(reference(ticket)))
        case Unanswered(answers, _) | Refused(answers, _) if ticket.reversing and answers == ticket.reversing:
            return leave(ticket, "reversing", undoing(reference(ticket)))
        case _:
            return Stay(ticket)  # also a late yes to something already being undone: the tombstone wins


def reference(ticket: Ticket) -> str:
    """What staff and customer quote to one another: the exchange's number, or the end of ours."""
    return ticket.authorisation.rrn if ticket.authorisation else ticket.txn.text[-6:]
