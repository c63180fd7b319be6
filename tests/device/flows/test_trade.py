"""Buying and selling coins at a machine, as playbooks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.code import compose
from core.counter_effects import AskCounter, AskTradeQuote, Trade
from core.counter_events import CounterKnown, Traded, TradeQuoted
from core.effects import PrintReceipt, StartTimer, StopTimer
from core.events import (
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
    TimerFired,
    Unanswered,
)
from core.faults import Refusal
from core.ids import TxnId
from core.messages import Counter, TradeDone, TradeQuote, TradeSide
from core.receipt import Pair, Total
from core.screens import Keypad, Notice, say
from device.flows.flow import Flow
from device.flows.trade import BUY, SELL
from tests.device.answers import PRESENTATION, coins, won
from tests.device.counter_answers import BOUGHT, BUYING, COUNTER, SELLING, TIL, TRADED_AWAY
from tests.device.flows.test_withdraw import choices, notices, press
from tests.device.playbook import TXN, Playbook, changed

HANDS = ("camera", "nfc", "printer")
OTHER = TxnId.of(b"\x55" * 16)
LATE = Refusal("TM-SET-002")
GONE = Refusal("TM-MEM-132")
NO = Refusal("TM-TRD-002")


def looking(flow: Flow = BUY) -> Playbook:
    book = Playbook(flow, hands=HANDS)
    book >> CodeShown(Source.CAMERA, Form.WHOLE, compose(123_456_789, 4821).digits)
    return book >> Identified(book.awaited, PRESENTATION)


def known(flow: Flow = BUY, counter: Counter = COUNTER) -> Playbook:
    book = looking(flow)
    return book >> CounterKnown(book.awaited, counter)


def asking(flow: Flow = BUY) -> Playbook:
    return known(flow) >> Pressed("take:50000")


def quoted(flow: Flow = BUY) -> Playbook:
    book = asking(flow)
    return book >> TradeQuoted(book.awaited, BUYING if flow is BUY else SELLING)


def trading(flow: Flow = BUY) -> Playbook:
    return quoted(flow) >> Pressed("confirm")


@pytest.mark.parametrize(
    ("flow", "quote", "done", "coin"),
    [
        (BUY, BUYING, BOUGHT, Pair("Coins received", "4.975 TIL")),
        (SELL, SELLING, TRADED_AWAY, Pair("Coins sold", "5.025 TIL")),
    ],
)
def test_a_trade_from_the_first_finger_to_the_paper(flow: Flow, quote: TradeQuote, done: TradeDone, coin: Pair) -> None:
    book = looking(flow)
    book.shows("counter") << AskCounter(TXN.key("counter", 2), TXN, "pres-1")
    book >> CounterKnown(book.awaited, COUNTER)
    book.shows("trade_amount") >> Pressed("take:50000")
    book << AskTradeQuote(TXN.key("trade_price", 3), TXN, "pres-1", quote.side, "TIL", won(50_000))
    book.shows("quote") >> TradeQuoted(book.awaited, quote)
    book.shows("confirm") << StartTimer("renew", 25_000)
    book >> Pressed("confirm")
    book.shows("trade_execute") << Trade(TXN.key("trade_execute", 4), TXN, 7, "pres-1", "trade-capsule")
    book >> Traded(book.awaited, done)
    lines = book.shows("traded").one(PrintReceipt).receipt.lines
    assert coin in lines
    assert any(isinstance(line, Total) and line.right == "50,000 KRW" for line in lines)
    (book >> Printed(book.awaited)).refolded()
    (book >> Pressed("done")).ends("traded")


@pytest.mark.parametrize(
    ("flow", "counter", "code"),
    [
        (BUY, changed(COUNTER, buyable=(), coins=()), "TM-TRD-004"),
        (SELL, changed(COUNTER, buyable=(), coins=()), "TM-TRD-004"),
        (BUY, changed(COUNTER, fiat=won(0)), "TM-TRD-002"),
        (SELL, changed(COUNTER, coins=()), "TM-TRD-002"),
        (SELL, changed(COUNTER, coins=(changed(TIL, worth=won(0)),)), "TM-TRD-002"),
    ],
)
def test_what_cannot_be_traded_now_ends_by_name_before_anything_is_chosen(
    flow: Flow, counter: Counter, code: str
) -> None:
    book = known(flow, counter).ends("declined").shows("declined")
    assert code in str(book.screen.blocks)


def test_the_coin_is_asked_for_where_there_are_several() -> None:
    two = (TIL, changed(TIL, quantity=changed(TIL.quantity, asset="BTC")))
    for flow in (BUY, SELL):
        book = known(flow, changed(COUNTER, coins=two, buyable=two)).shows("trade_coin")
        assert choices(book.screen) == ["coin:TIL", "coin:BTC"]
        press(book, "coin:XRP", "nonsense", "take:50000").shows("trade_coin")
        press(book, "coin:BTC").shows("trade_amount")
        press(book, "take:50000")
        assert book.one(AskTradeQuote).asset == "BTC"


def test_an_amount_is_offered_up_to_what_is_there_and_any_other_is_typed() -> None:
    assert choices(known(BUY).screen) == ["take:10000", "take:50000", "take:100000"]
    assert choices(known(SELL).screen) == ["take:10000", "take:50000", "take:100000"]
    assert choices(known(BUY, changed(COUNTER, fiat=won(5_000))).screen) == []
    book = press(known(), "other", "digit:1", "digit:2", "erase", "digit:00").shows("trade_typed")
    assert next(block for block in book.screen.blocks if isinstance(block, Keypad)).shown == "100"
    press(book, "nonsense").shows("trade_typed")
    assert press(book, "take").one(AskTradeQuote).fiat == won(100)


def test_more_than_there_is_or_nothing_is_said_before_it_is_asked() -> None:
    book = press(known(), "other", "take")
    assert say("trade.nothing") in notices(book.shows("trade_typed").wants_no(AskTradeQuote).screen)
    press(book, "digit:1", "digit:00", "digit:00", "digit:1", "take")
    assert say("trade.too_much", limit="100,000 ₩") in notices(book.wants_no(AskTradeQuote).screen)
    press(book, "back").shows("trade_amount")
    press(book, "take:7", "nonsense").shows("trade_amount")
    book >> TimerFired("linger")


@pytest.mark.parametrize("answer", [lambda key: Refused(key, NO), lambda key: Unanswered(key, "TM-LINE-001")])
def test_a_question_without_an_answer_can_be_asked_again(answer: Callable[[str], Event]) -> None:
    book = looking()
    press(book >> answer(book.awaited), "take:1").shows("counter_refused")
    press(book, "again") << AskCounter(TXN.key("counter", 3), TXN, "pres-1")
    book >> CounterKnown(book.awaited, COUNTER)
    press(book, "take:50000")
    (book >> answer(book.awaited)).shows("quote_refused")
    press(book, "again").shows("quote").one(AskTradeQuote)
    (book >> TradeQuoted(book.awaited, BUYING)).shows("confirm")


def test_a_wallet_in_another_currency_is_no_answer() -> None:
    known(BUY, changed(COUNTER, fiat=coins("1"))).shows("counter_refused")


@pytest.mark.parametrize(
    "quote",
    [
        changed(BUYING, txn=OTHER),
        changed(BUYING, fiat=won(60_000)),
        changed(BUYING, coins=changed(BUYING.coins, asset="BTC")),
        SELLING,
    ],
)
def test_a_promise_about_something_else_is_no_promise(quote: TradeQuote) -> None:
    book = asking()
    before = book.state
    book >> TradeQuoted(book.awaited, quote)
    assert book.state == before
    book >> TradeQuoted("another/key/1", BUYING)
    press(book, "confirm", "again").wants_no(Trade)


def test_a_new_promise_is_asked_for_before_the_old_one_ends_and_the_old_one_stands_meanwhile() -> None:
    book = quoted() >> TimerFired("renew")
    book.shows("confirm") << AskTradeQuote
    (book >> TimerFired("renew")).wants_no(AskTradeQuote)
    (book >> Unanswered(book.awaited, "TM-LINE-001")).shows("confirm")
    assert any(isinstance(block, Notice) for block in book.screen.blocks)
    (book >> Pressed("confirm")) << Trade
    (asking() >> TimerFired("renew")).wants_no(AskTradeQuote)


@pytest.mark.parametrize("book_of", [looking, asking, trading])
def test_a_code_whose_life_is_over_is_asked_for_again(book_of: Callable[[], Playbook]) -> None:
    book = book_of()
    (book >> Refused(book.awaited, GONE)).shows("identify")
    assert say("withdraw.code_again") in notices(book.screen)
    assert book.state.ticket.price is None


@pytest.mark.parametrize("book_of", [looking, known, asking, quoted])
def test_before_the_act_everybody_may_leave_and_nothing_has_moved(book_of: Callable[[], Playbook]) -> None:
    for event, outcome in (
        (Pressed("cancel"), "cancelled"),
        (TimerFired("idle"), "cancelled"),
        (Restarted(()), "restarted"),
    ):
        book = (book_of() >> event).ends(outcome).shows("cancelled")
        assert say("common.no_money_moved") in notices(book.screen)


def test_a_promise_that_ended_on_the_way_is_made_anew() -> None:
    book = trading()
    (book >> Refused(book.awaited, LATE)).shows("quote") << AskTradeQuote


def test_a_no_ends_it_by_name() -> None:
    book = trading()
    (book >> Refused(book.awaited, NO)).ends("declined").shows("declined")


def test_without_an_answer_the_same_key_asks_again_until_there_is_one() -> None:
    book = trading()
    first = book.one(Trade)
    press(book, "leave", "cancel").shows("trade_execute")
    (book >> Unanswered(book.awaited, "TM-LINE-001")).shows("checking") << StartTimer("check", 3_000)
    assert (book >> TimerFired("check")).one(Trade) == first
    book >> Traded(first.key, changed(BOUGHT, txn=OTHER))
    book >> Traded("another/key/1", BOUGHT)
    (book >> Traded(first.key, BOUGHT)).shows("traded") << StopTimer("check")


def test_who_will_not_wait_leaves_the_question_to_the_outbox() -> None:
    book = trading()
    book >> Unanswered(book.awaited, "TM-LINE-001")
    press(book, "leave").ends("follows").shows("follows")
    assert say("counter.follows_money") in notices(book.screen)
    assert Trade.must_arrive


def test_a_machine_does_not_ask_forever() -> None:
    book = trading()
    for _ in range(8):
        book >> Unanswered(book.awaited, "TM-LINE-001")
        book >> TimerFired("check")
    (book >> Unanswered(book.awaited, "TM-LINE-001")).ends("follows")


def test_a_restart_in_the_middle_of_the_act_asks_again_with_the_same_key() -> None:
    book = trading()
    first = book.one(Trade)
    assert (book >> Restarted(())).shows("checking").one(Trade) == first
    (book >> Traded(first.key, BOUGHT)).shows("traded")


def test_a_side_is_what_the_menu_said() -> None:
    assert asking(SELL).one(AskTradeQuote).side is TradeSide.SELL


def test_a_trade_whose_paper_does_not_come_out_is_on_the_phone() -> None:
    book = trading()
    book >> Traded(book.awaited, BOUGHT)
    (book >> NotPrinted(book.awaited, "TM-PRN-001")).shows("traded")
    (book >> Pressed("done")).ends("traded")
