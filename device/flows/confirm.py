"""Confirm: the quote with its countdown; the shopper says yes, chooses another coin, or leaves.

Five seconds before the promise ends a new one is asked for by itself and takes its place, so nobody
confirms a number that is about to be refused. Nothing irreversible has happened yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Effect, StartTimer, StopTimer
from core.events import Event, Pressed, Quoted, Refused, Restarted, TimerFired, Unanswered
from core.messages import QuoteOffer
from core.moment import Moment
from core.money import grouped
from core.screens import (
    Action,
    Amount,
    Block,
    Choice,
    Choices,
    Countdown,
    Facts,
    Notice,
    Plain,
    Role,
    Screen,
    Tone,
    say,
)
from core.words import fault
from device.flows.endings import cancelled
from device.flows.quote import ask, fits
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket

RENEW_TIMER = "renew"
RENEW_BEFORE_MS = 5_000  # a confirm pressed now still reaches the exchange well inside the promise
RENEW_LEAST_MS = 1_000  # however short a promise is, do not ask faster than this
OTHERS_MAX = 4  # with "back" five choices, as many as a screen may hold


@dataclass(frozen=True, slots=True)
class Confirm:
    name: str = "confirm"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        offer = _offer(ticket)
        if ticket.choosing:
            return self._choosing(ticket, offer)
        total = f"{grouped(offer.total.money())} {offer.total.asset}"
        rate = f"1 {offer.total.asset} = {grouped(offer.rate.money())} {offer.rate.asset}"
        fee = f"{grouped(offer.fee.money())} {offer.fee.asset}"
        blocks: list[Block] = [
            Amount(ticket.due, under=Plain(total), note=say("sale.confirm.rate", rate=rate, fee=fee)),
            Countdown(offer.ttl_ms, offer.ttl_ms, say("sale.confirm.price_holds")),
        ]
        if ticket.note is not None:
            blocks.append(Notice(ticket.note, Tone.WARN))
        else:
            sources = ", ".join(source.name for source in offer.sources)
            blocks.append(Facts(((say("sale.confirm.sources"), Plain(sources)),)))
        actions = [CANCEL]
        if offer.others:
            actions.append(Action("others", say("sale.confirm.other_coin")))
        actions.append(Action("confirm", say("sale.confirm.pay", amount=total), Role.PRIMARY, "enter"))
        return Screen(self.name, say("sale.confirm.title"), tuple(blocks), tuple(actions))

    def _choosing(self, ticket: Ticket, offer: QuoteOffer) -> Screen:
        coins = (offer.total.asset, *offer.others)[: OTHERS_MAX + 1]
        quoted = {offer.total.asset: offer.total.money()}  # of the others the exchange is asked when one is chosen
        options = tuple(Choice(f"coin:{coin}", Plain(coin), amount=quoted.get(coin)) for coin in coins)
        back = Action("back", say("common.back"), Role.PLAIN)
        return Screen("choose_coin", say("sale.confirm.choose"), (Amount(ticket.due), Choices(options)), (CANCEL, back))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._offered(replace(ticket, choosing=False), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Quoted(answers, offer) if answers == ticket.awaited and fits(ticket, event):
                return self._offered(replace(ticket.answered(), offer=offer, note=None), at)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._kept(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) | Quoted(answers, _) if answers == ticket.awaited:
                return self._kept(ticket.answered().said(say("sale.quote.no_answer")), at)
            case TimerFired("renew"):
                return self._renew(ticket, "", at)
            case Pressed("confirm") if not ticket.choosing:
                return Go(replace(ticket.answered(), note=None), _STOP)
            case Pressed("others"):
                return self._kept(replace(ticket, choosing=True), at)
            case Pressed("back"):
                return self._kept(replace(ticket, choosing=False), at)
            case Pressed(action) if action.startswith("coin:") and ticket.choosing:
                return self._renew(replace(ticket, choosing=False), action.removeprefix("coin:"), at)
            case Pressed("cancel") | TimerFired("idle"):
                ended = leave(ticket, "cancelled", cancelled())
                return replace(ended, effects=(*_STOP, *ended.effects))
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)

    def _renew(self, ticket: Ticket, asset: str, at: Moment) -> Answer:
        if ticket.awaited:
            return Stay(ticket)
        asking, effect = ask(ticket, asset or _offer(ticket).total.asset)
        return Stay(asking, (effect, StartTimer(RENEW_TIMER, RENEW_BEFORE_MS)))

    def _offered(self, ticket: Ticket, at: Moment) -> Stay:
        """A new promise stands on the screen; ask for the next before it ends."""
        renew = max(RENEW_LEAST_MS, _offer(ticket).ttl_ms - RENEW_BEFORE_MS)
        timers = (StartTimer(RENEW_TIMER, renew), StartTimer(IDLE_TIMER, IDLE_MS))
        return Stay(ticket, (*timers, show(self, ticket, at)))

    def _kept(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (show(self, ticket, at),))


_STOP: tuple[Effect, ...] = (StopTimer(RENEW_TIMER), StopTimer(IDLE_TIMER))


def _offer(ticket: Ticket) -> QuoteOffer:
    assert ticket.offer is not None, "confirm comes after quote"
    return ticket.offer
