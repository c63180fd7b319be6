"""Venues through ccxt, against the same far ends as our own adapters: every fault by name, exact to the last digit."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from backend.market.asking import Asking
from backend.market.board import PriceBoard
from backend.market.ccxt_venue import CcxtVenue, exact_number, open_ccxt
from backend.market.desk import Settings, Side, Venue, open_market
from backend.market.reporter import Reporter
from backend.market.rules import Bands, Pair
from backend.market.venue import Nonsense, Quoted
from backend.refused import Refused
from core.asset import BTC, KRW, Asset
from core.faults import Refusal
from core.faults.market import (
    PAIR_UNKNOWN,
    PRICE_NEGATIVE,
    PRICE_NOT_A_NUMBER,
    PRICE_SPIKE,
    PRICE_STALE,
    PRICE_ZERO,
    VENUE_LIBRARY_ABSENT,
    VENUE_UNKNOWN,
)
from core.moment import Moment
from sim.peers import venue as far
from sim.peers.venue import Trouble
from sim.peers.venue_server import Ticker, VenueServer

# The library is large: it is installed, and these tests run, in the long tier only.
full = pytest.mark.full
USDT = Asset("USDT", 8)
PAIR = Pair(BTC, KRW)
DOLLARS = Pair(BTC, USDT)
KINDS = ["upbit", "binance"]
DEADLINE_S = 40.0


class Lines:
    """A log that keeps what was said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.said.append((event, fields))

    warning = info
    error = info


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def now() -> Moment:
    return Moment(wall_ms())


@dataclass
class Far:
    """A venue, and the library talking to it."""

    market: far.Market
    server: VenueServer
    ours: CcxtVenue

    def ask(self) -> list[Any]:
        return list(self.ours.ask())


@pytest.fixture(scope="module", params=KINDS)
def opened(request: pytest.FixtureRequest) -> Iterator[Far]:
    market = far.Market({far.Pair("BTC", "KRW"): 10_000, far.Pair("BTC", "USDT", 8): 1}, seed=7)
    server = VenueServer(request.param, request.param, market, seed=1, now_ms=wall_ms)
    server.start()
    ours = open_ccxt(f"ccxt:{request.param}", server.url, [PAIR, DOLLARS], threading.Event())
    yield Far(market, server, ours)
    ours.close()
    server.close()


@pytest.fixture(autouse=True)
def calm(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "opened" in request.fixturenames:
        request.getfixturevalue("opened").server.trouble = Trouble.NONE


@full
@pytest.mark.parametrize("kind", KINDS)
def test_prices_come_through_the_library_exact_to_the_last_digit(kind: str) -> None:
    # To a float this price is 10,000 exactly; a bid of 9,999.99... is worth 9,999 won and no more.
    market = far.Market({far.Pair("BTC", "KRW", 16): 1}, seed=7)
    market.put("BTC", 99_999_999_999_999_999_999)
    server = VenueServer(kind, kind, market, seed=1, now_ms=wall_ms)
    server.start()
    ours = open_ccxt(f"ccxt:{kind}", server.url, [PAIR], threading.Event())
    try:
        (heard,) = ours.ask()
        assert isinstance(heard, Quoted)
        assert (heard.bid, heard.ask, heard.last) == (9_999, 10_000, 9_999)
    finally:
        ours.close()
        server.close()


@full
def test_the_venues_own_time_comes_with_a_book_that_tells_one(opened: Far) -> None:
    opened.market.put("BTC", 10_000)
    before, heard = wall_ms(), opened.ask()
    if opened.server.kind == "upbit":
        assert all(before <= one.at_ms <= wall_ms() for one in heard)
    else:
        assert [one.at_ms for one in heard] == [None, None], "this exchange's book tells no time"


WRONG = [
    (Trouble.ZERO, PRICE_ZERO),
    (Trouble.NEGATIVE, PRICE_NEGATIVE),
    (Trouble.NAN, PRICE_NOT_A_NUMBER),
    (Trouble.HUGE, PRICE_NOT_A_NUMBER),
    (Trouble.GARBAGE, PRICE_NOT_A_NUMBER),
]


@full
@pytest.mark.parametrize(("trouble", "page"), WRONG)
def test_nonsense_is_named_for_each_pair(opened: Far, trouble: Trouble, page: Any) -> None:
    opened.market.put("BTC", 10_000)
    opened.server.trouble = trouble
    assert [(one.pair, one.page) for one in opened.ask() if isinstance(one, Nonsense)] == [
        (PAIR, page),
        (DOLLARS, page),
    ]
    opened.server.trouble = Trouble.NONE
    assert all(isinstance(one, Quoted) for one in opened.ask())


@full
@pytest.mark.parametrize(("trouble", "within_s"), [(Trouble.DOWN, 10.0), (Trouble.SLOW, 20.0)])
def test_a_venue_that_is_down_or_slow_is_no_news_and_holds_nobody_up(
    opened: Far, trouble: Trouble, within_s: float
) -> None:
    opened.server.trouble = trouble
    began = time.monotonic()
    with pytest.raises(OSError, match=r"503|timed out"):
        opened.ask()
    assert time.monotonic() - began < within_s


@full
def test_a_pair_the_venue_does_not_list_is_refused_by_name_and_the_others_go_on(opened: Far) -> None:
    ours = open_ccxt(
        f"ccxt:{opened.server.kind}", opened.server.url, [Pair(Asset("XRP", 6), KRW), PAIR], threading.Event()
    )
    try:
        unknown, good = ours.ask()
        assert isinstance(unknown, Nonsense)
        assert unknown.page is PAIR_UNKNOWN
        assert isinstance(good, Quoted)
    finally:
        ours.close()


@full
@pytest.mark.parametrize("trouble", [Trouble.GARBAGE, Trouble.DOWN])
def test_a_list_of_markets_that_cannot_be_read_is_asked_for_again(opened: Far, trouble: Trouble) -> None:
    ours = open_ccxt(f"ccxt:{opened.server.kind}", opened.server.url, [PAIR], threading.Event())
    opened.server.trouble = trouble
    try:
        try:
            (only,) = ours.ask()
            assert isinstance(only, Nonsense)
            assert only.pair is None
            assert trouble is Trouble.GARBAGE
        except OSError:
            assert trouble is Trouble.DOWN
        opened.server.trouble = Trouble.NONE
        assert [type(one) for one in ours.ask()] == [Quoted]
    finally:
        ours.close()


@full
def test_questions_keep_the_exchanges_distance_and_the_pause_ends_with_the_server(opened: Far) -> None:
    ending = threading.Event()
    ours = open_ccxt(f"ccxt:{opened.server.kind}", opened.server.url, [PAIR, DOLLARS], ending)
    try:
        list(ours.ask())
        began = time.monotonic()
        list(ours.ask())
        assert time.monotonic() - began >= 0.1, "four questions, each at the pace the exchange allows"
        ending.set()
        with pytest.raises(OSError, match="ending"):
            list(ours.ask())
    finally:
        ours.close()


@full
def test_nothing_is_asked_of_any_other_address_and_nothing_but_read(opened: Far) -> None:
    exchange = opened.ours._exchange
    assert all(one.startswith(opened.server.url) for one in exchange.urls["api"].values())
    with pytest.raises(OSError, match="read and nothing else"):
        exchange.fetch(opened.server.url, "POST", None, "{}")


@full
def test_a_price_that_is_a_float_after_all_is_nonsense(opened: Far) -> None:
    ours = open_ccxt(f"ccxt:{opened.server.kind}", opened.server.url, [PAIR], threading.Event())
    ours._exchange.safe_float = lambda said, key, default=None: float(said[key]) if key in said else default
    ours._exchange.parse_order_book_bid_ask = lambda *_: [10_000.0, 1.0]
    try:
        (only,) = ours.ask()
        assert isinstance(only, Nonsense)
        assert "float" in only.detail
    finally:
        ours.close()


@full
def test_the_library_stands_beside_our_own_adapter_through_every_trouble() -> None:
    market = far.Market({far.Pair("BTC", "KRW"): 10_000}, seed=7)
    market.put("BTC", 10_000)
    alpha = VenueServer("upbit", "alpha", market, seed=1, now_ms=wall_ms)
    beta = VenueServer("binance", "beta", market, seed=2, now_ms=wall_ms)
    alpha.start()
    beta.start()
    ticker = Ticker(market, 0.05)
    venues = (
        Venue("alpha", "ccxt:upbit", alpha.url, "", ("BTC/KRW",)),
        Venue("beta", "binance", beta.url, beta.stream, ("BTC/KRW",)),
    )
    feeds = open_market(
        Settings(venues, stale_ms=2_000), {"BTC": BTC, "KRW": KRW}, now=now, monotonic_ms=monotonic_ms, log=Lines()
    )

    def seen() -> int | str:
        found = feeds.board.snapshot().price(PAIR, Side.SELL)
        return found.code if isinstance(found, Refusal) else found.rate.price.minor

    def until(wanted: int | str) -> None:
        ends = time.monotonic() + DEADLINE_S
        while seen() != wanted:
            assert time.monotonic() < ends, f"still {seen()}, wanted {wanted}"
            time.sleep(0.01)

    try:
        until(10_000)
        assert feeds.health() == {"alpha": "polling", "beta": "live"}
        for trouble, page in [
            (Trouble.ZERO, PRICE_ZERO),
            (Trouble.RUNAWAY, PRICE_SPIKE),
            (Trouble.STOPPED, PRICE_STALE),
            (Trouble.DOWN, PRICE_STALE),
        ]:
            alpha.trouble = trouble
            until(page.code)
            alpha.trouble = Trouble.NONE
            until(10_000)
    finally:
        feeds.close()
        ticker.close()
        alpha.close()
        beta.close()


@full
def test_an_exchange_the_library_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(Refused) as caught:
        open_ccxt("ccxt:bithump", "", [PAIR], threading.Event())
    assert caught.value.code == VENUE_UNKNOWN.code


def test_without_the_library_the_refusal_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)  # what Python itself keeps for a module that is not to be had
    venues = tuple(Venue(name, "ccxt:upbit", "http://127.0.0.1:1", "", ("BTC/KRW",)) for name in ("a", "b"))
    with pytest.raises(Refused, match="venues") as caught:
        open_market(Settings(venues), {"BTC": BTC, "KRW": KRW}, now=now, monotonic_ms=monotonic_ms, log=Lines())
    assert caught.value.code == VENUE_LIBRARY_ABSENT.code
    assert "requirements/venues.txt" in VENUE_LIBRARY_ABSENT.technician


NUMBERS: list[tuple[object, object, Decimal | None]] = [
    ({"p": "90071992547409.93"}, "p", Decimal("90071992547409.93")),
    (["1e-8"], 0, Decimal("1E-8")),
    (["NaN"], 1, None),
    ({"p": "ten"}, "p", None),
    ({"p": None}, "p", None),
    ({"p": 1.5}, "p", None),
    ("<html>", "p", None),
]


@pytest.mark.parametrize(("said", "key", "expected"), NUMBERS)
def test_a_number_is_read_from_its_text_and_never_from_a_float(said: Any, key: Any, expected: Decimal | None) -> None:
    assert exact_number(said, key) == expected


def test_a_venue_that_is_asked_is_lost_and_back_again_and_said_so_once() -> None:
    answers: list[Callable[[], Iterator[Any]]] = []

    class Script:
        def ask(self) -> Iterator[Any]:
            return answers.pop(0)() if len(answers) > 1 else answers[0]()

        def close(self) -> None: ...

    def down() -> Iterator[Any]:
        raise OSError("no route")

    answers += [down, down, lambda: iter([Quoted(PAIR, 10_000, 10_000, None)])]
    log = Lines()
    board = PriceBoard([PAIR], Bands(), monotonic_ms)
    reporter = Reporter("a", (PAIR,), board, now=now, monotonic_ms=monotonic_ms, log=log)
    asking = Asking(Script(), reporter, threading.Event(), every_s=0.01)
    assert asking.state == "starting"
    asking.start()
    try:
        ends = time.monotonic() + DEADLINE_S
        while asking.state != "polling":
            assert time.monotonic() < ends
            time.sleep(0.005)
    finally:
        asking.close()
    assert [event for event, _ in log.said] == ["venue_lost", "venue_back"]
