"""Amounts in running text, as the customer's language writes them: "50,000 ₩", "50,000원", "5.025 TIL"."""

from __future__ import annotations

from core.asset import KRW
from core.money import Money, grouped
from core.screens import Plain, Words, say
from core.words import word
from device.flows.ticket import Ticket


def figure(money: Money) -> Words:
    """For a button or a row."""
    return say("common.won", amount=grouped(money)) if money.asset == KRW else Plain(str(money))


def told(ticket: Ticket, money: Money) -> str:
    """For the gap of a sentence."""
    return word(figure(money), ticket.lang)
