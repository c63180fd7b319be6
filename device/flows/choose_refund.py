"""Choose the refund: void the whole sale, or give back an amount, with every outcome shown before it happens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import AskRefund, StartTimer
from core.events import Event, Pressed, RefundOffered, Refused, Restarted, TimerFired, Unanswered
from core.messages import RefundChoice, RefundOption, Sale, WireMoney
from core.moment import Moment
from core.money import Money, grouped
from core.screens import (
    Action,
    Amount,
    Block,
    Choice,
    Choices,
    Countdown,
    Facts,
    Keypad,
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
from device.flows.endings import cancelled
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show, typed
from device.flows.ticket import Ticket

DIGITS_MAX = 9
EXPIRED_TIMER = "offer"


@dataclass(frozen=True, slots=True)
class ChooseRefund:
    name: str = "choose_refund"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.awaited:
            return Screen(self.name, say("refund.choose.title"), (Waiting(say("refund.choose.asking")),))
        if ticket.refund_offer is not None:
            return self._outcomes(ticket)
        sale = _sale(ticket)
        amount = ticket.total if ticket.draft else _refundable(sale)
        blocks: list[Block] = [] if ticket.note is None else [Notice(ticket.note, Tone.WARN)]
        blocks.append(
            Facts(
                (
                    (say("common.staff_number"), Plain(sale.rrn)),
                    (say("refund.choose.sold_for"), Plain(_text(sale.price))),
                    (say("refund.choose.left"), Plain(_text(sale.refundable))),
                )
            )
        )
        blocks.append(Keypad(grouped(amount), ticket.terms.currency, double_zero=True))
        actions = [CANCEL]
        if sale.voidable:
            actions.append(Action("void", say("refund.choose.void"), Role.DANGER))
        label = say("refund.choose.offer", amount=grouped(amount))
        actions.append(Action("offer", label, Role.PRIMARY, "enter"))
        return Screen(self.name, say("refund.choose.amount"), tuple(blocks), tuple(actions))

    def _outcomes(self, ticket: Ticket) -> Screen:
        """Both ways side by side, each with what the shopper gets: nobody chooses blind."""
        offer = ticket.refund_offer
        assert offer is not None
        options = tuple(
            Choice(f"give:{option.choice.value}", _title(option), _detail(option), option.gives.money())
            for option in offer.options
        )
        blocks = (
            Amount(offer.amount.money(), label=say("refund.choose.giving_back")),
            Choices(options),
            Countdown(offer.ttl_ms, offer.ttl_ms, say("sale.confirm.price_holds")),
        )
        return Screen("refund_outcomes", say("refund.choose.title"), blocks, (CANCEL,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._again(replace(ticket, draft="", refund_offer=None), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case RefundOffered(answers, offer) if answers == ticket.awaited and offer.sale == _sale(ticket).txn:
                offered = replace(ticket.answered(), refund_offer=offer, note=None)
                return Stay(offered, (StartTimer(EXPIRED_TIMER, offer.ttl_ms), show(self, offered, at)))
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._again(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) | RefundOffered(answers, _) if answers == ticket.awaited:
                return self._again(ticket.answered().said(say("sale.quote.no_answer")), at)
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _ if ticket.awaited:
                return Stay(ticket)
            case TimerFired("offer") if ticket.refund_offer is not None:
                return self._ask(ticket, ticket.refund_offer.amount.money(), at)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Pressed("void") if _sale(ticket).voidable:
                return Go(replace(ticket, voided=True, note=None), QUIET)
            case Pressed("offer"):
                return self._offer(ticket, at)
            case Pressed(action) if action.startswith("give:") and ticket.refund_offer is not None:
                choice = RefundChoice(action.removeprefix("give:"))
                return Go(replace(ticket, choice=choice, note=None), QUIET)
            case Pressed(action) if ticket.refund_offer is None:
                draft = typed(ticket.draft, action, DIGITS_MAX)
                return Stay(ticket) if draft is None else self._again(replace(ticket, draft=draft, note=None), at)
            case _:
                return Stay(ticket)

    def _offer(self, ticket: Ticket, at: Moment) -> Answer:
        amount = ticket.total if ticket.draft else _refundable(_sale(ticket))
        if not 0 < amount.minor <= _refundable(_sale(ticket)).minor:
            return self._again(ticket.said(say("refund.choose.too_much")), at)
        return self._ask(ticket, amount, at)

    def _ask(self, ticket: Ticket, amount: Money, at: Moment) -> Stay:
        asking = replace(ticket, refund_offer=None).ask(self.name)
        effect = AskRefund(asking.awaited, ticket.txn, _sale(ticket).txn, WireMoney.of(amount))
        return Stay(asking, (effect, show(self, asking, at)))

    def _again(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (*QUIET, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


def _sale(ticket: Ticket) -> Sale:
    assert ticket.sale is not None, "a refund refers to a sale"
    return ticket.sale


def _refundable(sale: Sale) -> Money:
    assert sale.refundable is not None, "only a settled sale comes this far"
    return sale.refundable.money()


def _text(wire: WireMoney | None) -> str:
    return str(wire.money()) if wire else "-"


def _title(option: RefundOption) -> Words:
    return say(f"refund.option.{option.choice.value}")


def _detail(option: RefundOption) -> Words | None:
    if option.rate is None:
        return None
    rate = f"1 {option.gives.asset} = {option.rate.money()}"
    return say("refund.option.at_rate", rate=rate)
