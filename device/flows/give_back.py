"""Give back: the refund or void is ordered, and asked for with the same key until it is known to be done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Effect, Refund, StartTimer, StopTimer, Void
from core.events import Event, Pressed, Refunded, Refused, Restarted, Reversed, TimerFired, Unanswered
from core.moment import Moment
from core.screens import Action, Block, Drawing, Facts, Notice, Picture, Plain, Role, Screen, Tone, Waiting, say
from core.words import fault
from device.flows.complete import CHECK_MS, CHECK_TIMER
from device.flows.endings import declined
from device.flows.step import CANCEL, DONE, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket

CHECKS_MAX = 10  # about two minutes at the counter; afterwards the outbox goes on by itself


@dataclass(frozen=True, slots=True)
class GiveBack:
    name: str = "give_back"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if not ticket.awaited:
            return self._question(ticket)
        blocks: tuple[Block, ...] = (Waiting(say("refund.give.working")),)
        if not ticket.checks:
            return Screen(self.name, say("refund.give.title"), blocks)
        later = Action("later", say("refund.give.later"), Role.PLAIN)
        return Screen(
            "refund_checking",
            say("sale.checking.title"),
            (Notice(say("refund.give.checking"), Tone.WARN), *blocks),
            (later,),
            Tone.WARN,
        )

    def _question(self, ticket: Ticket) -> Screen:
        """A last look before money moves: the whole outcome in one sentence."""
        assert ticket.sale is not None
        if ticket.voided:
            heading, what = say("refund.give.void_title"), say("refund.give.void_all")
            amount = ticket.sale.price
        else:
            heading, what = say("refund.give.confirm_title"), say("refund.give.gets", amount=_given(ticket))
            amount = ticket.refund_offer.amount if ticket.refund_offer else None
        rows = ((say("common.staff_number"), Plain(ticket.sale.rrn)),)
        whole = ((say("refund.choose.giving_back"), Plain(str(amount.money()))),) if amount else ()
        facts = Facts((*whole, *rows))
        yes = Action("confirm", say("refund.give.yes"), Role.PRIMARY, "enter")
        return Screen("refund_confirm", heading, (Notice(what), facts), (CANCEL, yes))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Stay(ticket, (*QUIET, show(self, ticket, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Refunded(answers, refund) if answers == ticket.awaited:
                return Go(replace(ticket.answered(), refund=refund, checks=0), _STOP)
            case Reversed(answers, proof) if answers == ticket.awaited:
                return Go(replace(ticket.answered(), void_proof=proof, checks=0), _STOP)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return leave(ticket, "declined", declined(refusal.code, _number(ticket)))
            case Unanswered(answers, _) if answers == ticket.awaited:
                checking = replace(ticket, checks=ticket.checks + 1)
                if checking.checks > CHECKS_MAX:
                    return leave(checking, "owed", _later(checking))
                return Stay(checking, (StartTimer(CHECK_TIMER, CHECK_MS), show(self, checking, at)))
            case TimerFired("check") if ticket.awaited:
                return self._send(ticket, at)
            case Pressed("later") if ticket.checks:
                ended = leave(ticket, "owed", _later(ticket))
                return replace(ended, effects=(*_STOP, *ended.effects))
            case Restarted() if ticket.awaited:
                return self._send(replace(ticket, checks=max(1, ticket.checks)), at)
            case Pressed("confirm") if not ticket.awaited:
                return self._send(replace(ticket.ask("void" if ticket.voided else "refund"), checks=0), at)
            case Pressed("cancel") | Restarted() if not ticket.awaited:
                return Go(replace(ticket, voided=False, choice=None), to="choose_refund")
            case _:
                return Stay(ticket)

    def _send(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (_order(ticket), show(self, ticket, at)))


def _order(ticket: Ticket) -> Effect:
    assert ticket.sale is not None
    if ticket.voided:
        return Void(ticket.awaited, ticket.txn, ticket.sale.txn)
    assert ticket.choice is not None
    assert ticket.refund_offer is not None
    return Refund(ticket.awaited, ticket.txn, ticket.sale.txn, ticket.choice, ticket.refund_offer.offer)


def _given(ticket: Ticket) -> str:
    assert ticket.refund_offer is not None
    gives = (option.gives for option in ticket.refund_offer.options if option.choice is ticket.choice)
    return str(next(gives).money())


def _number(ticket: Ticket) -> str:
    return ticket.sale.rrn if ticket.sale else ticket.txn.text[-6:]


def _later(ticket: Ticket) -> Screen:
    """It will be done; when is not known. Said exactly so."""
    facts = Facts(((say("common.staff_number"), Plain(_number(ticket))), (say("common.reason"), fault("TM-LINE-001"))))
    blocks = (Drawing(Picture.LINE), Notice(say("refund.give.owed"), Tone.WARN), facts)
    return Screen("refund_owed", say("refund.give.owed_title"), blocks, (DONE,), Tone.WARN)


_STOP: tuple[Effect, ...] = (StopTimer(CHECK_TIMER),)
