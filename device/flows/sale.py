"""The seller's flows, as tuples of steps; change the order of a business by changing its tuple."""

from __future__ import annotations

from typing import Final

from core.money import grouped
from core.screens import Amount, Block, Drawing, Facts, Picture, Plain, Screen, Tone, say
from device.flows.authorise import AuthoriseSale
from device.flows.choose_refund import ChooseRefund
from device.flows.close_batch import CloseTheBatch, closed_screen
from device.flows.complete import CompleteSale
from device.flows.confirm import Confirm
from device.flows.find_sale import FindTheSale
from device.flows.flow import Flow
from device.flows.give_back import GiveBack
from device.flows.identify import IdentifyShopper
from device.flows.papers import batch_paper, refund_paper, sale_paper
from device.flows.quote import Quote
from device.flows.receipt import GiveReceipt
from device.flows.reprint import Reprint
from device.flows.ring_up import RingUp
from device.flows.ticket import Ticket


def paid_screen(ticket: Ticket) -> Screen:
    """Said only with the exchange's settlement in hand."""
    capture = ticket.capture
    assert capture is not None
    total = f"{grouped(capture.total.money())} {capture.total.asset}"
    rate = f"1 {capture.total.asset} = {capture.rate.money()}"
    note = say("sale.confirm.rate", rate=rate, fee=str(capture.fee.money()))
    facts = Facts(((say("common.staff_number"), Plain(capture.rrn)),))
    blocks = (Drawing(Picture.TICK), Amount(ticket.due, under=Plain(total), note=note), facts)
    return Screen("approved", say("sale.approved.title"), blocks, (), Tone.GOOD)


def given_back_screen(ticket: Ticket) -> Screen:
    refund, sale = ticket.refund, ticket.sale
    assert sale is not None
    if refund is None:
        rows = [(say("common.staff_number"), Plain(sale.rrn))]
        if sale.capture is not None:
            rows.append((say("receipt.void.back"), Plain(str(sale.capture.total.money()))))
        amount = (Amount(sale.price.money()),) if sale.price else ()
        blocks: tuple[Block, ...] = (Drawing(Picture.TICK), *amount, Facts(tuple(rows)))
        return Screen("voided", say("refund.done.voided"), blocks, (), Tone.GOOD)
    given = str(refund.given.money())
    facts = Facts(((say("common.staff_number"), Plain(refund.rrn)), (say("refund.done.given"), Plain(given))))
    blocks = (Drawing(Picture.TICK), Amount(refund.amount.money()), facts)
    return Screen("refunded", say("refund.done.title"), blocks, (), Tone.GOOD)


def _proof_of_sale(ticket: Ticket) -> str:
    return ticket.capture.proof if ticket.capture else ""


def _proof_of_refund(ticket: Ticket) -> str:
    return ticket.refund.proof if ticket.refund else ticket.void_proof


def _no_proof(ticket: Ticket) -> str:
    return ""


SALE: Final = Flow(
    "sale",
    (
        RingUp(),
        IdentifyShopper(),
        Quote(),
        Confirm(),
        AuthoriseSale(),
        CompleteSale(),
        GiveReceipt(sale_paper, paid_screen, _proof_of_sale, "settled"),
    ),
)
REFUND: Final = Flow(
    "refund",
    (
        FindTheSale(),
        ChooseRefund(),
        GiveBack(),
        GiveReceipt(refund_paper, given_back_screen, _proof_of_refund, "given_back"),
    ),
)
BATCH: Final = Flow("batch", (CloseTheBatch(), GiveReceipt(batch_paper, closed_screen, _no_proof, "closed")))
REPRINT: Final = Flow("reprint", (Reprint(),))
