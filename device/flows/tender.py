"""Tender: what pays for the notes. Asked only where there is something to choose."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import StartTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.messages import CoinWorth, Tender
from core.moment import Moment
from core.money import Money
from core.screens import Amount, Choice, Choices, Screen, say
from device.flows.endings import cancelled
from device.flows.figures import told
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay: `coin` None where no coin is sold."""

    tender: Tender
    coin: CoinWorth | None = None

    @property
    def asset(self) -> str:
        return self.coin.quantity.asset if self.coin else ""


@dataclass(frozen=True, slots=True)
class ChooseTender:
    name: str = "tender"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        options = tuple(_choice(ticket, way) for way in ways(ticket))
        return Screen(self.name, say("withdraw.tender.title"), (Amount(ticket.due), Choices(options)), (CANCEL,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        open_ways = ways(ticket)
        if len(open_ways) == 1:
            return _gone(ticket, open_ways[0])
        return Stay(ticket, (*QUIET, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Pressed(action) if action.startswith("use:"):
                chosen = [way for way in ways(ticket) if f"use:{way.tender.value}" == action]
                return _gone(ticket, chosen[0]) if chosen else Stay(ticket)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)


def ways(ticket: Ticket) -> tuple[Way, ...]:
    """The ways that pay the notes and their fee by what the limits said; where none does, the exchange is asked and
    says why. What a coin is worth is told without the fee, so notes are compared with it as they are."""
    limits, due = ticket.cash.known_limits, ticket.due
    fiat, whole = limits.fiat.money(), due + due.share(limits.fee_bp)
    coin = next((one for one in limits.coins if one.worth.money() >= due), None)
    open_ways = [Way(Tender.FIAT)] if fiat >= whole else []
    if coin is not None:
        open_ways.append(Way(Tender.COIN, coin))
    if Money.zero(fiat.asset) < fiat < whole:
        rest = whole - fiat
        best = next((one for one in limits.coins if _gross(one.worth.money(), limits.fee_bp) >= rest), None)
        if best is not None:
            open_ways.append(Way(Tender.BOTH, best))
    return tuple(open_ways) or (Way(Tender.BOTH if fiat else Tender.COIN),)


def _gross(worth: Money, fee_bp: int) -> Money:
    """What a coin surely brings with the fee that was taken off its worth."""
    return worth + worth.share(fee_bp)


def _gone(ticket: Ticket, way: Way) -> Go:
    return Go(replace(ticket, cash=replace(ticket.cash, tender=way.tender, asset=way.asset)), QUIET)


def _choice(ticket: Ticket, way: Way) -> Choice:
    fiat = say("withdraw.tender.fiat_detail", fiat=told(ticket, ticket.cash.known_limits.fiat.money()))
    if way.coin is None:
        return Choice("use:fiat", say("withdraw.tender.fiat"), fiat)
    worth = say("withdraw.tender.coin_detail", worth=told(ticket, way.coin.worth.money()))
    title = "withdraw.tender.coin" if way.tender is Tender.COIN else "withdraw.tender.both"
    return Choice(f"use:{way.tender.value}", say(title, coin=way.asset), worth)
