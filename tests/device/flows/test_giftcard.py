"""Buying a gift card at a machine, as playbooks: the code is worth money, and stands on no disk."""

from __future__ import annotations

from typing import Any

import pytest

from core.code import compose
from core.codec import from_tagged, tagged
from core.counter_effects import AskCardQuote, BuyCard
from core.counter_events import CardQuoted, CardSold, CounterKnown
from core.effects import AskApproval, Effect, PrintReceipt
from core.events import (
    ApprovalSeen,
    CodeShown,
    Event,
    Form,
    Identified,
    NotPrinted,
    Pressed,
    Printed,
    Refused,
    Restarted,
    Source,
    TicketOpened,
    TimerFired,
    Unanswered,
)
from core.faults import Refusal
from core.ids import TxnId
from core.messages import Counter, GiftQuote, Tender
from core.receipt import CardCode, CopyMark, Pair, Total
from core.receipt_text import as_text
from core.screens import Facts, QrCode, say
from device.flows.flow import advance, start
from device.flows.giftcard import GIFTCARD
from tests.device.answers import PRESENTATION, won
from tests.device.cash_answers import APPROVAL, APPROVED
from tests.device.counter_answers import CARD, CODE, COIN_CARD, COIN_SOLD, COUNTER, GONE, MOON, SOLD, SUN, TIL
from tests.device.flows.test_withdraw import choices, notices, press
from tests.device.playbook import TXN, Playbook, changed

HANDS = ("camera", "nfc", "printer")
OTHER = TxnId.of(b"\x55" * 16)
NO_COIN = changed(COUNTER, coins=())


def known(counter: Counter = NO_COIN, hands: tuple[str, ...] = HANDS, lang: str = "en") -> Playbook:
    book = Playbook(GIFTCARD, hands=hands)
    if lang == "ko":
        book >> Pressed("language")
    book >> CodeShown(Source.CAMERA, Form.WHOLE, compose(123_456_789, 4821).digits)
    book >> Identified(book.awaited, PRESENTATION)
    return book >> CounterKnown(book.awaited, counter)


def quoted(hands: tuple[str, ...] = HANDS, lang: str = "en") -> Playbook:
    book = known(hands=hands, lang=lang) >> Pressed("face:10000")
    return book >> CardQuoted(book.awaited, CARD)


def buying(hands: tuple[str, ...] = HANDS, lang: str = "en") -> Playbook:
    return quoted(hands, lang) >> Pressed("confirm")


def sold(hands: tuple[str, ...] = HANDS, lang: str = "en") -> Playbook:
    book = buying(hands, lang)
    return book >> CardSold(book.awaited, SOLD)


def test_a_card_from_the_first_finger_to_the_paper() -> None:
    book = known().shows("gift_face")
    assert choices(book.screen) == ["face:10000", "face:50000"]
    book >> Pressed("face:10000")
    book.wants_no(AskApproval)
    book << AskCardQuote(TXN.key("gift_price", 3), TXN, "pres-1", "moon", won(10_000), Tender.FIAT)
    book >> CardQuoted(book.awaited, CARD)
    book.shows("confirm") >> Pressed("confirm")
    book.shows("gift_buy") << BuyCard(TXN.key("gift_buy", 4), TXN, 7, "pres-1", "gift-capsule")
    book >> CardSold(book.awaited, SOLD)
    paper = book.shows("card_sold").one(PrintReceipt).receipt
    assert Total("VALUE", "10,000 KRW") in paper.lines
    assert any(isinstance(line, CardCode) and line.code == CODE for line in paper.lines)
    assert CODE not in str(book.screen)
    text = as_text(paper)
    assert "Show the code." in text
    assert text.count(CODE) == 2
    (book >> Printed(book.awaited)).refolded()
    (book >> Pressed("done")).ends("card_sold")


def test_in_korean_the_paper_says_name_and_use_in_korean() -> None:
    text = as_text(sold(lang="ko").one(PrintReceipt).receipt)
    assert "달빛커피" in text
    assert "코드를 보여 주세요." in text


def test_a_coin_sold_on_the_spot_stands_on_the_paper() -> None:
    book = press(known(COUNTER), "face:10000").shows("gift_tender")
    assert choices(book.screen) == ["use:fiat", "use:coin"]
    press(book, "nonsense", "use:coin")
    assert book.one(AskCardQuote).tender is Tender.COIN
    book >> CardQuoted(book.awaited, COIN_CARD)
    book >> Pressed("confirm")
    book >> CardSold(book.awaited, COIN_SOLD)
    lines = book.one(PrintReceipt).receipt.lines
    assert Pair("Coins sold", "1.005 TIL") in lines
    assert Pair("Rate", "1 TIL = 10,000 KRW") in lines


@pytest.mark.parametrize(
    ("counter", "tender"),
    [
        (NO_COIN, Tender.FIAT),
        (changed(COUNTER, fiat=won(0)), Tender.COIN),
        (changed(COUNTER, fiat=won(0), coins=()), Tender.FIAT),
        (changed(COUNTER, coins=(changed(TIL, worth=won(9_999)),)), Tender.FIAT),
    ],
)
def test_the_tender_is_asked_only_where_there_is_a_choice(counter: Counter, tender: Tender) -> None:
    assert press(known(counter), "face:10000").one(AskCardQuote).tender is tender


def test_money_may_be_chosen_beside_a_coin() -> None:
    assert press(known(COUNTER), "face:10000", "use:fiat").one(AskCardQuote).tender is Tender.FIAT


def test_above_the_small_limit_the_phone_is_asked_for_amount_machine_and_issuer() -> None:
    book = press(known(), "face:50000").shows("approve_asking")
    book << AskApproval(TXN.key("approve", 3), TXN, "pres-1", won(50_000), "Moonlight Coffee")
    book >> ApprovalSeen(book.awaited, APPROVAL)
    rows = dict(next(block for block in book.shows("approve").screen.blocks if isinstance(block, Facts)).rows)
    assert say("gift.approve.what") in rows
    assert [action.id for action in book.screen.actions] == ["cancel"]
    (book >> ApprovalSeen(book.awaited, APPROVED)) << AskCardQuote


def test_the_issuer_is_asked_for_where_there_are_several_and_the_sold_out_are_not_shown() -> None:
    book = known(changed(NO_COIN, cards=(MOON, SUN, GONE))).shows("gift_issuer")
    assert choices(book.screen) == ["issuer:moon", "issuer:sun"]
    press(book, "issuer:gone", "face:10000", "back").shows("gift_issuer")
    press(book, "issuer:sun").shows("gift_face")
    press(book, "back").shows("gift_issuer")
    press(book, "issuer:sun", "face:50000", "nonsense").shows("gift_face")
    press(known(), "back").shows("gift_face")
    assert press(book, "face:10000").one(AskCardQuote).issuer == "sun"


def test_with_nothing_in_stock_it_ends_by_name_before_anything_is_chosen() -> None:
    book = known(changed(COUNTER, cards=(GONE,))).ends("declined")
    assert "TM-GIFT-002" in str(book.screen.blocks)


def test_before_the_act_everybody_may_leave() -> None:
    for book_of in (known, lambda: press(known(COUNTER), "face:10000"), quoted):
        for event, outcome in (
            (Pressed("cancel"), "cancelled"),
            (TimerFired("idle"), "cancelled"),
            (Restarted(()), "restarted"),
        ):
            (book_of() >> event).ends(outcome).shows("cancelled")
    (known() >> TimerFired("linger")).shows("gift_face")


@pytest.mark.parametrize(
    "quote",
    [
        changed(CARD, txn=OTHER),
        changed(CARD, issuer="sun"),
        changed(CARD, face=won(50_000)),
        COIN_CARD,
        changed(CARD, rate=won(1)),
    ],
)
def test_a_promise_about_another_card_is_no_promise(quote: GiftQuote) -> None:
    book = known() >> Pressed("face:10000")
    before = book.state
    book >> CardQuoted(book.awaited, quote)
    assert book.state == before
    assert (book >> TimerFired("linger")).state == before


def test_the_last_card_may_go_meanwhile_and_nothing_has_moved() -> None:
    book = buying()
    (book >> Refused(book.awaited, Refusal("TM-GIFT-002"))).ends("declined").shows("declined")
    assert say("common.no_money_moved") in notices(book.screen)


def test_a_yes_for_another_transaction_is_none() -> None:
    book = buying()
    book >> CardSold(book.awaited, changed(SOLD, txn=OTHER))
    book.shows("gift_buy") >> CardSold("another/key/1", SOLD)
    book.shows("gift_buy")


def test_without_paper_the_code_stands_on_the_screen_to_be_photographed() -> None:
    book = known(hands=("camera",))
    assert say("gift.no_paper") in notices(book.screen)
    book = sold(hands=("camera",))
    (book >> NotPrinted(book.awaited, "TM-PRN-011")).shows("card_sold")
    shown = next(block for block in book.screen.blocks if isinstance(block, QrCode))
    assert (shown.payload, shown.caption) == (CODE, say("gift.photo"))
    receipt = press(book, "print_again").one(PrintReceipt).receipt
    assert receipt.copy
    assert any(isinstance(line, CopyMark) for line in receipt.lines)


def masked(book: Playbook) -> Any:
    """The ticket as it is folded from a journal: every event read back from what the disk would hold."""
    (opened_at, opened), *rest = book.history
    assert isinstance(opened, TicketOpened)
    state = start(GIFTCARD, opened, opened_at).state
    for at, event in rest:
        state = advance(state, from_tagged(Event, tagged(event, mask=True)), at).state
    return state


def test_no_code_reaches_the_disk_of_a_machine() -> None:
    book = sold()
    for _, event in book.history:
        assert CODE not in str(tagged(event, mask=True))
    effects: list[Effect] = [effect for effect in book.effects if isinstance(effect, PrintReceipt)]
    assert CODE not in str([tagged(effect, mask=True) for effect in effects])
    assert CODE not in repr(effects)


@pytest.mark.parametrize("paper", ["printing", "failed"])
def test_after_a_restart_the_exchange_is_asked_again_and_a_copy_comes_out(paper: str) -> None:
    book = sold()
    if paper == "failed":
        book >> NotPrinted(book.awaited, "TM-PRN-001")
    book.state = masked(book)
    assert book.state.ticket.counter.sold.code == "*"
    book >> Restarted(())
    asked = book.shows("gift_buy").wants_no(PrintReceipt).one(BuyCard)
    assert (asked.txn, asked.quote) == (TXN, "gift-capsule")
    paper_again = (book >> CardSold(asked.key, SOLD)).one(PrintReceipt).receipt
    assert paper_again.copy
    assert CODE in as_text(paper_again)


def test_a_paper_that_came_out_is_not_printed_again_after_a_restart() -> None:
    book = sold()
    book >> Printed(book.awaited)
    (book >> Restarted(())).ends("card_sold")


def test_a_sold_card_is_never_called_unsold_when_the_question_after_a_restart_fails() -> None:
    book = sold()
    book >> Restarted(())
    (book >> Refused(book.awaited, Refusal("TM-HTTP-001"))).ends("follows").shows("follows")
    book = sold()
    book >> Restarted(())
    book >> Unanswered(book.awaited, "TM-LINE-001")
    press(book, "leave").ends("follows")
