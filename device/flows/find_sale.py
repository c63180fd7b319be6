"""Find the sale: by the QR on its receipt, or by its number typed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Arm, FindSale, StartTimer, Wanted
from core.events import CodeShown, Event, Pressed, ReceiptScanned, Refused, Restarted, SaleFound, TimerFired, Unanswered
from core.messages import SaleState
from core.moment import Moment
from core.screens import Action, Block, Keypad, Notice, Role, Screen, Tone, Viewfinder, Waiting, say
from core.words import fault
from device.flows.endings import cancelled
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket

RRN_DIGITS = 12  # ISO 8583 DE 37: twelve characters; ours are digits, so that a keypad can type them


@dataclass(frozen=True, slots=True)
class FindTheSale:
    name: str = "find_sale"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.awaited:
            return Screen(self.name, say("refund.find.title"), (Waiting(say("refund.find.working")),))
        blocks: list[Block] = []
        if ticket.note is not None:
            blocks.append(Notice(ticket.note, Tone.WARN))
        if "camera" in ticket.hands:
            blocks.append(Viewfinder())
        blocks.append(Keypad(ticket.draft))
        find = Action("find", say("refund.find.search"), Role.PRIMARY, "enter")
        return Screen(self.name, say("refund.find.title"), tuple(blocks), (CANCEL, find))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._listen(ticket, at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case SaleFound(answers, sale) if answers == ticket.awaited:
                nothing_left = sale.refundable is None or sale.refundable.money().minor == 0
                if sale.state is not SaleState.SETTLED or nothing_left:
                    return self._listen(ticket.answered().said(say("refund.find.nothing_left")), at)
                return Go(replace(ticket.answered(), sale=sale, draft="", note=None))
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._listen(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._listen(ticket.answered().said(say("sale.quote.no_answer")), at)
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _ if ticket.awaited:
                return Stay(ticket)
            case ReceiptScanned(rrn):
                return self._find(ticket, rrn, at)  # the QR only points; what the exchange knows decides
            case CodeShown():
                return self._listen(ticket.said(say("refund.find.not_a_receipt")), at)
            case Pressed("find") if len(ticket.draft) == RRN_DIGITS:
                return self._find(ticket, ticket.draft, at)
            case Pressed("find"):
                return self._listen(ticket.said(say("refund.find.digits", count=RRN_DIGITS)), at)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Pressed(action):
                draft = _plain_digits(ticket.draft, action)
                return Stay(ticket) if draft is None else self._listen(replace(ticket, draft=draft, note=None), at)
            case _:
                return Stay(ticket)

    def _find(self, ticket: Ticket, reference: str, at: Moment) -> Stay:
        asking = ticket.ask(self.name)
        return Stay(asking, (*QUIET, FindSale(asking.awaited, ticket.txn, reference), show(self, asking, at)))

    def _listen(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (Arm((Wanted.RECEIPT,)), StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


def _plain_digits(draft: str, action: str) -> str | None:
    """A number may begin with zeros, an amount may not."""
    if action == "erase":
        return draft[:-1]
    kind, _, digits = action.partition(":")
    return (draft + digits)[:RRN_DIGITS] if kind == "digit" and digits.isdigit() else None
