"""Choose: which coin, and how much fiat it should cost or bring. Amounts as buttons, any other by the number pad."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.effects import Play, Sound, StartTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.messages import CoinWorth, TradeSide
from core.moment import Moment
from core.money import Money, grouped
from core.screens import (
    CHOICES_MAX,
    Action,
    Choice,
    Choices,
    Facts,
    Keypad,
    Notice,
    Plain,
    Role,
    Screen,
    Tone,
    Words,
    say,
)
from device.flows.endings import cancelled
from device.flows.figures import figure, told
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show, typed
from device.flows.ticket import Ticket

DIGITS_MAX: Final = 9
WHOLE: Final = (10_000, 50_000, 100_000, 500_000, 1_000_000)  # whole units of the currency that people think in


@dataclass(frozen=True, slots=True)
class ChooseTrade:
    side: TradeSide
    name: str = "trade_choose"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        title = f"trade.{self.side.value}"
        if not ticket.counter.asset:
            coins = _coins(ticket, self.side)[:CHOICES_MAX]
            options = tuple(Choice(f"coin:{coin.quantity.asset}", *self._told(ticket, coin)) for coin in coins)
            return Screen("trade_coin", say(f"{title}.which"), (Choices(options),), (CANCEL,))
        notes = (Notice(ticket.note, Tone.WARN),) if ticket.note else ()
        facts = Facts(((say(f"{title}.limit"), figure(self._limit(ticket))),))
        coin = ticket.counter.asset
        if ticket.choosing:
            shown = grouped(Money(int(ticket.draft or "0"), ticket.terms.fiat))
            pad = Keypad(shown, ticket.terms.currency, double_zero=True)
            actions = (CANCEL, Action("back", say("common.back")), _TAKE)
            return Screen("trade_typed", say(f"{title}.type", coin=coin), (*(notes or (facts,)), pad), actions)
        buttons = tuple(Choice(f"take:{money.minor}", figure(money)) for money in self._offered(ticket))
        other = Action("other", say("withdraw.amount.other"), Role.PLAIN, "5")
        blocks = (*notes, *((Choices(buttons),) if buttons else ()), facts)
        return Screen("trade_amount", say(f"{title}.much", coin=coin), blocks, (CANCEL, other))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        coins = _coins(ticket, self.side)
        only = coins[0].quantity.asset if len(coins) == 1 else ""
        return self._again(replace(ticket, counter=replace(ticket.counter, asset=only)), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case Pressed(action) if not ticket.counter.asset:
                return self._coin(ticket, action, at)
            case Pressed("other" | "back" as action):
                return self._again(replace(ticket, choosing=action == "other", draft="", note=None), at)
            case Pressed("take") if ticket.choosing:
                return self._chosen(ticket, int(ticket.draft or "0"), at)
            case Pressed(action) if ticket.choosing:
                draft = typed(ticket.draft, action, DIGITS_MAX)
                return Stay(ticket) if draft is None else self._again(replace(ticket, draft=draft, note=None), at)
            case Pressed(action) if action in {f"take:{money.minor}" for money in self._offered(ticket)}:
                return self._chosen(ticket, int(action.removeprefix("take:")), at)
            case _:
                return Stay(ticket)

    def _coin(self, ticket: Ticket, action: str, at: Moment) -> Answer:
        chosen = action.removeprefix("coin:")
        if not action.startswith("coin:") or chosen not in {one.quantity.asset for one in _coins(ticket, self.side)}:
            return Stay(ticket)
        return self._again(replace(ticket, counter=replace(ticket.counter, asset=chosen)), at)

    def _chosen(self, ticket: Ticket, minor: int, at: Moment) -> Answer:
        amount, limit = Money(minor, ticket.terms.fiat), self._limit(ticket)
        if amount and amount <= limit:
            return Go(replace(ticket, price=amount, choosing=False, draft="", note=None), QUIET)
        note = say("trade.too_much", limit=told(ticket, limit)) if amount else say("trade.nothing")
        return self._again(replace(ticket, draft="").said(note), at, Sound.NO)

    def _again(self, ticket: Ticket, at: Moment, sound: Sound | None = None) -> Stay:
        sounds = (Play(sound),) if sound else ()
        return Stay(ticket, (*sounds, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))

    def _offered(self, ticket: Ticket) -> tuple[Money, ...]:
        fiat, limit = ticket.terms.fiat, self._limit(ticket)
        return tuple(money for whole in WHOLE if (money := Money(whole * fiat.one, fiat)) <= limit)

    def _limit(self, ticket: Ticket) -> Money:
        """The most of one trade: the fiat that is there, or what the coin would bring."""
        if self.side is TradeSide.BUY:
            return ticket.counter.told.fiat.money()
        coins = _coins(ticket, self.side)
        return next(one.worth.money() for one in coins if one.quantity.asset == ticket.counter.asset)

    def _told(self, ticket: Ticket, coin: CoinWorth) -> tuple[Words, Words]:
        worth = told(ticket, coin.worth.money())
        if self.side is TradeSide.BUY:
            return Plain(coin.quantity.asset), say("trade.price", price=worth)
        return Plain(str(coin.quantity.money())), say("withdraw.tender.coin_detail", worth=worth)


_TAKE: Final = Action("take", say("withdraw.amount.take"), Role.PRIMARY, "enter")


def _coins(ticket: Ticket, side: TradeSide) -> tuple[CoinWorth, ...]:
    now = ticket.counter.told
    return now.buyable if side is TradeSide.BUY else tuple(one for one in now.coins if one.worth.money())
