"""Price: what the notes cost, with its countdown; the member says yes, sells another coin, or leaves.

As in a sale a new promise is asked for by itself before the old one ends, so nobody confirms a number that is about to
be refused. Nothing irreversible has happened yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.effects import AskWithdrawQuote, Effect, StartTimer, StopTimer
from core.events import Event, Pressed, Refused, Restarted, TimerFired, Unanswered, WithdrawQuoted
from core.messages import Tender, WireMoney, WithdrawOffer
from core.moment import Moment
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
    Waiting,
    Words,
    say,
)
from core.words import fault
from device.flows.confirm import OTHERS_MAX, RENEW_BEFORE_MS, RENEW_LEAST_MS, RENEW_TIMER
from device.flows.endings import cancelled
from device.flows.figures import told
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN


@dataclass(frozen=True, slots=True)
class AgreeOnPrice:
    name: str = "price"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        offer, amount = ticket.cash.offer, Amount(ticket.due)
        if offer is not None:
            return _choosing(ticket, offer) if ticket.choosing else _offered(ticket, offer)
        if ticket.note is not None:
            blocks: tuple[Block, ...] = (Notice(say("common.no_money_moved")), amount, Notice(ticket.note, Tone.WARN))
            again = Action("again", say("common.again"), Role.PRIMARY, "enter")
            return Screen("quote_refused", say("withdraw.price.refused"), blocks, (CANCEL, again), Tone.WARN)
        sells = ticket.cash.tender is not Tender.FIAT
        asking = Waiting(say("withdraw.price.asking" if sells else "withdraw.price.asking_fee"))
        return Screen("quote", say("sale.quote.title"), (amount, asking), (CANCEL,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        fresh = replace(ticket, cash=replace(ticket.cash, offer=None), choosing=False)
        return self._ask(fresh, ticket.cash.asset, at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case WithdrawQuoted(answers, offer) if answers == ticket.awaited and _fits(ticket, offer):
                return self._kept(replace(ticket.answered(), cash=replace(ticket.cash, offer=offer), note=None), at)
            case Refused(answers, refusal) if answers == ticket.awaited and refusal.code in NOT_SHOWN:
                return Go(ticket.answered().said(say("withdraw.code_again")), _STOP, to="identify")
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._not_quoted(ticket, fault(refusal.code), at)
            case Unanswered(answers, _) | WithdrawQuoted(answers, _) if answers == ticket.awaited:
                return self._not_quoted(ticket, say("withdraw.amount.no_answer"), at)
            case Pressed("cancel") | TimerFired("idle"):
                ended = leave(ticket, "cancelled", cancelled())
                return replace(ended, effects=(*_STOP, *ended.effects))
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case Pressed("again") if ticket.cash.offer is None and not ticket.awaited:
                return self._ask(ticket, ticket.cash.asset, at)
            case _ if ticket.cash.offer is not None:
                return self._decided(ticket, ticket.cash.offer, event, at)
            case _:
                return Stay(ticket)

    def _decided(self, ticket: Ticket, offer: WithdrawOffer, event: Event, at: Moment) -> Answer:
        match event:
            case TimerFired("renew"):
                return Stay(ticket) if ticket.awaited else self._ask(ticket, _coin(offer), at)
            case Pressed("confirm") if not ticket.choosing:
                return Go(replace(ticket.answered(), note=None), _STOP)
            case Pressed("others") if offer.others:
                return self._shown(replace(ticket, choosing=True), at)
            case Pressed("back"):
                return self._shown(replace(ticket, choosing=False), at)
            case Pressed(action) if action.startswith("coin:") and ticket.choosing and not ticket.awaited:
                return self._ask(replace(ticket, choosing=False), action.removeprefix("coin:"), at)
            case _:
                return Stay(ticket)

    def _ask(self, ticket: Ticket, asset: str, at: Moment) -> Stay:
        presentation, tender = ticket.presentation, ticket.cash.tender
        assert presentation is not None
        assert tender is not None, "the tender is chosen before the price"
        asking = replace(ticket, cash=replace(ticket.cash, asset=asset)).ask(self.name)
        amount = WireMoney.of(ticket.due)
        effect = AskWithdrawQuote(asking.awaited, ticket.txn, presentation.id, amount, tender, asset)
        return Stay(asking, (*QUIET, effect, StartTimer(RENEW_TIMER, RENEW_BEFORE_MS), show(self, asking, at)))

    def _not_quoted(self, ticket: Ticket, note: Words, at: Moment) -> Stay:
        """The old promise, if there is one, stands until it ends; the exchange refuses it after that."""
        return self._shown(ticket.answered().said(note), at)

    def _kept(self, ticket: Ticket, at: Moment) -> Stay:
        renew = max(RENEW_LEAST_MS, ticket.cash.known_offer.ttl_ms - RENEW_BEFORE_MS)
        stay = self._shown(ticket, at)
        return replace(stay, effects=(StartTimer(RENEW_TIMER, renew), *stay.effects))

    def _shown(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


_STOP: Final[tuple[Effect, ...]] = (StopTimer(RENEW_TIMER), StopTimer(IDLE_TIMER))


def cost(offer: WithdrawOffer) -> str:
    """What leaves the wallet, in one line."""
    parts = [str(offer.from_fiat.money())] if offer.from_fiat.money() else []
    return " + ".join([*parts, str(offer.coins.money())] if offer.coins else parts)


def rate(offer: WithdrawOffer) -> str:
    """ "1 TIL = 10,000 KRW"; "" where no coin is sold."""
    return f"1 {offer.coins.asset} = {offer.rate.money()}" if offer.coins and offer.rate else ""


def _fits(ticket: Ticket, offer: WithdrawOffer) -> bool:
    """Is this promise about this business and exactly these notes? An answer that is not is no answer."""
    same = (offer.txn, offer.tender) == (ticket.txn, ticket.cash.tender)
    return same and offer.amount.money() == ticket.due and (offer.coins is None) == (offer.rate is None)


def _coin(offer: WithdrawOffer) -> str:
    return offer.coins.asset if offer.coins else ""


def _offered(ticket: Ticket, offer: WithdrawOffer) -> Screen:
    fee = str(offer.fee.money())
    note = say("withdraw.price.rate", rate=rate(offer), fee=fee) if offer.coins else say("withdraw.price.fee", fee=fee)
    blocks: list[Block] = [Amount(ticket.due, under=say("withdraw.done.cost", cost=cost(offer)), note=note)]
    if offer.coins:
        blocks.append(Countdown(offer.ttl_ms, offer.ttl_ms, say("withdraw.price.holds")))
    if ticket.note is not None:
        blocks.append(Notice(ticket.note, Tone.WARN))
    elif offer.coins:
        sources = ", ".join(source.name for source in offer.sources)
        blocks.append(Facts(((say("sale.confirm.sources"), Plain(sources)),)))
    actions = [CANCEL]
    if offer.others and offer.coins:
        actions.append(Action("others", say("sale.confirm.other_coin")))
    label = say("withdraw.price.confirm", amount=told(ticket, ticket.due))
    actions.append(Action("confirm", label, Role.PRIMARY, "enter"))
    return Screen("confirm", say("withdraw.price.title"), tuple(blocks), tuple(actions))


def _choosing(ticket: Ticket, offer: WithdrawOffer) -> Screen:
    coins = (_coin(offer), *offer.others)[: OTHERS_MAX + 1]
    quoted = {_coin(offer): offer.coins.money()} if offer.coins else {}
    options = tuple(Choice(f"coin:{coin}", Plain(coin), amount=quoted.get(coin)) for coin in coins)
    back = Action("back", say("common.back"), Role.PLAIN)
    return Screen("choose_coin", say("withdraw.price.choose"), (Amount(ticket.due), Choices(options)), (CANCEL, back))
