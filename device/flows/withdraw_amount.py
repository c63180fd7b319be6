"""Amount: what the member may withdraw and this machine can pay, as buttons; any other amount by the number pad.

An amount that cannot be paid is refused here, by name and with the nearest that can, before anything is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.effects import AskLimits, Play, Sound, StartTimer
from core.events import Event, LimitsKnown, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.moment import Moment
from core.money import Money, grouped
from core.screens import (
    Action,
    Block,
    Choice,
    Choices,
    Facts,
    Keypad,
    Notice,
    Role,
    Screen,
    Tone,
    Waiting,
    Words,
    say,
)
from core.words import fault
from device.flows.cash_offers import nearest, offered, payables
from device.flows.endings import cancelled
from device.flows.figures import figure, told
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show, typed
from device.flows.ticket import Ticket
from device.flows.withdraw_endings import stopped

DIGITS_MAX: Final = 9
NOT_SHOWN: Final = frozenset({"TM-MEM-131", "TM-MEM-132"})
"""Refusals that a code shown again mends: the presentation's life is over."""


@dataclass(frozen=True, slots=True)
class ChooseAmount:
    name: str = "amount"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        if ticket.awaited:
            return Screen("limits", say("sale.identify.working"), (Waiting(say("withdraw.amount.looking")),))
        if ticket.cash.limits is None:
            assert ticket.note is not None, "without limits there is a reason"
            blocks: tuple[Block, ...] = (Notice(say("common.no_money_moved")), Notice(ticket.note, Tone.WARN))
            again = Action("again", say("common.again"), Role.PRIMARY, "enter")
            return Screen("limits_refused", say("withdraw.price.refused"), blocks, (CANCEL, again), Tone.WARN)
        notes = [Notice(ticket.note, Tone.WARN)] if ticket.note else []
        if not notes and "printer" not in ticket.hands:
            notes = [Notice(say("withdraw.amount.no_paper"), Tone.WARN)]
        if ticket.choosing:
            return self._pad(ticket, notes)
        buttons = tuple(Choice(f"take:{amount.minor}", figure(amount)) for amount in offered(_payables(ticket)))
        other = Action("other", say("withdraw.amount.other"), Role.PLAIN, "5")
        return Screen(
            self.name, say("withdraw.amount.title"), (*notes, Choices(buttons), _limits(ticket)), (CANCEL, other)
        )

    def _pad(self, ticket: Ticket, notes: list[Notice]) -> Screen:
        shown = grouped(Money(int(ticket.draft or "0"), ticket.terms.fiat))
        pad = Keypad(shown, ticket.terms.currency, double_zero=True)
        back = Action("back", say("common.back"))
        take = Action("take", say("withdraw.amount.take"), Role.PRIMARY, "enter")
        limit = Facts(((say("withdraw.amount.most"), figure(ticket.cash.known_limits.limit.money())),))
        blocks: tuple[Block, ...] = (*notes, pad) if notes else (limit, pad)
        return Screen("amount_typed", say("withdraw.amount.type"), blocks, (CANCEL, back, take))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        assert ticket.presentation is not None
        cash = replace(ticket.cash, limits=None, approval=None, tender=None, asset="", offer=None)
        asking = replace(ticket, cash=cash, price=None, choosing=False, draft="").ask(self.name)
        effect = AskLimits(asking.awaited, ticket.txn, ticket.presentation.id)
        return Stay(asking, (*QUIET, effect, show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case LimitsKnown(answers, limits) if answers == ticket.awaited:
                known = replace(ticket.answered(), cash=replace(ticket.cash, limits=limits))
                if limits.limit.money().asset != ticket.terms.fiat:
                    return self._again(ticket.answered().said(say("withdraw.amount.no_answer")), at)
                if not _payables(known):
                    return leave(known, "nothing_payable", stopped(say("withdraw.amount.nothing")))
                return self._again(known, at)
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in NOT_SHOWN:
                    return Go(ticket.answered().said(say("withdraw.code_again")), to="identify")
                return self._again(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._again(ticket.answered().said(say("withdraw.amount.no_answer")), at)
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case _ if ticket.awaited:
                return Stay(ticket)
            case Pressed("again") if ticket.cash.limits is None:
                return self.enter(ticket, at)
            case Pressed(action) if ticket.cash.limits is not None:
                return self._pressed(ticket, action, at)
            case _:
                return Stay(ticket)

    def _pressed(self, ticket: Ticket, action: str, at: Moment) -> Answer:
        fiat = ticket.terms.fiat
        if action in ("other", "back"):
            return self._again(replace(ticket, choosing=action == "other", draft="", note=None), at)
        if ticket.choosing:
            if action == "take":
                return self._chosen(ticket, Money(int(ticket.draft or "0"), fiat), at)
            draft = typed(ticket.draft, action, DIGITS_MAX)
            return Stay(ticket) if draft is None else self._again(replace(ticket, draft=draft, note=None), at)
        kind, _, minor = action.partition(":")
        if kind == "take" and minor.isdigit() and len(minor) <= DIGITS_MAX + 2:
            return self._chosen(ticket, Money(int(minor), fiat), at)
        return Stay(ticket)

    def _chosen(self, ticket: Ticket, amount: Money, at: Moment) -> Answer:
        amounts = _payables(ticket)
        if amount in amounts:
            return Go(replace(ticket, price=amount, choosing=False, draft="", note=None), QUIET)
        limit = ticket.cash.known_limits.limit.money()
        note = say("withdraw.amount.too_much", limit=told(ticket, limit))
        if amount <= limit:
            return self._again(replace(ticket, draft="").said(_near(ticket, amounts, amount)), at, Sound.NO)
        return self._again(replace(ticket, draft="").said(note), at, Sound.NO)

    def _again(self, ticket: Ticket, at: Moment, sound: Sound | None = None) -> Stay:
        sounds = (Play(sound),) if sound else ()
        return Stay(ticket, (*sounds, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


def _payables(ticket: Ticket) -> tuple[Money, ...]:
    assert ticket.cash.machine is not None, "only a machine that can pay comes this far"
    return payables(ticket.cash.machine, ticket.cash.known_limits.limit.money())


def _near(ticket: Ticket, amounts: tuple[Money, ...], wanted: Money) -> Words:
    asked, near = told(ticket, wanted), [told(ticket, amount) for amount in nearest(amounts, wanted)]
    if len(near) == 1:
        return say("withdraw.amount.one_near", amount=asked, near=near[0])
    return say("withdraw.amount.two_near", amount=asked, below=near[0], above=near[1])


def _limits(ticket: Ticket) -> Facts:
    """The most of one withdrawal, and what the wallet has for it."""
    limits = ticket.cash.known_limits
    most, fiat = told(ticket, limits.limit.money()), limits.fiat.money()
    worths = [coin.worth.money() for coin in limits.coins]
    made_of = figure(fiat)
    if worths:
        coins = told(ticket, sum(worths[1:], worths[0]))
        made_of = say("withdraw.amount.made_of", fiat=told(ticket, fiat), coins=coins)
    return Facts(((say("withdraw.amount.limit", most=most), made_of),))
