"""The ticket: what is known so far of one customer's business. Each step writes its line on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from core.events import TicketOpened
from core.ids import TxnId
from core.messages import (
    Authorisation,
    BatchTotals,
    Capture,
    Presentation,
    QuoteOffer,
    RefundChoice,
    RefundDone,
    RefundOffer,
    Sale,
    Totals,
)
from core.moment import Moment
from core.money import Money
from core.receipt import Receipt
from core.screens import Words
from core.terms import Terms
from device.flows.cash_lines import CashLines
from device.flows.counter_lines import CounterLines
from device.flows.service_lines import ServiceLines

ITEMS_MAX = 60  # what a receipt of a metre can list; a longer basket is rung up as two sales


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the basket: `each` is the price of one piece."""

    name: str
    each: Money
    count: int = 1

    @property
    def amount(self) -> Money:
        return self.each * self.count


class Paper(Enum):
    """What happened to the receipt so far."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Frozen: a step answers with a changed copy.

    `awaited` is the key of the effect whose answer the step waits for ("" for none). `decisions` counts
    what was asked anew (a second code, a second quote), so that no two decisions share a key. `draft` is
    what has been typed, `note` a sentence the current screen says about what just happened.
    """

    txn: TxnId
    stan: int
    nonce: str
    terms: Terms
    opened_at: Moment
    lang: str
    hands: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    draft: str = ""
    unpriced: str = ""
    typing: bool = False
    note: Words | None = None
    awaited: str = ""
    decisions: int = 0
    price: Money | None = None
    presentation: Presentation | None = None
    offer: QuoteOffer | None = None
    choosing: bool = False
    authorisation: Authorisation | None = None
    capture: Capture | None = None
    reversing: str = ""
    checks: int = 0
    sale: Sale | None = None
    refund_offer: RefundOffer | None = None
    choice: RefundChoice | None = None
    refund: RefundDone | None = None
    voided: bool = False
    void_proof: str = ""
    totals: Totals | None = None
    batch: BatchTotals | None = None
    receipt: Receipt | None = None
    paper: Paper = Paper.NONE
    cash: CashLines = field(default_factory=CashLines)
    service: ServiceLines = field(default_factory=ServiceLines)
    counter: CounterLines = field(default_factory=CounterLines)

    @classmethod
    def opened(cls, event: TicketOpened, at: Moment) -> Ticket:
        return cls(
            txn=event.txn,
            stan=event.stan,
            nonce=event.nonce,
            terms=event.terms,
            opened_at=at,
            lang=event.terms.lang,
            hands=event.hands,
            totals=event.totals,
            receipt=event.reprint,
            cash=CashLines(machine=event.cash),
        )

    @property
    def total(self) -> Money:
        """What the basket comes to, what is being typed included."""
        typed = Money(int(self.draft or "0"), self.terms.fiat)
        return sum((item.amount for item in self.items), typed)

    @property
    def due(self) -> Money:
        """The price once it is rung up; asking before is a programmer's error."""
        assert self.price is not None, "no price yet"
        return self.price

    def ask(self, step: str) -> Ticket:
        """A new decision of `step`: the key that names it becomes the awaited one."""
        number = self.decisions + 1
        return replace(self, decisions=number, awaited=self.txn.key(step, number), note=None)

    def answered(self) -> Ticket:
        return replace(self, awaited="")

    def said(self, note: Words | None) -> Ticket:
        return replace(self, note=note)
