"""The counter on the line: which question an effect is, and which replies count."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.codec import BadMessage, to_plain
from core.counter_effects import AskCardQuote, AskCounter, AskTradeQuote, BuyCard, Trade
from core.counter_events import CardQuoted, CardSold, CounterKnown, Traded, TradeQuoted
from core.ids import TxnId
from core.messages import Tender, TradeSide
from sync.exchange_routes import MONEY, QUICK, ForeignReply, NoMeaning, Servers, ask_of, deadline_of, event_of
from tests.device.answers import won
from tests.device.counter_answers import BOUGHT, BUYING, CARD, COUNTER, SOLD
from tests.device.playbook import TXN, changed

SERVERS = Servers("http://e", "http://a")
OTHER = TxnId.of(b"\x55" * 16)
KEY = TXN.key("step", 1)
CASES: list[tuple[Any, str, Any, Any]] = [
    (AskCounter(KEY, TXN, "p"), "/counter", COUNTER, CounterKnown(KEY, COUNTER)),
    (
        AskTradeQuote(KEY, TXN, "p", TradeSide.BUY, "TIL", won(50_000)),
        "/counter/quotes",
        BUYING,
        TradeQuoted(KEY, BUYING),
    ),
    (Trade(KEY, TXN, 7, "p", "q"), "/counter/trades", BOUGHT, Traded(KEY, BOUGHT)),
    (AskCardQuote(KEY, TXN, "p", "moon", won(10_000), Tender.FIAT), "/gift-cards/quotes", CARD, CardQuoted(KEY, CARD)),
    (BuyCard(KEY, TXN, 7, "p", "q"), "/gift-cards", SOLD, CardSold(KEY, SOLD)),
]


@pytest.mark.parametrize(("effect", "path", "reply", "event"), CASES)
def test_each_effect_is_one_question_and_its_reply_one_event(effect: Any, path: str, reply: Any, event: Any) -> None:
    ask = ask_of(effect, SERVERS)
    assert (ask.method, ask.url, ask.key) == ("POST", "http://e/v1" + path, KEY)
    assert json.loads(ask.body)["txn"] == to_plain(TXN)
    assert event_of(effect, to_plain(reply)) == event
    assert deadline_of(effect) == (MONEY if isinstance(effect, Trade | BuyCard) else QUICK)


@pytest.mark.parametrize(("effect", "path", "reply", "event"), CASES)
def test_a_reply_of_another_transaction_or_half_a_reply_is_none(effect: Any, path: str, reply: Any, event: Any) -> None:
    with pytest.raises(ForeignReply):
        event_of(effect, to_plain(changed(reply, txn=OTHER)))
    with pytest.raises(BadMessage):
        event_of(effect, {"txn": to_plain(TXN)})


@pytest.mark.parametrize(
    ("effect", "reply"),
    [
        (CASES[1][0], changed(BUYING, side=TradeSide.SELL)),
        (CASES[1][0], changed(BUYING, fiat=won(1))),
        (CASES[3][0], changed(CARD, issuer="sun")),
        (CASES[3][0], changed(CARD, face=won(1))),
        (CASES[4][0], changed(SOLD, code="")),
    ],
)
def test_a_reply_that_does_not_fit_its_question_means_nothing(effect: Any, reply: Any) -> None:
    with pytest.raises(NoMeaning):
        event_of(effect, to_plain(reply))
