"""Settle: the cash side's signed word goes to the exchange, which captures exactly what left and gives back the rest.

The customer has the notes by now, so nobody waits here for a line that is down: the statement stays with the cash side
until the exchange has it, and `device.courier` carries it later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import SettleNotes, TellTaken
from core.events import Event, Refused, Restarted, Settled, Unanswered
from core.moment import Moment
from core.money import Money
from core.screens import Notice, Screen, Tone, Waiting, say
from device.flows.figures import told
from device.flows.step import QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_endings import nothing_paid


@dataclass(frozen=True, slots=True)
class Settle:
    name: str = "settle"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        least, highest = _paid(ticket)
        if least == highest and least:
            money = Notice(say("withdraw.settle.paid", amount=told(ticket, least)), Tone.GOOD)
        else:
            money = Notice(say("withdraw.checking.money"), Tone.WARN)
        return Screen(self.name, say("withdraw.settle.title"), (money, Waiting(say("withdraw.settle.working"))))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._carry(ticket.ask(self.name), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Settled(answers, reply) if answers == ticket.awaited and reply.number == ticket.cash.known_end.number:
                settled = replace(ticket.answered(), cash=replace(ticket.cash, settled=reply.withdrawal))
                go = _on(settled, known=True)
                return replace(go, effects=(TellTaken(reply.taken), *go.effects))
            case Settled(answers, _) | Refused(answers, _) | Unanswered(answers, _) if answers == ticket.awaited:
                return _on(ticket.answered(), known=False)
            case Restarted():
                return self._carry(ticket, at)
            case _:
                return Stay(ticket)

    def _carry(self, ticket: Ticket, at: Moment) -> Stay:
        effect = SettleNotes(ticket.awaited, ticket.txn, ticket.cash.known_end.report)
        return Stay(ticket, (*QUIET, effect, show(self, ticket, at)))


def _on(ticket: Ticket, *, known: bool) -> Answer:
    """A receipt for whatever came out or may have; without that the customer is told that nothing did."""
    if _paid(ticket)[1]:
        return Go(ticket)
    return leave(ticket, "nothing_paid" if known else "nothing_paid_follows", nothing_paid(ticket, known=known))


def _paid(ticket: Ticket) -> tuple[Money, Money]:
    end = ticket.cash.known_end
    return end.least.money(), end.highest.money()
