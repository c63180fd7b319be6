"""A sale, told as conversations with its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.code import compose
from core.effects import (
    Arm,
    AskQuote,
    Authorise,
    Complete,
    Identify,
    IdentifyTap,
    PrintReceipt,
    Reverse,
    StartTimer,
)
from core.events import (
    Authorised,
    Captured,
    CodeShown,
    DeviceStateChanged,
    Event,
    Form,
    Health,
    Identified,
    NotPrinted,
    Pressed,
    Printed,
    ProductScanned,
    Quoted,
    Refused,
    Restarted,
    Reversed,
    Source,
    TapAnswered,
    TapFailed,
    TimerFired,
    Unanswered,
)
from core.faults import Refusal
from core.ids import TxnId
from core.moment import Moment
from core.receipt import CopyMark, Qr, Total
from core.screens import Amount, Countdown, Keypad, Notice, QrCode, Say, Screen
from device.flows.flow import Flow
from device.flows.sale import SALE
from device.flows.step import Answer, Go
from device.flows.ticket import Ticket
from tests.device.answers import AUTHORISATION, CAPTURE, OFFER, PRESENTATION, coins, won
from tests.device.playbook import TXN, Playbook, changed

CODE = compose(123_456_789, 4821).digits
OTHER = TxnId.of(b"\x55" * 16)


def press(book: Playbook, *actions: str) -> Playbook:
    for action in actions:
        book >> Pressed(action)
    return book


def rung_up(**opened: object) -> Playbook:
    """50,000 won typed and charged."""
    return press(Playbook(SALE, hands=("camera", "nfc", "printer"), **opened), "digit:5", *["digit:00"] * 2, "charge")


def shown(book: Playbook) -> Playbook:
    return book >> CodeShown(Source.CAMERA, Form.WHOLE, CODE)


def identified() -> Playbook:
    book = shown(rung_up())
    return book >> Identified(book.awaited, PRESENTATION)


def quoted() -> Playbook:
    book = identified()
    return book >> Quoted(book.awaited, OFFER)


def authorising() -> Playbook:
    return quoted() >> Pressed("confirm")


def completing() -> Playbook:
    book = authorising()
    return book >> Authorised(book.awaited, AUTHORISATION)


def paid() -> Playbook:
    book = completing()
    return book >> Captured(book.awaited, CAPTURE)


def test_a_sale_of_fifty_thousand_won_takes_exactly_five_coins_and_the_fee() -> None:
    book = rung_up().shows("identify") << Arm
    assert book.one(Arm).tap.amount == won(50_000)
    shown(book) << Identify(TXN.key("identify", 1), TXN, Source.CAMERA, CODE)
    book >> Identified(book.awaited, PRESENTATION)
    book << AskQuote(TXN.key("quote", 2), TXN, "pres-1", won(50_000))
    book >> Quoted(book.awaited, OFFER)
    amount = next(block for block in book.shows("confirm").screen.blocks if isinstance(block, Amount))
    assert amount.amount == won(50_000).money()
    book >> Pressed("confirm")
    book << Authorise(TXN.key("authorise", 3), TXN, 7, "pres-1", "capsule-1")
    book >> Authorised(book.awaited, AUTHORISATION)
    book << Complete(TXN.key("complete", 4), TXN)
    book >> Captured(book.awaited, CAPTURE)
    book.shows("approved") << PrintReceipt
    lines = book.one(PrintReceipt).receipt.lines
    assert Total("TOTAL", "50,000 KRW") in lines
    assert any(isinstance(line, Qr) and line.payload == "TMR1:PROOF" for line in lines)
    (book >> Printed(book.awaited)).refolded()
    (book >> Pressed("done")).ends("settled")


def test_the_code_never_stands_on_the_receipt() -> None:
    receipt = paid().one(PrintReceipt).receipt
    assert CODE not in repr(receipt)
    assert "**** 4821" in repr(receipt)


def test_products_are_added_counted_and_taken_back() -> None:
    book = Playbook(SALE)
    coffee = ProductScanned("1", "Coffee", won(4_500))
    book >> coffee >> coffee >> ProductScanned("2", "Cake", won(6_000))
    assert [(item.name, item.count) for item in book.state.ticket.items] == [("Coffee", 2), ("Cake", 1)]
    press(book, "remove", "remove", "digit:7", "remove", "remove", "remove")
    assert book.state.ticket.items == ()


def test_a_product_without_a_price_asks_for_one_and_keeps_its_name() -> None:
    book = Playbook(SALE) >> ProductScanned("3", "Umbrella", None)
    assert book.screen.heading == Say("sale.ring_up.price_of", (("name", "Umbrella"),))
    press(book, "digit:9", "digit:00", "digit:0", "add")
    (item,) = book.state.ticket.items
    assert (item.name, item.amount) == ("Umbrella", won(9_000).money())


@pytest.mark.parametrize("price", [won(0), coins("1")])
def test_a_product_priced_at_nothing_or_in_a_coin_is_not_rung_up(price: object) -> None:
    book = Playbook(SALE) >> ProductScanned("4", "Ghost", price)  # type: ignore[arg-type]
    assert book.state.ticket.items == ()


def test_nothing_cannot_be_charged() -> None:
    book = press(Playbook(SALE), "charge").shows("ring_up")
    assert any(isinstance(block, Notice) for block in book.screen.blocks)


def test_an_amount_has_at_most_nine_digits_and_no_leading_zeros() -> None:
    book = press(Playbook(SALE), "digit:0", *["digit:9"] * 12)
    assert book.state.ticket.draft == "9" * 9
    assert press(book, "erase", "nonsense").state.ticket.draft == "9" * 8


def test_a_basket_has_a_limit_and_says_so() -> None:
    book = Playbook(SALE)
    for number in range(61):
        book >> ProductScanned(str(number), f"Thing {number}", won(100))
    assert len(book.state.ticket.items) == 60
    assert any(isinstance(block, Notice) for block in book.screen.blocks)


def test_something_else_than_a_product_is_named_at_the_till() -> None:
    book = Playbook(SALE) >> CodeShown(Source.CAMERA, Form.FOREIGN, "https://example.org")
    assert book.state.ticket.note == Say("sale.ring_up.not_a_product")


@pytest.mark.parametrize("ending", [Pressed("cancel"), TimerFired("idle")])
def test_leaving_before_the_code_moves_no_money(ending: Event) -> None:
    (Playbook(SALE) >> ending).ends("cancelled").shows("cancelled")
    (rung_up() >> ending).ends("cancelled").shows("cancelled")
    (quoted() >> ending).ends("cancelled").shows("cancelled")


def test_a_mistyped_code_is_caught_before_it_is_sent() -> None:
    book = press(rung_up(), "type").shows("identify_typed")
    book >> CodeShown(Source.KEYPAD, Form.PARTIAL, "2718")
    assert any(isinstance(block, Keypad) and block.shown == "271 8" for block in book.screen.blocks)
    (book >> CodeShown(Source.KEYPAD, Form.MISTYPED, CODE)).wants_no(Identify)
    assert book.state.ticket.note == Say("sale.identify.mistyped")
    press(book, "scan").shows("identify")


def test_a_typed_code_is_sent() -> None:
    book = press(rung_up(), "type") >> CodeShown(Source.KEYPAD, Form.WHOLE, CODE)
    assert book.one(Identify).source is Source.KEYPAD


def test_without_any_reader_the_code_is_typed() -> None:
    book = press(Playbook(SALE), "digit:5", "charge").shows("identify_typed")
    assert any(isinstance(block, Keypad) for block in book.screen.blocks)


def test_a_reader_that_comes_back_is_offered_at_once() -> None:
    book = press(Playbook(SALE), "digit:5", "charge")
    press(book, "scan") >> DeviceStateChanged("nfc", Health.READY)
    assert book.screen.heading == Say("sale.identify.show_or_tap")
    book >> DeviceStateChanged("nfc", Health.LOST, "TM-NFC-001")
    assert book.screen.heading == Say("sale.identify.show")


def test_a_foreign_code_is_not_sent_to_the_exchange() -> None:
    (rung_up() >> CodeShown(Source.CAMERA, Form.FOREIGN, "hello")).wants_no(Identify) << Arm


def test_a_product_shown_for_a_code_is_named() -> None:
    book = rung_up() >> ProductScanned("1", "Coffee", won(1))
    assert book.state.ticket.note == Say("sale.identify.a_product")


def test_a_tap_is_bound_to_amount_terminal_and_nonce() -> None:
    book = rung_up()
    offer = book.one(Arm).tap
    assert (offer.terminal, offer.nonce, offer.amount) == ("T-0001", "aa" * 16, won(50_000))
    book >> TapAnswered("123456789", 4, offer.nonce, "ff" * 16)
    book << IdentifyTap(TXN.key("identify", 1), TXN, offer, 4, "123456789", "ff" * 16)


def test_a_tap_for_another_nonce_is_not_sent() -> None:
    (rung_up() >> TapAnswered("123456789", 4, "bb" * 16, "ff" * 16)).wants_no(IdentifyTap)


def test_a_card_pulled_away_is_said_and_the_reader_keeps_looking() -> None:
    (rung_up() >> TapFailed("TM-NFC-002")).shows("identify") << Arm


def test_a_refused_code_may_be_shown_again_but_not_for_ever() -> None:
    book = rung_up()
    for _ in range(4):
        shown(book)
        book >> Refused(book.awaited, Refusal("TM-COD-002"))
        book.shows("identify") << Arm
    shown(book)
    (book >> Refused(book.awaited, Refusal("TM-COD-002"))).ends("declined").shows("declined")


def test_every_new_code_has_a_key_of_its_own() -> None:
    book = shown(rung_up())
    first = book.awaited
    book >> Refused(first, Refusal("TM-COD-001"))
    assert shown(book).awaited != first


def test_no_answer_to_a_code_asks_for_the_code_again() -> None:
    book = shown(rung_up())
    (book >> Unanswered(book.awaited, "TM-LINE-001")).shows("identify") << Arm
    assert [effect.again for effect in book.effects if isinstance(effect, Arm)] == [True]


def test_a_presentation_for_another_transaction_is_no_answer() -> None:
    book = shown(rung_up())
    (book >> Identified(book.awaited, changed(PRESENTATION, txn=OTHER))).shows("identify") << Arm


def test_an_answer_to_an_older_question_is_ignored() -> None:
    book = shown(rung_up())
    before = book.state
    assert (book >> Identified(TXN.key("identify", 99), PRESENTATION)).state == before
    assert (book >> Pressed("cancel")).state == before


def test_no_price_is_said_with_a_way_to_try_again() -> None:
    book = identified()
    book >> Refused(book.awaited, Refusal("TM-MKT-001"))
    book.shows("quote_refused")
    press(book, "again") << AskQuote
    book >> Unanswered(book.awaited, "TM-LINE-001")
    (book >> Pressed("cancel")).ends("cancelled")


def test_a_quote_for_another_price_is_no_quote() -> None:
    book = identified()
    (book >> Quoted(book.awaited, changed(OFFER, price=won(49_999)))).shows("quote_refused")


def test_a_quote_renews_itself_before_it_ends() -> None:
    book = quoted()
    assert StartTimer("renew", 10_000) in book.effects
    assert any(isinstance(block, Countdown) for block in book.screen.blocks)
    book >> TimerFired("renew")
    assert book.one(AskQuote).asset == "TIL"
    (book >> TimerFired("renew")).wants_no(AskQuote)
    book >> Quoted(book.awaited, changed(OFFER, quote="capsule-2", total=coins("5.1")))
    (book >> Pressed("confirm")) << Authorise(TXN.key("authorise", 4), TXN, 7, "pres-1", "capsule-2")


def test_a_renewal_that_fails_keeps_the_quote_that_still_holds() -> None:
    for reply in (
        Refused("", Refusal("TM-MKT-001")),
        Unanswered("", "TM-LINE-001"),
        Quoted("", changed(OFFER, txn=OTHER)),
    ):
        book = quoted() >> TimerFired("renew")
        book >> changed(reply, answers=book.awaited)
        book.shows("confirm")
        assert book.state.ticket.offer == OFFER


def test_another_coin_can_be_chosen() -> None:
    book = press(quoted(), "others").shows("choose_coin")
    press(book, "back").shows("confirm")
    press(book, "others", "coin:BTC")
    assert book.one(AskQuote).asset == "BTC"


def test_confirming_twice_asks_once() -> None:
    book = authorising()
    (book >> Pressed("confirm")).wants_no(Authorise)


def test_a_promise_that_ended_on_the_way_is_asked_for_anew() -> None:
    book = authorising()
    (book >> Refused(book.awaited, Refusal("TM-SET-002"))) << AskQuote


def test_a_decline_is_named_and_ends_the_sale() -> None:
    book = authorising()
    (book >> Refused(book.awaited, Refusal("TM-SET-005"))).ends("declined").shows("declined")


def test_no_answer_to_authorise_is_undone_not_guessed() -> None:
    book = authorising()
    book >> Unanswered(book.awaited, "TM-LINE-001")
    book << Reverse(TXN.key("reverse", 4), TXN, "no answer to authorise")
    book >> Authorised(TXN.key("authorise", 3), AUTHORISATION)  # the late yes
    (book >> Reversed(book.awaited)).ends("reversed").shows("not_paid")


def test_an_undoing_that_finds_no_answer_is_left_to_the_outbox() -> None:
    for reply in (Unanswered("", "TM-LINE-001"), Refused("", Refusal("TM-SET-009"))):
        book = authorising()
        book >> Unanswered(book.awaited, "TM-LINE-001")
        (book >> changed(reply, answers=book.awaited)).ends("reversing").shows("undoing")


def test_a_yes_for_another_transaction_is_undone() -> None:
    book = authorising()
    (book >> Authorised(book.awaited, changed(AUTHORISATION, txn=OTHER))) << Reverse


def test_a_completion_is_asked_again_with_the_same_key() -> None:
    book = completing()
    key = book.awaited
    book >> Unanswered(key, "TM-LINE-001")
    book.shows("checking") >> TimerFired("check")
    book << Complete(key, TXN)
    (book >> Captured(key, CAPTURE)).shows("approved")


def test_a_seller_who_gives_up_waiting_undoes_the_sale() -> None:
    book = completing()
    book >> Unanswered(book.awaited, "TM-LINE-001")
    press(book, "undo") << Reverse
    (book >> Captured(TXN.key("complete", 4), CAPTURE)).wants_no(PrintReceipt)
    (book >> Reversed(book.awaited)).ends("reversed")


def test_a_completion_that_is_never_answered_undoes_itself() -> None:
    book = completing()
    for _ in range(40):
        book >> Unanswered(book.awaited, "TM-LINE-001") >> TimerFired("check")
    (book >> Unanswered(book.awaited, "TM-LINE-001")) << Reverse


def test_a_refused_completion_and_a_foreign_capture_are_undone() -> None:
    book = completing()
    (book >> Refused(book.awaited, Refusal("TM-SET-003"))) << Reverse
    book = completing()
    (book >> Captured(book.awaited, changed(CAPTURE, price=won(1)))) << Reverse


def test_no_paper_shows_the_receipt_as_a_code_and_a_second_paper_is_a_copy() -> None:
    book = paid()
    book >> NotPrinted(book.awaited, "TM-PRN-002")
    assert any(isinstance(block, QrCode) for block in book.shows("approved").screen.blocks)
    press(book, "print_again")
    receipt = book.one(PrintReceipt).receipt
    assert receipt.copy
    assert isinstance(receipt.lines[0], CopyMark)
    (book >> TimerFired("idle")).ends("settled")


def test_the_language_changes_without_losing_anything() -> None:
    book = press(quoted(), "language")
    assert book.state.ticket.lang == "ko"
    assert book.state.ticket.offer == OFFER
    press(book, "confirm").refolded()


@pytest.mark.parametrize(
    ("where", "outcome"), [(rung_up, "restarted"), (identified, "restarted"), (quoted, "restarted")]
)
def test_a_restart_before_the_hold_ends_the_sale_with_nothing_moved(where: object, outcome: str) -> None:
    (where() >> Restarted(())).ends(outcome).shows("cancelled")  # type: ignore[operator]


def test_a_restart_while_ringing_up_keeps_the_basket() -> None:
    book = Playbook(SALE) >> ProductScanned("1", "Coffee", won(4_500)) >> Restarted(())
    assert len(book.shows("ring_up").state.ticket.items) == 1


def test_a_restart_while_authorising_undoes_and_while_undoing_asks_again() -> None:
    book = authorising() >> Restarted(())
    first = book.one(Reverse)
    assert (book >> Restarted(())).one(Reverse).txn == first.txn


def test_a_restart_while_completing_asks_again_with_the_same_key() -> None:
    book = completing()
    key = book.awaited
    (book >> Restarted(())).shows("checking") << Complete(key, TXN)
    press(book, "undo") >> Restarted(())
    book << Reverse


def test_a_restart_while_printing_prints_a_copy_and_afterwards_nothing() -> None:
    book = paid() >> Restarted(())
    assert book.one(PrintReceipt).receipt.copy
    book >> Printed(book.awaited)
    (book >> Restarted(())).ends("settled")


STRAY = TimerFired("nobody_started_it")


@pytest.mark.parametrize("where", [rung_up, identified, quoted, authorising, completing, paid])
def test_what_a_step_does_not_know_changes_nothing(where: Callable[[], Playbook]) -> None:
    book = where()
    before = book.state
    assert (book >> STRAY).state == before
    assert book.effects == ()
    assert (Playbook(SALE) >> STRAY).state == Playbook(SALE).state


def test_a_member_with_one_coin_is_not_asked_which() -> None:
    book = identified()
    book >> Quoted(book.awaited, changed(OFFER, others=()))
    assert [action.id for action in book.screen.actions] == ["cancel", "confirm"]


@dataclass(frozen=True)
class Skips:
    """A step that sends every ticket back to itself."""

    name: str = "skips"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        return Screen(self.name, Say("common.done"))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Go(ticket, to="skips")

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        raise AssertionError("never reached")


def test_steps_that_skip_each_other_for_ever_are_a_programmers_error() -> None:
    with pytest.raises(AssertionError, match="in a circle"):
        Playbook(Flow("circle", (Skips(),)))
