"""The paper of a withdrawal: what came out, what it cost, what went back, and what is still being counted.

It never says more than is known: without the exchange's word it names what is held, with notes in doubt it says "at
least" and gives the number to claim with.
"""

from __future__ import annotations

from core.cash import Count
from core.messages import Withdrawal
from core.money import Money, grouped
from core.receipt import Line, Pair, Receipt, ReceiptLine, Rule, Total
from device.flows.papers import Writer
from device.flows.ticket import Ticket
from device.flows.withdraw_endings import reference
from device.flows.withdraw_price import rate


def withdraw_paper(ticket: Ticket) -> Receipt:
    end, settled = ticket.cash.known_end, ticket.cash.settled
    w, number = Writer(ticket), reference(ticket)
    least, highest = end.least.money(), end.highest.money()
    at = settled.at if settled else ticket.opened_at.rfc3339()
    total = w("receipt.withdraw.total" if least == highest else "receipt.withdraw.at_least")
    lines: list[ReceiptLine] = [*w.head("receipt.withdraw.title", at, number), Total(total, str(least))]
    for notes in end.notes:
        if notes.given.known and notes.given.low:
            face = grouped(notes.face.money())
            lines.append(Pair(w("receipt.withdraw.notes", count=_count(notes.given), face=face), ""))
    if least != ticket.due:
        lines.append(Pair(w("receipt.withdraw.asked"), str(ticket.due)))
    lines.append(Rule())
    lines += _settled(w, settled) if settled else _held(w, ticket)
    lines += _doubt(w, highest - least, number, end.code)
    lines += _how(w, ticket)
    if settled and settled.proof:
        lines += [Rule(), *w.seal(settled.proof)]
    return Receipt(number, tuple(lines))


def _settled(w: Writer, done: Withdrawal) -> list[ReceiptLine]:
    """What it cost in the end, and what was given back at the locked price."""
    lines: list[ReceiptLine] = []
    if done.from_fiat.money():
        lines.append(Pair(w("receipt.withdraw.from_fiat"), str(done.from_fiat.money())))
    if done.coins and done.coins.money():
        lines.append(Pair(w("receipt.withdraw.from_coins"), str(done.coins.money())))
        told = f"1 {done.coins.asset} = {done.rate.money()}" if done.rate else "-"
        lines.append(Pair(w("receipt.rate"), told))
    lines.append(Pair(w("receipt.fee"), str(done.fee.money())))
    backs = [back.money() for back in (done.back_fiat, done.back_coins) if back and back.money()]
    lines += [Pair(w("receipt.withdraw.back"), str(back)) for back in backs]
    return lines


def _held(w: Writer, ticket: Ticket) -> list[ReceiptLine]:
    """The exchange has not said what it came to: what is held for it, and that its word follows."""
    offer = ticket.cash.known_offer
    lines: list[ReceiptLine] = []
    if offer.from_fiat.money():
        lines.append(Pair(w("receipt.withdraw.held_fiat"), str(offer.from_fiat.money())))
    if offer.coins:
        lines.append(Pair(w("receipt.withdraw.held_coins"), str(offer.coins.money())))
        lines.append(Pair(w("receipt.rate"), rate(offer)))
    return [*lines, Line(w("receipt.withdraw.follows"))]


def _doubt(w: Writer, in_doubt: Money, number: str, code: str) -> list[ReceiptLine]:
    if not in_doubt:
        return [Pair(w("receipt.withdraw.code"), code)] if code else []
    return [
        Rule(),
        Pair(w("receipt.withdraw.counted"), str(in_doubt)),
        Pair(w("receipt.withdraw.claim"), number),
        Pair(w("receipt.withdraw.code"), code or "-"),
        Line(w("receipt.withdraw.doubt")),
    ]


def _how(w: Writer, ticket: Ticket) -> list[ReceiptLine]:
    """Where the price came from, which code was shown, and what the exchange approved it as."""
    offer, presentation, authorisation = ticket.cash.known_offer, ticket.presentation, ticket.cash.authorisation
    assert presentation is not None
    lines: list[ReceiptLine] = [Rule()]
    if offer.coins and offer.sources:
        lines.append(Pair(w("receipt.sources"), ", ".join(source.name for source in offer.sources)))
    lines.append(Pair(w("receipt.shown"), f"**** {presentation.hint}"))
    if authorisation is not None:
        lines.append(Pair(w("receipt.approval"), authorisation.approval_code))
    return lines


def _count(count: Count) -> str:
    return str(count)
