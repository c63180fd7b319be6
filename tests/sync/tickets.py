"""A sale as the diary sees it: the events and effects tests write again and again."""

from __future__ import annotations

from core.effects import (
    AskQuote,
    Authorise,
    Complete,
    Identify,
    IdentifyTap,
    KeyedEffect,
    PrintReceipt,
    Refund,
    Reverse,
    TapOffer,
)
from core.events import (
    Authorised,
    Captured,
    CodeScanned,
    Event,
    Identified,
    Pressed,
    Printed,
    Source,
    Symbology,
    TicketOpened,
)
from core.ids import TxnId
from core.messages import Authorisation, Capture, Payout, Presentation, RefundChoice, WireMoney
from core.moment import Moment
from core.receipt import Line, Receipt, Title
from core.terms import Terms
from sync.journal import Journal

TERMS = Terms("T1", "한빛 커피", "KRW", 0, 540)
CODE = "217193448120654439"
WON = WireMoney("KRW", 0, "50000")
COIN = WireMoney("BTC", 8, "0.00050000")


def txn(number: int) -> TxnId:
    return TxnId.of(number.to_bytes(16))


def at(ms: int) -> Moment:
    return Moment(1_780_000_000_000 + ms)


def opened(id_: TxnId, stan: int = 1) -> TicketOpened:
    return TicketOpened(id_, "sale", stan, "00" * 16, TERMS)


def scanned() -> CodeScanned:
    return CodeScanned(Source.CAMERA, Symbology.QR, CODE)


def identify(id_: TxnId) -> Identify:
    return Identify(id_.key("identify"), id_, Source.CAMERA, CODE)


def tap(id_: TxnId) -> IdentifyTap:
    offer = TapOffer("T1", "00" * 16, WON, "seller")
    return IdentifyTap(id_.key("identify"), id_, offer, 7, "123456789", "ab" * 16)


def identified(id_: TxnId) -> Identified:
    shown = Presentation("p-1", id_, "4439", ("BTC",), "2026-06-01T00:00:00Z", 120_000)
    return Identified(id_.key("identify"), shown)


def ask_quote(id_: TxnId) -> AskQuote:
    return AskQuote(id_.key("quote"), id_, "p-1", WON)


def authorise(id_: TxnId, stan: int = 1) -> Authorise:
    return Authorise(id_.key("authorise"), id_, stan, "p-1", "capsule")


def authorised(id_: TxnId) -> Authorised:
    return Authorised(id_.key("authorise"), Authorisation(id_, "R-1", "A1B2C3", "2026-06-01T00:00:00Z"))


def complete(id_: TxnId) -> Complete:
    return Complete(id_.key("complete"), id_)


def reverse(id_: TxnId) -> Reverse:
    return Reverse(id_.key("reverse"), id_, "left")


def refund(id_: TxnId) -> Refund:
    return Refund(id_.key("refund"), id_, txn(1), RefundChoice.FIAT, "capsule")


def captured(id_: TxnId) -> Captured:
    payout = Payout(WON, WireMoney("KRW", 0, "300"))
    capture = Capture(id_, "R-1", "A1B2C3", WON, COIN, WON, COIN, WON, payout, "2026-06-01T00:00:00Z", "proof")
    return Captured(id_.key("complete"), capture)


def receipt(id_: TxnId) -> PrintReceipt:
    lines = (Title("한빛 커피"), *(Line(f"line {number}") for number in range(20)))
    return PrintReceipt(id_.key("print"), Receipt("R-1", lines))


def a_sale(id_: TxnId, stan: int = 1) -> list[tuple[Event, str, tuple[KeyedEffect, ...], str]]:
    """Every commit of a sale that goes well: event, what it answers, what it orders, how it closes."""
    return [
        (opened(id_, stan), "", (), ""),
        (Pressed("pay"), "", (), ""),
        (scanned(), "", (identify(id_),), ""),
        (identified(id_), identify(id_).key, (ask_quote(id_),), ""),
        (Pressed("confirm"), ask_quote(id_).key, (authorise(id_),), ""),
        (authorised(id_), authorise(id_).key, (complete(id_),), ""),
        (captured(id_), complete(id_).key, (receipt(id_),), ""),
        (Printed(receipt(id_).key), receipt(id_).key, (), ""),
        (Pressed("done"), "", (), "settled"),
    ]


def write_sale(journal: Journal, id_: TxnId, commits: int = 9) -> None:
    """The first `commits` of a sale."""
    steps = a_sale(id_, journal.next_stan())
    for number, (event, answers, effects, closes) in enumerate(steps[:commits]):
        journal.commit(id_, at(number), event, answers=answers, effects=effects, closes=closes)
