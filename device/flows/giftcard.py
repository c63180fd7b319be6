"""Buying a gift card as a tuple of steps: its price, its act, and the paper or picture that carries the code.

The code is worth its face to whoever has it. It stands on no disk of the machine: after a restart the exchange is
asked again for the same transaction and tells the same code, and what comes out then is a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.counter_effects import AskCardQuote, BuyCard
from core.counter_events import CardQuoted, CardSold
from core.effects import Effect
from core.events import Event, Restarted
from core.faults.giftcards import OUT_OF_STOCK
from core.messages import Counter, GiftQuote, Tender, WireMoney
from core.moment import Moment
from core.receipt import CardCode, Line, Pair, Receipt, ReceiptLine, Rule, Total
from core.screens import Amount, Drawing, Facts, Picture, Plain, QrCode, Screen, Tone, Words, say
from device.flows.counter_execute import ExecuteHere
from device.flows.counter_look import LookAtCounter
from device.flows.counter_price import AgreeHere, Offered
from device.flows.figures import told as in_words
from device.flows.flow import Flow
from device.flows.giftcard_choose import ApproveCard, ChooseCard, ChooseCardTender, in_stock
from device.flows.identify import IdentifyShopper
from device.flows.papers import Writer
from device.flows.receipt import GiveReceipt
from device.flows.step import Answer, Go
from device.flows.ticket import Paper, Ticket


@dataclass(frozen=True, slots=True)
class AgreeOnCard(AgreeHere):
    def effect(self, asking: Ticket) -> Effect:
        counter, presentation = asking.counter, asking.presentation
        assert presentation is not None
        assert counter.tender is not None, "the tender is chosen before the price"
        face = WireMoney.of(asking.due)
        return AskCardQuote(asking.awaited, asking.txn, presentation.id, counter.issuer, face, counter.tender)

    def kept(self, ticket: Ticket, event: Event) -> Ticket | None:
        match event:
            case CardQuoted(answers, quote) if answers == ticket.awaited and _fits(ticket, quote):
                return replace(ticket, counter=replace(ticket.counter, card=quote))
            case _:
                return None

    def without(self, ticket: Ticket) -> Ticket:
        return replace(ticket, counter=replace(ticket.counter, card=None))

    def offered(self, ticket: Ticket) -> Offered | None:
        quote = ticket.counter.card
        if quote is None:
            return None
        fee, rate = in_words(ticket, quote.fee.money()), _rate(quote)
        told = say("withdraw.price.rate", rate=rate, fee=fee) if rate else say("withdraw.price.fee", fee=fee)
        yes = say("gift.yes", face=in_words(ticket, ticket.due))
        return Offered(say("gift.cost", cost=_cost(ticket, quote)), told, yes, quote.ttl_ms, quote.sources)

    def title(self) -> Words:
        return say("gift.title")


@dataclass(frozen=True, slots=True)
class BuyTheCard(ExecuteHere):
    def effect(self, asking: Ticket) -> Effect:
        assert asking.presentation is not None
        quote = asking.counter.known_card.quote
        return BuyCard(asking.awaited, asking.txn, asking.stan, asking.presentation.id, quote)

    def done(self, ticket: Ticket, event: Event) -> Ticket | None:
        match event:
            case CardSold(answers, sold) if answers == ticket.awaited and sold.txn == ticket.txn:
                return replace(ticket, counter=replace(ticket.counter, sold=sold))
            case _:
                return None


@dataclass(frozen=True, slots=True)
class GiveCard(GiveReceipt):
    """As any receipt; but the paper is the goods, so a restart asks for the code again before it prints a copy."""

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        shown = GiveReceipt.screen(self, ticket, at)
        if ticket.paper is not Paper.FAILED:
            return shown
        code = ticket.counter.known_sold.code
        blocks = [block for block in shown.blocks if not isinstance(block, QrCode | Drawing | Facts)]
        facts = Facts(((say("gift.code"), Plain(code)),))
        return replace(shown, blocks=(*blocks, QrCode(code, say("gift.photo")), facts))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        if ticket.paper is Paper.NONE:
            return GiveReceipt.enter(self, ticket, at)
        return self._copy(replace(ticket, receipt=self.compose(ticket)), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        if isinstance(event, Restarted) and ticket.paper is not Paper.PRINTED:
            return Go(ticket.answered(), to="gift_buy")
        return GiveReceipt.on(self, ticket, event, at)


def card_screen(ticket: Ticket) -> Screen:
    """Said only with the card in hand."""
    sold = ticket.counter.known_sold
    cost = _cost(ticket, ticket.counter.known_card)
    name = sold.name_ko if ticket.lang == "ko" else sold.name
    amount = Amount(sold.face.money(), label=Plain(name), under=say("gift.cost", cost=cost))
    facts = Facts(((say("common.staff_number"), Plain(sold.rrn)),))
    return Screen("card_sold", say("gift.done"), (Drawing(Picture.TICK), amount, facts), (), Tone.GOOD)


def card_paper(ticket: Ticket) -> Receipt:
    sold, presentation = ticket.counter.known_sold, ticket.presentation
    assert presentation is not None
    w, korean = Writer(ticket), ticket.lang == "ko"
    lines: list[ReceiptLine] = [
        *w.head("receipt.gift.title", sold.at, sold.rrn),
        Line(sold.name_ko if korean else sold.name),
        Total(w("receipt.gift.face"), str(sold.face.money())),
        CardCode(w("receipt.gift.code"), w("receipt.gift.scan"), sold.code),
        Line(sold.how_ko if korean else sold.how),
        Rule(),
    ]
    if sold.from_fiat.money():
        lines.append(Pair(w("receipt.withdraw.from_fiat"), str(sold.from_fiat.money())))
    if sold.coins and sold.rate:
        lines.append(Pair(w("receipt.withdraw.from_coins"), str(sold.coins.money())))
        lines.append(Pair(w("receipt.rate"), f"1 {sold.coins.asset} = {sold.rate.money()}"))
    lines += [
        Pair(w("receipt.fee"), str(sold.fee.money())),
        Pair(w("receipt.shown"), f"**** {presentation.hint}"),
        Pair(w("receipt.approval"), sold.approval_code),
        Rule(),
        Line(w("receipt.gift.keep")),
    ]
    return Receipt(sold.rrn, tuple(lines))


def _fits(ticket: Ticket, quote: GiftQuote) -> bool:
    counter = ticket.counter
    same = (quote.txn, quote.issuer, quote.tender) == (ticket.txn, counter.issuer, counter.tender)
    sold = (quote.coins is not None, quote.rate is not None)
    return same and quote.face.money() == ticket.due and sold == (counter.tender is Tender.COIN,) * 2


def _rate(quote: GiftQuote) -> str:
    return f"1 {quote.coins.asset} = {quote.rate.money()}" if quote.coins and quote.rate else ""


def _cost(ticket: Ticket, quote: GiftQuote) -> str:
    """What leaves the wallet: money, or a coin."""
    return in_words(ticket, quote.coins.money() if quote.coins else quote.from_fiat.money())


def _no_card(counter: Counter) -> str:
    return "" if in_stock(counter.cards) else OUT_OF_STOCK.code


def _no_proof(ticket: Ticket) -> str:
    return ""


GIFTCARD: Final = Flow(
    "giftcard",
    (
        IdentifyShopper("giftcard"),
        LookAtCounter(_no_card),
        ChooseCard(),
        ApproveCard(),
        ChooseCardTender(),
        AgreeOnCard("gift_price"),
        BuyTheCard("gift_buy", "gift_price"),
        GiveCard(card_paper, card_screen, _no_proof, "card_sold"),
    ),
)
