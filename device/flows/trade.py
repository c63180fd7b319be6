"""Buying and selling coins as tuples of steps, their price, their act, and what is said when it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.counter_effects import AskTradeQuote, Trade
from core.counter_events import Traded, TradeQuoted
from core.effects import Effect
from core.events import Event
from core.faults.trade import NOTHING_TO_TRADE, TRADE_SHORT
from core.messages import Counter, TradeSide, WireMoney
from core.receipt import Line, Pair, Receipt, ReceiptLine, Rule, Total
from core.screens import Amount, Drawing, Facts, Picture, Plain, Screen, Tone, Words, say
from device.flows.counter_execute import ExecuteHere
from device.flows.counter_look import LookAtCounter
from device.flows.counter_price import AgreeHere, Offered
from device.flows.figures import told as in_words
from device.flows.flow import Flow
from device.flows.identify import IdentifyShopper
from device.flows.papers import Writer
from device.flows.receipt import GiveReceipt
from device.flows.ticket import Ticket
from device.flows.trade_choose import ChooseTrade


@dataclass(frozen=True, slots=True)
class AgreeOnTrade(AgreeHere):
    side: TradeSide = TradeSide.BUY

    def effect(self, asking: Ticket) -> Effect:
        assert asking.presentation is not None
        shown, fiat = asking.presentation.id, WireMoney.of(asking.due)
        return AskTradeQuote(asking.awaited, asking.txn, shown, self.side, asking.counter.asset, fiat)

    def kept(self, ticket: Ticket, event: Event) -> Ticket | None:
        match event:
            case TradeQuoted(answers, quote) if answers == ticket.awaited:
                fits = (quote.txn, quote.side, quote.coins.asset, quote.fiat.money()) == (
                    ticket.txn,
                    self.side,
                    ticket.counter.asset,
                    ticket.due,
                )
                return replace(ticket, counter=replace(ticket.counter, quote=quote)) if fits else None
            case _:
                return None

    def without(self, ticket: Ticket) -> Ticket:
        return replace(ticket, counter=replace(ticket.counter, quote=None))

    def offered(self, ticket: Ticket) -> Offered | None:
        quote = ticket.counter.quote
        if quote is None:
            return None
        coins, rate = quote.coins.money(), f"1 {quote.coins.asset} = {quote.rate.money()}"
        told = say("withdraw.price.rate", rate=rate, fee=in_words(ticket, quote.fee.money()))
        yes = say(f"trade.{self.side.value}.yes", fiat=in_words(ticket, ticket.due))
        return Offered(say(f"trade.{self.side.value}.under", coins=coins), told, yes, quote.ttl_ms, quote.sources)

    def title(self) -> Words:
        return say(f"trade.{self.side.value}.title")


@dataclass(frozen=True, slots=True)
class DoTrade(ExecuteHere):
    def effect(self, asking: Ticket) -> Effect:
        assert asking.presentation is not None
        quote = asking.counter.known_quote.quote
        return Trade(asking.awaited, asking.txn, asking.stan, asking.presentation.id, quote)

    def done(self, ticket: Ticket, event: Event) -> Ticket | None:
        match event:
            case Traded(answers, done) if answers == ticket.awaited and done.txn == ticket.txn:
                return replace(ticket, counter=replace(ticket.counter, done=done))
            case _:
                return None


def traded_screen(ticket: Ticket) -> Screen:
    """Said only with the exchange's word in hand."""
    done = ticket.counter.known_done
    side = done.side.value
    rate = f"1 {done.coins.asset} = {done.rate.money()}"
    told = say("withdraw.price.rate", rate=rate, fee=in_words(ticket, done.fee.money()))
    amount = Amount(done.fiat.money(), under=say(f"trade.{side}.got", coins=done.coins.money()), note=told)
    facts = Facts(((say("common.staff_number"), Plain(done.rrn)),))
    return Screen("traded", say(f"trade.{side}.done"), (Drawing(Picture.TICK), amount, facts), (), Tone.GOOD)


def trade_paper(ticket: Ticket) -> Receipt:
    done, quote, presentation = ticket.counter.known_done, ticket.counter.known_quote, ticket.presentation
    assert presentation is not None
    w, side = Writer(ticket), done.side.value
    lines: list[ReceiptLine] = [
        *w.head(f"receipt.trade.{side}", done.at, done.rrn),
        Total(w(f"receipt.trade.{side}.total"), str(done.fiat.money())),
        Rule(),
        Pair(w(f"receipt.trade.{side}.coins"), str(done.coins.money())),
        Pair(w("receipt.rate"), f"1 {done.coins.asset} = {done.rate.money()}"),
        Pair(w("receipt.fee"), str(done.fee.money())),
        Pair(w("receipt.sources"), ", ".join(source.name for source in quote.sources)),
        Pair(w("receipt.shown"), f"**** {presentation.hint}"),
        Pair(w("receipt.approval"), done.approval_code),
        Rule(),
        Line(w("receipt.trade.where")),
    ]
    return Receipt(done.rrn, tuple(lines))


def _cannot_buy(counter: Counter) -> str:
    return NOTHING_TO_TRADE.code if not counter.buyable else "" if counter.fiat.money() else TRADE_SHORT.code


def _cannot_sell(counter: Counter) -> str:
    if any(one.worth.money() for one in counter.coins):
        return ""
    return NOTHING_TO_TRADE.code if not counter.buyable else TRADE_SHORT.code


def _no_proof(ticket: Ticket) -> str:
    return ""


BUY: Final = Flow(
    "trade_buy",
    (
        IdentifyShopper("buy"),
        LookAtCounter(_cannot_buy),
        ChooseTrade(TradeSide.BUY),
        AgreeOnTrade("trade_price", TradeSide.BUY),
        DoTrade("trade_execute", "trade_price"),
        GiveReceipt(trade_paper, traded_screen, _no_proof, "traded"),
    ),
)
SELL: Final = Flow(
    "trade_sell",
    (
        IdentifyShopper("sell"),
        LookAtCounter(_cannot_sell),
        ChooseTrade(TradeSide.SELL),
        AgreeOnTrade("trade_price", TradeSide.SELL),
        DoTrade("trade_execute", "trade_price"),
        GiveReceipt(trade_paper, traded_screen, _no_proof, "traded"),
    ),
)
