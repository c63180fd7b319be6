"""Refund, void, batch close and reprint, told as conversations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.effects import AskRefund, CloseBatch, FindSale, PrintReceipt, Refund, Void
from core.events import (
    BatchClosed,
    CodeShown,
    Form,
    NotPrinted,
    Pressed,
    Printed,
    ReceiptScanned,
    Refunded,
    RefundOffered,
    Refused,
    Restarted,
    Reversed,
    SaleFound,
    Source,
    TimerFired,
    Unanswered,
)
from core.faults import Refusal
from core.ids import TxnId
from core.messages import BatchTotals, RefundChoice, SaleState, Totals
from core.receipt import CopyMark, Qr, Receipt, Title
from core.screens import Choices, Facts, Say
from device.flows.sale import BATCH, REFUND, REPRINT
from tests.device.answers import AT, REFUND_DONE, REFUND_OFFER, RRN, SALE_FOUND, won
from tests.device.playbook import TXN, Playbook, changed

TOTALS = Totals(3, won(120_000), 1, won(50_000), 0, won(0))


def press(book: Playbook, *actions: str) -> Playbook:
    for action in actions:
        book >> Pressed(action)
    return book


def looking() -> Playbook:
    return press(Playbook(REFUND, hands=("camera",)), *[f"digit:{digit}" for digit in RRN], "find")


def found() -> Playbook:
    book = looking()
    return book >> SaleFound(book.awaited, SALE_FOUND)


def offered() -> Playbook:
    book = press(found(), "offer")
    return book >> RefundOffered(book.awaited, REFUND_OFFER)


def asked_back() -> Playbook:
    return press(offered(), "give:fiat", "confirm")


def test_a_refund_shows_both_outcomes_before_one_is_chosen() -> None:
    book = offered().shows("refund_outcomes")
    (choices,) = (block for block in book.screen.blocks if isinstance(block, Choices))
    assert [(option.id, str(option.amount)) for option in choices.options] == [
        ("give:coins_today", "4.8 TIL"),
        ("give:fiat", "50,000 KRW"),
    ]
    press(book, "give:fiat").shows("refund_confirm").wants_no(Refund)
    press(book, "confirm") << Refund
    assert book.one(Refund).choice is RefundChoice.FIAT
    (book >> Refunded(book.awaited, REFUND_DONE)).shows("refunded") << PrintReceipt
    book.refolded()
    book >> Printed(book.awaited)
    (book >> Pressed("done")).ends("given_back")


def test_the_sale_is_found_by_its_number_or_by_its_receipt() -> None:
    assert looking().one(FindSale).reference == RRN
    assert (Playbook(REFUND) >> ReceiptScanned(RRN)).one(FindSale).reference == RRN


def test_what_is_not_a_receipt_is_named() -> None:
    book = Playbook(REFUND) >> CodeShown(Source.CAMERA, Form.FOREIGN, "TMP1:KRW:1:x")
    assert book.state.ticket.note == Say("refund.find.not_a_receipt")
    press(book, "digit:6", "find")
    assert book.state.ticket.note == Say("refund.find.digits", (("count", "12"),))
    press(book, "erase", "nonsense")
    assert book.state.ticket.draft == ""


def test_a_sale_with_nothing_left_is_not_refunded() -> None:
    for sale in (changed(SALE_FOUND, refundable=won(0)), changed(SALE_FOUND, state=SaleState.VOIDED)):
        book = looking()
        book >> SaleFound(book.awaited, sale)
        assert book.shows("find_sale").state.ticket.note == Say("refund.find.nothing_left")


def test_a_sale_that_is_not_found_may_be_looked_for_again() -> None:
    book = looking() >> Pressed("cancel")
    book >> Refused(book.awaited, Refusal("TM-SET-004"))
    press(book, "find")
    (book >> Unanswered(book.awaited, "TM-LINE-001")).shows("find_sale")
    (book >> Pressed("cancel")).ends("cancelled")
    (looking() >> Restarted(())).ends("restarted")


def test_never_more_than_is_left_can_be_asked_for() -> None:
    book = press(found(), "digit:5", "digit:0", "digit:00", "digit:1", "offer").wants_no(AskRefund)
    assert book.state.ticket.note == Say("refund.choose.too_much")


def test_a_part_can_be_given_back() -> None:
    assert press(found(), "digit:2", "digit:00", "digit:00", "offer").one(AskRefund).amount == won(20_000)


def test_an_offer_that_ends_is_asked_for_anew() -> None:
    (offered() >> TimerFired("offer")) << AskRefund


def test_an_offer_for_another_sale_or_a_refusal_leads_back_to_the_amount() -> None:
    foreign = changed(REFUND_OFFER, sale=TxnId.of(b"\x01" * 16))
    for reply in (RefundOffered("", foreign), Refused("", Refusal("TM-SET-005")), Unanswered("", "TM-LINE-001")):
        book = press(found(), "offer")
        (book >> Pressed("cancel") >> changed(reply, answers=book.awaited)).shows("choose_refund")


def test_leaving_before_the_last_question_moves_nothing() -> None:
    (found() >> Pressed("cancel")).ends("cancelled")
    (offered() >> Restarted(())).ends("restarted")
    book = press(offered(), "give:fiat", "cancel").shows("choose_refund")
    press(book, "nonsense").shows("choose_refund")


def test_a_void_takes_the_whole_sale_back() -> None:
    book = press(found(), "void").shows("refund_confirm")
    press(book, "confirm") << Void(TXN.key("void", book.state.ticket.decisions), TXN, TXN)
    (book >> Reversed(book.awaited, "PROOF")).shows("voided") << PrintReceipt
    assert book.state.ticket.receipt is not None
    assert book.state.ticket.receipt.lines[-1] == Qr("PROOF", "Anyone can verify this receipt")
    press(press(found(), "void"), "cancel").shows("choose_refund")


def test_a_sale_of_a_closed_batch_cannot_be_voided() -> None:
    book = looking()
    book >> SaleFound(book.awaited, changed(SALE_FOUND, voidable=False))
    press(book, "void").wants_no(Void).shows("choose_refund")


def test_a_refund_without_an_answer_is_asked_for_again_with_the_same_key() -> None:
    book = asked_back()
    key = book.awaited
    book >> Unanswered(key, "TM-LINE-001")
    (book.shows("refund_checking") >> TimerFired("check")) << Refund
    assert book.one(Refund).key == key
    (book >> Restarted(())) << Refund
    book >> Unanswered(key, "TM-LINE-001")
    (book >> Pressed("later")).ends("owed").shows("refund_owed")


def test_a_refund_that_is_never_answered_goes_to_the_outbox() -> None:
    book = asked_back()
    for _ in range(10):
        book >> Unanswered(book.awaited, "TM-LINE-001") >> TimerFired("check")
    (book >> Unanswered(book.awaited, "TM-LINE-001")).ends("owed")


def test_a_refused_refund_says_why_and_a_restart_before_the_yes_goes_back() -> None:
    book = asked_back() >> Pressed("nonsense")
    (book >> Refused(book.awaited, Refusal("TM-SET-006"))).ends("declined")
    (press(offered(), "give:coins_today") >> Restarted(())).shows("choose_refund")


def test_a_refund_paper_names_the_sale_it_belongs_to() -> None:
    book = press(offered(), "give:coins_today", "confirm")
    done = changed(REFUND_DONE, choice=RefundChoice.COINS_TODAY, given=REFUND_OFFER.options[0].gives)
    book >> Refunded(book.awaited, done)
    text = repr(book.one(PrintReceipt).receipt)
    assert RRN in text
    assert "4.8 TIL" in text
    assert "10,416 KRW" in text


def closing() -> Playbook:
    return press(Playbook(BATCH, totals=TOTALS), "close")


def closed(agrees: bool) -> BatchTotals:
    differing = () if agrees else (RRN,)
    return BatchTotals(TXN, 12, TOTALS, TOTALS, TOTALS, agrees, differing, won(1_200), AT)


def test_a_batch_close_compares_three_counts() -> None:
    book = closing() << CloseBatch(TXN.key("close_batch", 1), TXN, TOTALS)
    (book >> BatchClosed(book.awaited, closed(True))).shows("batch_closed") << PrintReceipt
    book.refolded() >> Printed(book.awaited)
    (book >> Pressed("done")).ends("closed")


def test_a_difference_is_shown_with_the_sales_to_look_at() -> None:
    book = closing()
    book >> BatchClosed(book.awaited, closed(False))
    facts = next(block for block in book.shows("batch_differs").screen.blocks if isinstance(block, Facts))
    assert RRN in repr(facts)
    assert RRN in repr(book.one(PrintReceipt).receipt)
    assert (book >> NotPrinted(book.awaited, "TM-PRN-002")).screen.actions[0].id == "print_again"


def test_a_batch_close_without_an_answer_is_asked_again_with_the_same_key() -> None:
    book = closing() >> Pressed("cancel")
    key = book.awaited
    book >> Unanswered(key, "TM-LINE-001")
    assert press(book, "close").one(CloseBatch).key == key
    assert (book >> Restarted(())).one(CloseBatch).key == key
    book >> Unanswered(key, "TM-LINE-001")
    (book >> Pressed("cancel")).ends("owed")


@pytest.mark.parametrize("event", [Pressed("cancel"), Restarted(())])
def test_a_batch_that_was_not_asked_for_is_not_closed(event: Pressed | Restarted) -> None:
    (Playbook(BATCH, totals=TOTALS) >> event).ends("cancelled")


def test_a_refused_batch_close_may_be_tried_again() -> None:
    book = closing()
    book >> Refused(book.awaited, Refusal("TM-AGY-001"))
    press(book, "nonsense", "close") << CloseBatch


PAPER = Receipt(RRN, (Title("Corner Shop"),))


def test_a_reprint_is_a_copy() -> None:
    book = press(Playbook(REPRINT, reprint=PAPER), "print")
    assert isinstance(book.one(PrintReceipt).receipt.lines[0], CopyMark)
    assert book.one(PrintReceipt).receipt.as_copy("COPY") == book.one(PrintReceipt).receipt
    (press(book, "nonsense") >> Printed(book.awaited)).shows("reprint")
    (book >> TimerFired("idle")).ends("done")


def test_a_reprint_that_fails_may_be_tried_again() -> None:
    book = press(Playbook(REPRINT, reprint=PAPER), "print")
    book >> NotPrinted(book.awaited, "TM-PRN-002")
    press(book, "print") << PrintReceipt


def test_with_nothing_printed_yet_there_is_nothing_to_print_again() -> None:
    book = press(Playbook(REPRINT), "print").wants_no(PrintReceipt)
    (book >> Pressed("done")).ends("done")


STRAY = TimerFired("nobody_started_it")


@pytest.mark.parametrize("where", [found, offered, asked_back, closing])
def test_what_a_step_does_not_know_changes_nothing(where: Callable[[], Playbook]) -> None:
    book = where()
    before = book.state
    assert (book >> STRAY).state == before
    assert (Playbook(REFUND) >> STRAY).state == Playbook(REFUND).state


def test_a_refund_without_paper_is_shown_as_a_code() -> None:
    book = asked_back()
    book >> Refunded(book.awaited, REFUND_DONE)
    book >> NotPrinted(book.awaited, "TM-PRN-001")
    assert "TMR1:REFUND" in repr(book.screen)
