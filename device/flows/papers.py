"""Papers: what the receipt of each business says. Shop first, the amount large, how it came to be below it."""

from __future__ import annotations

from core.messages import Capture, RefundDone, Totals
from core.moment import Moment
from core.money import grouped
from core.receipt import Line, Pair, Qr, Receipt, ReceiptLine, Rule, Title, Total
from core.screens import say
from core.words import word
from device.flows.ticket import Ticket

NAME_MAX = 60  # a product's name on paper; the layout wraps it, a whole paragraph it does not


def sale_paper(ticket: Ticket) -> Receipt:
    """Fiat total, what was bought, coin quantity, rate, fee, where the prices came from, and the proof."""
    capture, offer, presentation = ticket.capture, ticket.offer, ticket.presentation
    assert capture is not None
    assert offer is not None
    assert presentation is not None
    w = Writer(ticket)
    lines: list[ReceiptLine] = [*w.head("receipt.sale.title", capture.settled_at, capture.rrn)]
    for item in ticket.items:
        name = item.name[:NAME_MAX] if item.count == 1 else f"{item.name[:NAME_MAX]} x {item.count}"
        lines.append(Pair(name, grouped(item.amount)))
    lines += [Rule(), Total(w("receipt.total"), str(ticket.due)), Rule(), *_coins(w, capture)]
    sources = ", ".join(source.name for source in offer.sources)
    lines += [
        Pair(w("receipt.sources"), sources),
        Pair(w("receipt.priced_at"), w.time(offer.priced_at)),
        Pair(w("receipt.shown"), f"**** {presentation.hint}"),
        Pair(w("receipt.approval"), capture.approval_code),
        *w.foot(capture.proof),
    ]
    return Receipt(capture.rrn, tuple(lines))


def refund_paper(ticket: Ticket) -> Receipt:
    refund = ticket.refund
    if refund is None:
        return _void_paper(ticket)
    w = Writer(ticket)
    lines: list[ReceiptLine] = [
        *w.head("receipt.refund.title", refund.refunded_at, refund.rrn),
        Pair(w("receipt.of_sale"), ticket.sale.rrn if ticket.sale else "-"),
        Rule(),
        Total(w("receipt.refunded"), str(refund.amount.money())),
        Rule(),
        Pair(w("receipt.given"), str(refund.given.money())),
        *_refund_rate(w, ticket, refund),
        *w.seal(refund.proof),
    ]
    return Receipt(refund.rrn, tuple(lines))


def batch_paper(ticket: Ticket) -> Receipt:
    batch = ticket.batch
    assert batch is not None
    w = Writer(ticket)
    lines: list[ReceiptLine] = [*w.head("receipt.batch.title", batch.closed_at, f"{batch.batch:04d}")]
    for name, totals in (("terminal", batch.terminal), ("agency", batch.agency), ("exchange", batch.exchange)):
        lines += [Line(w(f"batch.{name}")), *_totals(w, totals), Rule()]
    lines += [Pair(w("batch.commission"), str(batch.commission.money()))]
    lines.append(Total(w("batch.result"), w("batch.agrees_short" if batch.agrees else "batch.differs_short")))
    if batch.differing:
        lines += [Rule(), Line(w("batch.differing")), *(Line(reference) for reference in batch.differing[:20])]
    return Receipt(f"{batch.batch:04d}", tuple(lines))


def _void_paper(ticket: Ticket) -> Receipt:
    sale = ticket.sale
    assert sale is not None
    w = Writer(ticket)
    price = str(sale.price.money()) if sale.price else "-"
    lines: list[ReceiptLine] = [
        *w.head("receipt.void.title", ticket.opened_at.rfc3339(), sale.rrn),
        Total(w("receipt.voided"), price),
        Rule(),
    ]
    if sale.capture is not None:
        lines.append(Pair(w("receipt.void.back"), str(sale.capture.total.money())))
    lines += [Line(w("receipt.void.all_back")), *w.seal(ticket.void_proof)]
    return Receipt(sale.rrn, tuple(lines))


def _coins(w: Writer, capture: Capture) -> list[ReceiptLine]:
    coin = capture.total.asset
    return [
        Pair(w("receipt.quantity"), str(capture.quantity.money())),
        Pair(w("receipt.fee"), str(capture.fee.money())),
        Pair(w("receipt.taken"), str(capture.total.money())),
        Pair(w("receipt.rate"), f"1 {coin} = {capture.rate.money()}"),
    ]


def _refund_rate(w: Writer, ticket: Ticket, refund: RefundDone) -> list[ReceiptLine]:
    options = ticket.refund_offer.options if ticket.refund_offer else ()
    rates = (option.rate for option in options if option.choice is refund.choice and option.rate)
    return [Pair(w("receipt.rate"), f"1 {refund.given.asset} = {rate.money()}") for rate in rates]


def _totals(w: Writer, totals: Totals) -> list[ReceiptLine]:
    return [
        Pair(w("batch.sales", count=totals.sales), str(totals.sold.money())),
        Pair(w("batch.refunds", count=totals.refunds), str(totals.refunded.money())),
        Pair(w("batch.voids", count=totals.voids), str(totals.voided.money())),
    ]


class Writer:
    """Words in the ticket's language, times at the shop's offset, and the parts every paper has."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket

    def __call__(self, key: str, **params: object) -> str:
        return word(say(key, **params), self._ticket.lang)

    def time(self, rfc3339: str) -> str:
        return Moment.parse(rfc3339).local(self._ticket.terms.utc_offset_minutes)

    def head(self, title: str, at: str, number: str) -> tuple[ReceiptLine, ...]:
        terms = self._ticket.terms
        return (
            Title(terms.shop),
            Line(self(title)),
            Pair(self("receipt.time"), self.time(at)),
            Pair(self("receipt.number"), number),
            Pair(self("receipt.terminal"), f"{terms.terminal} / {self._ticket.stan:06d}"),
            Rule(),
        )

    def foot(self, proof: str) -> tuple[ReceiptLine, ...]:
        return (Rule(), Line(self("receipt.refund_rule")), *self.seal(proof))

    def seal(self, proof: str) -> tuple[ReceiptLine, ...]:
        return (Qr(proof, self("receipt.verify")),) if proof else ()
