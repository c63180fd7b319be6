"""The last screens of a withdrawal that paid nothing, and what staff and customer call it by."""

from __future__ import annotations

from core.screens import Drawing, Facts, Notice, Picture, Plain, Screen, Tone, Words, say
from device.flows.step import DONE
from device.flows.ticket import Ticket


def reference(ticket: Ticket) -> str:
    """The exchange's number where it is known, else the end of ours."""
    settled, authorisation = ticket.cash.settled, ticket.cash.authorisation
    number = settled.rrn if settled else authorisation.rrn if authorisation else ""
    return number or ticket.txn.text[-6:]


def no_cash_here(code: str) -> Screen:
    """The machine cannot pay, and says so before anybody is asked for anything."""
    rows = ((say("common.code"), Plain(code)),)
    blocks = (Drawing(Picture.CROSS), Notice(say("common.no_money_moved"), Tone.WARN), Facts(rows))
    return Screen("no_cash", say("withdraw.off.title"), blocks, (DONE,), Tone.WARN)


def stopped(title: Words) -> Screen:
    """It ended before anything moved, for a reason the customer knows."""
    blocks = (Drawing(Picture.CROSS), Notice(say("common.no_money_moved")))
    return Screen("not_withdrawn", title, blocks, (DONE,))


def nothing_paid(ticket: Ticket, *, known: bool) -> Screen:
    """Said with the cash side's word that nothing came out. `known`: the exchange has it, and everything is free."""
    end = ticket.cash.known_end
    rows: list[tuple[Words, Words]] = []
    if end.code:
        rows.append((say("common.code"), Plain(end.code)))
    rows.append((say("common.staff_number"), Plain(reference(ticket))))
    money = say("withdraw.nothing.back" if known else "withdraw.nothing.follows")
    picture = Picture.CROSS if known else Picture.LINE
    blocks = (Drawing(picture), Notice(money, Tone.WARN), Facts(tuple(rows)))
    name = "nothing_paid" if known else "nothing_paid_follows"
    return Screen(name, say("withdraw.nothing.title"), blocks, (DONE,), Tone.WARN)
