"""Which question an effect is, and which event its reply means. Pure: both sides' words are `core.messages`.

A reply counts only when it fits the question: the same transaction, the sale asked about, and a state that says yes.
Whatever else comes back is no answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, TypeVar, assert_never
from urllib.parse import quote

from core.codec import from_plain, to_plain
from core.counter_effects import AskCardQuote, AskCounter, AskTradeQuote, BuyCard, Trade
from core.counter_events import CardQuoted, CardSold, CounterKnown, Traded, TradeQuoted
from core.effects import (
    AskApproval,
    AskLimits,
    AskQuote,
    AskRefund,
    AskWithdrawQuote,
    Authorise,
    AuthoriseWithdrawal,
    CloseBatch,
    Complete,
    FindSale,
    Identify,
    IdentifyTap,
    LineEffect,
    LookApproval,
    Refund,
    Reverse,
    SettleNotes,
    Void,
)
from core.events import (
    ApprovalSeen,
    Authorised,
    BatchClosed,
    Captured,
    Event,
    Identified,
    LimitsKnown,
    Quoted,
    Refunded,
    RefundOffered,
    Refused,
    Reversed,
    SaleFound,
    Settled,
    WithdrawAuthorised,
    WithdrawQuoted,
)
from core.faults import Refusal
from core.messages import (
    Approval,
    ApprovalRequest,
    Authorisation,
    AuthoriseRequest,
    BatchRequest,
    BatchTotals,
    Capture,
    CaptureRequest,
    CashReportReply,
    CashReportRequest,
    Counter,
    CounterRequest,
    GiftQuote,
    GiftQuoteRequest,
    GiftRequest,
    GiftSold,
    LimitsRequest,
    Presentation,
    PresentRequest,
    QuoteOffer,
    QuoteRequest,
    RefundAsk,
    RefundDone,
    RefundOffer,
    RefundRequest,
    ReverseRequest,
    Sale,
    SaleState,
    TapProof,
    TradeDone,
    TradeQuote,
    TradeQuoteRequest,
    TradeRequest,
    VoidRequest,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawQuoteRequest,
    WithdrawRequest,
)
from sync.http_ask import Ask, Deadline

T = TypeVar("T")
WithdrawEffect = AskLimits | AskApproval | LookApproval | AskWithdrawQuote | AuthoriseWithdrawal | SettleNotes
CounterEffect = AskCounter | AskTradeQuote | Trade | AskCardQuote | BuyCard
TOO_LATE: Final = "TM-LINE-007"

# A customer waits for 10 s; where money is at stake longer, since "unknown" costs more than waiting.
# Nothing blocks the next customer for more than 20 s.
QUICK: Final = Deadline(connect_ms=2_000, read_ms=4_000, total_ms=10_000)
MONEY: Final = Deadline(connect_ms=3_000, read_ms=8_000, total_ms=15_000)
CLOSING: Final = Deadline(connect_ms=3_000, read_ms=15_000, total_ms=20_000)

# What a reversal may find: undone now, or never to be done.
UNDONE: Final = frozenset({SaleState.REVERSED, SaleState.VOIDED, SaleState.EXPIRED, SaleState.DECLINED})


class ForeignReply(Exception):
    """A whole reply to another question: late, doubled or mixed up on the way."""


class NoMeaning(Exception):
    """A whole reply to this question that does not say yes: it must not be taken for one."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses: ``http://127.0.0.1:8080``; a closing slash is taken off. Raises ValueError for anything else."""

    exchange: str
    agency: str

    def __post_init__(self) -> None:
        for name in ("exchange", "agency"):
            url = str(getattr(self, name)).rstrip("/")
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"{url!r} is not an http(s) address")
            object.__setattr__(self, name, url)


def deadline_of(effect: LineEffect) -> Deadline:
    match effect:
        case Identify() | IdentifyTap() | AskQuote() | FindSale() | AskRefund():
            return QUICK
        case AskLimits() | AskApproval() | LookApproval() | AskWithdrawQuote():
            return QUICK
        case AskCounter() | AskTradeQuote() | AskCardQuote():
            return QUICK
        case Authorise() | Complete() | Reverse() | Refund() | Void() | AuthoriseWithdrawal() | SettleNotes():
            return MONEY
        case Trade() | BuyCard():
            return MONEY
        case CloseBatch():
            return CLOSING
        case _:
            assert_never(effect)


def ask_of(effect: LineEffect, servers: Servers) -> Ask:
    """The question, with the effect's key as idempotency key wherever something is posted."""
    exchange, agency = f"{servers.exchange}/v1", f"{servers.agency}/v1"
    match effect:
        case Identify(key, txn, source, code):
            return _post(f"{exchange}/presentations", PresentRequest(txn, source.value, code=code), key)
        case IdentifyTap(key, txn, offer, counter, handle, mac):
            tap = TapProof(handle, counter, offer.nonce, offer.terminal, offer.amount, offer.mode, mac)
            return _post(f"{exchange}/presentations", PresentRequest(txn, "nfc", tap=tap), key)
        case AskQuote(key, txn, presentation, price, asset):
            return _post(f"{exchange}/quotes", QuoteRequest(txn, presentation, price, asset), key)
        case Authorise(key, txn, stan, presentation, capsule):
            return _post(f"{agency}/authorisations", AuthoriseRequest(txn, stan, presentation, capsule), key)
        case Complete(key, txn):
            return _post(f"{agency}/captures", CaptureRequest(txn), key)
        case Reverse(key, txn, reason):
            return _post(f"{agency}/reversals", ReverseRequest(txn, reason), key)
        case FindSale(_, _, reference):
            return Ask("GET", f"{agency}/sales/{quote(reference, safe='')}")
        case AskRefund(key, txn, sale, amount):
            return _post(f"{agency}/refund-offers", RefundAsk(txn, sale, amount), key)
        case Refund(key, txn, sale, choice, offer_capsule):
            return _post(f"{agency}/refunds", RefundRequest(txn, sale, choice, offer_capsule), key)
        case Void(key, txn, sale):
            return _post(f"{agency}/voids", VoidRequest(txn, sale), key)
        case CloseBatch(key, txn, totals):
            return _post(f"{agency}/batches", BatchRequest(txn, totals), key)
        case AskCounter() | AskTradeQuote() | Trade() | AskCardQuote() | BuyCard():
            return _at_counter(effect, exchange)
        case _:
            return _withdrawal(effect, exchange)


def _at_counter(effect: CounterEffect, exchange: str) -> Ask:
    match effect:
        case AskCounter(key, txn, presentation):
            return _post(f"{exchange}/counter", CounterRequest(txn, presentation), key)
        case AskTradeQuote(key, txn, presentation, side, asset, fiat):
            asked = TradeQuoteRequest(txn, presentation, side, asset, fiat)
            return _post(f"{exchange}/counter/quotes", asked, key)
        case Trade(key, txn, stan, presentation, capsule):
            return _post(f"{exchange}/counter/trades", TradeRequest(txn, stan, presentation, capsule), key)
        case AskCardQuote(key, txn, presentation, issuer, face, tender):
            card = GiftQuoteRequest(txn, presentation, issuer, face, tender)
            return _post(f"{exchange}/gift-cards/quotes", card, key)
        case BuyCard(key, txn, stan, presentation, capsule):
            return _post(f"{exchange}/gift-cards", GiftRequest(txn, stan, presentation, capsule), key)
        case _:
            assert_never(effect)


def _withdrawal(effect: WithdrawEffect, exchange: str) -> Ask:
    match effect:
        case AskLimits(key, txn, presentation):
            return _post(f"{exchange}/withdrawals/limits", LimitsRequest(txn, presentation), key)
        case AskApproval(key, txn, presentation, amount, what):
            return _post(f"{exchange}/withdrawals/approvals", ApprovalRequest(txn, presentation, amount, what), key)
        case LookApproval(_, txn):
            return Ask("GET", f"{exchange}/withdrawals/approvals/{txn}")
        case AskWithdrawQuote(key, txn, presentation, amount, tender, asset):
            asked = WithdrawQuoteRequest(txn, presentation, amount, tender, asset)
            return _post(f"{exchange}/withdrawals/quotes", asked, key)
        case AuthoriseWithdrawal(key, txn, stan, presentation, capsule, vault, nonce):
            request = WithdrawRequest(txn, stan, presentation, capsule, vault, nonce)
            return _post(f"{exchange}/withdrawals", request, key)
        case SettleNotes(key, _, report):
            return _post(f"{exchange}/cash-reports", CashReportRequest(report), key)
        case _:
            assert_never(effect)


def event_of(effect: LineEffect, data: object) -> Event:
    """The event a 2xx reply means. Raises `BadMessage`, `ForeignReply` or `NoMeaning`."""
    match effect:
        case Identify(key, txn) | IdentifyTap(key, txn):
            presentation = from_plain(Presentation, data)
            return Identified(key, _mine(presentation, presentation.txn == txn))
        case AskQuote(key, txn, _, price):
            offer = from_plain(QuoteOffer, data)
            if offer.txn == txn and offer.price != price:
                raise NoMeaning("the quote is for another price")
            return Quoted(key, _mine(offer, offer.txn == txn))
        case Authorise(key, txn):
            authorisation = from_plain(Authorisation, data)
            return Authorised(key, _mine(authorisation, authorisation.txn == txn))
        case Complete(key, txn):
            capture = from_plain(Capture, data)
            return Captured(key, _mine(capture, capture.txn == txn))
        case Reverse(key, txn):
            return _reversed(key, _mine(sale := from_plain(Sale, data), sale.txn == txn))
        case FindSale(key, _, reference):
            sale = from_plain(Sale, data)
            return SaleFound(key, _mine(sale, _plain(reference) in (_plain(sale.rrn), sale.txn.text)))
        case AskRefund(key, _, sale_txn, amount):
            refund = from_plain(RefundOffer, data)
            return RefundOffered(key, _mine(refund, refund.sale == sale_txn and refund.amount == amount))
        case Refund(key, txn, sale_txn, choice):
            done = from_plain(RefundDone, data)
            return Refunded(key, _mine(done, (done.txn, done.sale, done.choice) == (txn, sale_txn, choice)))
        case Void(key, _, sale_txn):
            sale = _mine(sale := from_plain(Sale, data), sale.txn == sale_txn)
            if sale.state not in (SaleState.VOIDED, SaleState.REVERSED):
                raise NoMeaning(f"the sale is {sale.state.value}, not voided")
            return Reversed(key, sale.proof)
        case CloseBatch(key, txn):
            totals = from_plain(BatchTotals, data)
            return BatchClosed(key, _mine(totals, totals.txn == txn))
        case AskCounter() | AskTradeQuote() | Trade() | AskCardQuote() | BuyCard():
            return _of_counter(effect, data)
        case _:
            return _of_withdrawal(effect, data)


def _of_counter(effect: CounterEffect, data: object) -> Event:
    match effect:
        case AskCounter(key, txn):
            known = from_plain(Counter, data)
            return CounterKnown(key, _mine(known, known.txn == txn))
        case AskTradeQuote(key, txn, _, side, asset, fiat):
            offer = from_plain(TradeQuote, data)
            if offer.txn == txn and (offer.side, offer.coins.asset, offer.fiat) != (side, asset, fiat):
                raise NoMeaning("the quote is for another trade")
            return TradeQuoted(key, _mine(offer, offer.txn == txn))
        case Trade(key, txn):
            done = from_plain(TradeDone, data)
            return Traded(key, _mine(done, done.txn == txn))
        case AskCardQuote(key, txn, _, issuer, face, tender):
            card = from_plain(GiftQuote, data)
            if card.txn == txn and (card.issuer, card.face, card.tender) != (issuer, face, tender):
                raise NoMeaning("the quote is for another card or tender")
            return CardQuoted(key, _mine(card, card.txn == txn))
        case BuyCard(key, txn):
            sold = from_plain(GiftSold, data)
            if sold.txn == txn and not sold.code:
                raise NoMeaning("a sold card has a code")
            return CardSold(key, _mine(sold, sold.txn == txn))
        case _:
            assert_never(effect)


def _of_withdrawal(effect: WithdrawEffect, data: object) -> Event:
    match effect:
        case AskLimits(key, txn):
            limits = from_plain(WithdrawLimits, data)
            return LimitsKnown(key, _mine(limits, limits.txn == txn))
        case AskApproval(key, txn, _, amount) | LookApproval(key, txn, amount):
            approval = from_plain(Approval, data)
            return ApprovalSeen(key, _mine(approval, (approval.txn, approval.amount) == (txn, amount)))
        case AskWithdrawQuote(key, txn, _, amount, tender):
            offer = from_plain(WithdrawOffer, data)
            if offer.txn == txn and (offer.amount, offer.tender) != (amount, tender):
                raise NoMeaning("the quote is for another amount or tender")
            return WithdrawQuoted(key, _mine(offer, offer.txn == txn))
        case AuthoriseWithdrawal(key, txn):
            authorisation = from_plain(WithdrawAuthorisation, data)
            return WithdrawAuthorised(key, _mine(authorisation, authorisation.txn == txn))
        case SettleNotes(key, txn):
            reply = from_plain(CashReportReply, data)
            return Settled(key, _mine(reply, reply.withdrawal is None or reply.withdrawal.txn == txn))
        case _:
            assert_never(effect)


def _reversed(key: str, sale: Sale) -> Event:
    if sale.state in UNDONE:
        return Reversed(key)
    if sale.state is SaleState.SETTLED:
        return Refused(key, Refusal(TOO_LATE, "the sale is settled; a refund gives it back"))
    raise NoMeaning(f"the sale is {sale.state.value}, not reversed")


def _mine(reply: T, fits: bool) -> T:
    if not fits:
        raise ForeignReply(f"{type(reply).__name__} of another transaction")
    return reply


def _plain(reference: str) -> str:
    """A reference as people write it, with spaces and dashes or without."""
    return "".join(sign for sign in reference.upper() if sign.isalnum())


def _post(url: str, request: object, key: str) -> Ask:
    return Ask("POST", url, json.dumps(to_plain(request), separators=(",", ":")).encode(), key)
