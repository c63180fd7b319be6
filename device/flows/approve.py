"""Approve: the member sees amount and machine on the phone and says yes there.

What stands on the phone cannot be changed by anybody who stands between: a shoulder surfer's copy of the code, or a
machine that shows one amount and asks for another. A phone without a network can be left out up to a small amount,
which the exchange sets and checks again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, assert_never

from core.effects import AskApproval, Effect, LookApproval, Play, Sound, StartTimer, StopTimer
from core.events import ApprovalSeen, Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.messages import Approval, ApprovalState, WireMoney
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
from device.flows.endings import cancelled, declined
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN
from device.flows.withdraw_endings import stopped

LOOK_TIMER: Final = "look"
LOOK_MS: Final = 1_000  # a person presses and looks up: a second is at once
END_TIMER: Final = "approval"
LIFE_MAX_MS: Final = 180_000  # however long the exchange would wait: nobody stands here for more than three minutes


@dataclass(frozen=True, slots=True)
class ApproveOnPhone:
    name: str = "approve"

    def free(self, ticket: Ticket) -> bool:
        """May it go without the phone? The exchange checks it again."""
        return ticket.due <= ticket.cash.known_limits.unapproved.money()

    def what(self, ticket: Ticket) -> str:
        """Whose gift card the phone is asked about; "" for notes."""
        return ""

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        approval = ticket.cash.approval
        amount = Amount(ticket.due)
        actions = [CANCEL]
        if self.free(ticket):
            actions.append(Action("no_network", say("withdraw.approve.no_network")))
        if ticket.note is not None:
            blocks: tuple[Block, ...] = (Notice(say("common.no_money_moved")), amount, Notice(ticket.note, Tone.WARN))
            actions.append(Action("again", say("common.again"), Role.PRIMARY, "enter"))
            return Screen("not_asked", say("withdraw.approve.not_asked"), blocks, tuple(actions), Tone.WARN)
        if approval is None:
            asking = (amount, Waiting(say("withdraw.approve.asking")))
            return Screen("approve_asking", say("sale.identify.working"), asking, tuple(actions))
        rows: list[tuple[Words, Words]] = [(say("withdraw.approve.machine"), Plain(approval.machine))]
        if what := self.what(ticket):
            rows.insert(0, (say("gift.approve.what"), Plain(what)))
        facts = Facts(tuple(rows))
        left = Countdown(approval.ttl_ms, approval.ttl_ms, say("withdraw.approve.time"))
        told = Notice(say("withdraw.approve.compare"))
        blocks = (amount, told, facts, left)
        return Screen(self.name, say("withdraw.approve.title"), blocks, tuple(actions))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        assert ticket.presentation is not None
        asking = replace(ticket, cash=replace(ticket.cash, approval=None)).ask(self.name)
        effect = AskApproval(
            asking.awaited, ticket.txn, ticket.presentation.id, WireMoney.of(ticket.due), self.what(ticket)
        )
        return Stay(asking, (*QUIET, StopTimer(IDLE_TIMER), effect, show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case ApprovalSeen(answers, approval) if answers == ticket.awaited:
                return self._seen(ticket, approval, at)
            case Unanswered(answers, _) if answers == ticket.awaited and ticket.cash.approval is not None:
                return Stay(ticket, (StartTimer(LOOK_TIMER, LOOK_MS),))
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._not_asked(ticket, say("withdraw.amount.no_answer"), at)
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in NOT_SHOWN:
                    return Go(ticket.answered().said(say("withdraw.code_again")), _STOP, to="identify")
                if ticket.cash.approval is not None:
                    return _left(ticket, "declined", declined(refusal.code, ticket.txn.text[-6:]))
                return self._not_asked(ticket, fault(refusal.code), at)
            case TimerFired("look") if ticket.awaited:
                return Stay(ticket, (LookApproval(ticket.awaited, ticket.txn, WireMoney.of(ticket.due)),))
            case TimerFired("approval"):
                return _left(ticket, "not_approved", stopped(say("withdraw.approve.expired")))
            case Pressed("no_network") if self.free(ticket):
                return Go(replace(ticket.answered(), note=None), _STOP)
            case Pressed("again") if not ticket.awaited:
                return self.enter(ticket, at)
            case Pressed("cancel") | TimerFired("idle"):
                return _left(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)

    def _seen(self, ticket: Ticket, approval: Approval, at: Moment) -> Answer:
        match approval.state:
            case ApprovalState.APPROVED:
                answered = replace(ticket.answered(), cash=replace(ticket.cash, approval=approval), note=None)
                return Go(answered, (*_STOP, Play(Sound.TICK)))
            case ApprovalState.REFUSED:
                return _left(ticket, "refused_on_phone", stopped(say("withdraw.approve.refused")))
            case ApprovalState.EXPIRED:
                return _left(ticket, "not_approved", stopped(say("withdraw.approve.expired")))
            case ApprovalState.WAITING if ticket.cash.approval is not None:
                return Stay(ticket, (StartTimer(LOOK_TIMER, LOOK_MS),))
            case ApprovalState.WAITING:
                waiting = replace(ticket, cash=replace(ticket.cash, approval=approval))
                ends = StartTimer(END_TIMER, min(approval.ttl_ms, LIFE_MAX_MS))
                return Stay(waiting, (StartTimer(LOOK_TIMER, LOOK_MS), ends, show(self, waiting, at)))
            case _:
                assert_never(approval.state)

    def _not_asked(self, ticket: Ticket, note: Words, at: Moment) -> Stay:
        ticket = ticket.answered().said(note)
        return Stay(ticket, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


_STOP: tuple[Effect, ...] = (StopTimer(LOOK_TIMER), StopTimer(END_TIMER), StopTimer(IDLE_TIMER))


def _left(ticket: Ticket, outcome: str, screen: Screen) -> Answer:
    ended = leave(ticket, outcome, screen)
    return replace(ended, effects=(*_STOP, *ended.effects))
