"""The adapters against venues that speak on real sockets: every fault of a venue, by name, and back again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backend.market.binance import Binance
from backend.market.desk import Market, Pair, Settings, Side, Venue, open_market
from backend.market.upbit import Upbit
from backend.market.venue import Nonsense, Quoted
from backend.refused import Refused
from core.asset import BTC, KRW, Asset
from core.faults import Refusal
from core.faults.market import (
    BOOK_CROSSED,
    NO_VENUE,
    PAIR_UNKNOWN,
    PRICE_NEGATIVE,
    PRICE_NOT_A_NUMBER,
    PRICE_SPIKE,
    PRICE_STALE,
    PRICE_ZERO,
    VENUE_UNKNOWN,
)
from core.moment import Moment
from sim.peers import venue as far
from sim.peers.venue import Trouble
from sim.peers.venue_server import Ticker, VenueServer

ETH = Asset("ETH", 8)
PAIR = Pair(BTC, KRW)
ASSETS = {"BTC": BTC, "ETH": ETH, "KRW": KRW}
DEADLINE_S = 40.0


class Lines:
    """A log that keeps what was said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.said.append((event, fields))

    warning = info
    error = info


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def now() -> Moment:
    return Moment(time.time_ns() // 1_000_000)


@dataclass
class Street:
    """Two venues of different shape in one market, and our feeds listening to them."""

    market: far.Market
    alpha: VenueServer
    beta: VenueServer
    feeds: Market
    log: Lines

    def price(self, side: Side = Side.SELL) -> int | str:
        found = self.feeds.board.snapshot().price(PAIR, side)
        return found.code if isinstance(found, Refusal) else found.rate.price.minor

    def until(self, expected: object) -> None:
        """Wait until the price, or the reason why there is none, is `expected` (or satisfies it)."""
        wanted: Callable[[Any], bool] = expected if callable(expected) else lambda seen: seen == expected
        ends = time.monotonic() + DEADLINE_S
        while not wanted(self.price()):
            assert time.monotonic() < ends, f"still {self.price()}, wanted {expected}"
            time.sleep(0.005)


def settings(alpha: VenueServer, beta: VenueServer) -> Settings:
    return Settings(
        tuple(Venue(one.venue.name, one.kind, one.url, one.stream, ("BTC/KRW", "ETH/KRW")) for one in (alpha, beta)),
        stale_ms=800,
    )


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    market = far.Market({far.Pair("BTC", "KRW"): 10_000, far.Pair("ETH", "KRW"): 3_000}, seed=7)
    market.put("BTC", 10_000)
    alpha = VenueServer("upbit", "alpha", market, seed=1, now_ms=monotonic_ms)
    beta = VenueServer("binance", "beta", market, seed=2, now_ms=monotonic_ms)
    alpha.start()
    beta.start()
    ticker = Ticker(market, 0.02)
    log = Lines()
    feeds = open_market(settings(alpha, beta), ASSETS, now=now, monotonic_ms=monotonic_ms, log=log)
    yield Street(market, alpha, beta, feeds, log)
    feeds.close()
    ticker.close()
    alpha.close()
    beta.close()


@pytest.fixture(autouse=True)
def calm(street: Street) -> Iterator[None]:
    """Each test begins and ends with two venues in good health at exactly 10,000."""
    street.until(10_000)
    yield
    street.alpha.trouble = street.beta.trouble = Trouble.NONE
    street.market.put("BTC", 10_000)
    street.until(10_000)


def test_two_venues_of_different_shape_agree_on_a_price_that_was_set_exactly(street: Street) -> None:
    assert street.price(Side.SELL) == street.price(Side.BUY) == 10_000
    assert set(street.feeds.health().values()) == {"live"}
    found = street.feeds.board.snapshot().price(PAIR, Side.SELL)
    assert not isinstance(found, Refusal)
    assert [name for name, _, _ in found.sources] == ["alpha", "beta"]


def test_a_market_that_walks_or_jumps_is_followed(street: Street) -> None:
    street.market.put("BTC", 50_000_000, still=False)
    street.until(lambda seen: isinstance(seen, int) and seen > 49_000_000)


WRONG = [
    (Trouble.SPIKE, PRICE_SPIKE),
    (Trouble.ZERO, PRICE_ZERO),
    (Trouble.NEGATIVE, PRICE_NEGATIVE),
    (Trouble.NAN, PRICE_NOT_A_NUMBER),
    (Trouble.HUGE, PRICE_NOT_A_NUMBER),
    (Trouble.GARBAGE, PRICE_NOT_A_NUMBER),
    (Trouble.CROSSED, BOOK_CROSSED),
]


@pytest.mark.parametrize("side", ["alpha", "beta"])
@pytest.mark.parametrize(("trouble", "page"), WRONG)
def test_a_venue_that_talks_nonsense_stops_selling_by_name_and_is_trusted_again_when_it_agrees(
    street: Street, side: str, trouble: Trouble, page: Any
) -> None:
    server: VenueServer = getattr(street, side)
    server.trouble = trouble
    street.until(page.code)
    server.trouble = Trouble.NONE
    street.until(10_000)


@pytest.mark.parametrize(
    ("side", "trouble"), [("alpha", Trouble.STOPPED), ("alpha", Trouble.SLOW), ("beta", Trouble.DOWN)]
)
def test_a_venue_that_stops_or_hangs_or_goes_down_makes_the_price_stale(
    street: Street, side: str, trouble: Trouble
) -> None:
    server: VenueServer = getattr(street, side)
    server.trouble = trouble
    street.until(PRICE_STALE.code)


def test_a_venue_that_is_gone_is_said_once_and_its_return_too(street: Street) -> None:
    street.log.said.clear()
    street.beta.trouble = Trouble.DOWN
    street.until(PRICE_STALE.code)
    ends = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends and street.feeds.health()["beta"] != "lost":
        time.sleep(0.005)
    street.beta.trouble = Trouble.NONE
    street.until(10_000)
    events = [event for event, fields in street.log.said if fields.get("venue") == "beta"]
    assert events == ["venue_lost", "venue_back"]


def test_a_silent_stream_is_backed_by_polling() -> None:
    # No ticker here: the market stands still and the streams are silent, so only polling keeps the price fresh.
    market = far.Market({far.Pair("BTC", "KRW"): 10_000, far.Pair("ETH", "KRW"): 3_000}, seed=7)
    market.put("BTC", 10_000)
    servers = [VenueServer(kind, kind, market, seed=1, now_ms=monotonic_ms) for kind in ("upbit", "binance")]
    for server in servers:
        server.start()
    chosen = replace(settings(*servers), stale_ms=2_500)
    feeds = open_market(chosen, ASSETS, now=now, monotonic_ms=monotonic_ms, log=Lines())
    try:
        ends = time.monotonic() + DEADLINE_S
        while set(feeds.health().values()) != {"polling"}:
            assert time.monotonic() < ends
            time.sleep(0.01)
        assert not isinstance(feeds.board.snapshot().price(PAIR, Side.SELL), Refusal)
    finally:
        feeds.close()
        for server in servers:
            server.close()


VENUE = Venue("a", "upbit", "http://127.0.0.1:1", "ws://127.0.0.1:1", ("BTC/KRW",))
CONFIGS = [
    (Settings(), NO_VENUE),
    (Settings((VENUE,)), NO_VENUE),
    (Settings((VENUE, VENUE)), VENUE_UNKNOWN),
    (Settings((VENUE, replace(VENUE, name="b", kind="bithump"))), VENUE_UNKNOWN),
    (Settings((VENUE, replace(VENUE, name="b", pairs=("DOGE/KRW",)))), PAIR_UNKNOWN),
    (Settings((VENUE, replace(VENUE, name="b", pairs=("BTC",)))), PAIR_UNKNOWN),
]


@pytest.mark.parametrize(("chosen", "page"), CONFIGS)
def test_a_server_without_venues_that_can_agree_does_not_start(chosen: Settings, page: Any) -> None:
    with pytest.raises(Refused) as caught:
        open_market(chosen, ASSETS, now=now, monotonic_ms=monotonic_ms, log=Lines())
    assert caught.value.code == page.code


def upbit() -> Upbit:
    return Upbit("http://v", "ws://v", [PAIR])


def binance() -> Binance:
    return Binance("http://v", "ws://v", [PAIR])


UNIT = '{"ask_price":10010.0,"bid_price":10000.0,"ask_size":1,"bid_size":2}'
GOOD = Quoted(PAIR, 10_000, 10_010, None)
MESSAGES: list[tuple[str, Callable[[], Callable[[str], Any]], str, object]] = [
    (
        "upbit frame",
        lambda: upbit().heard,
        f'{{"type":"orderbook","code":"KRW-BTC","timestamp":1700,"orderbook_units":[{UNIT}]}}',
        [replace(GOOD, at_ms=1700)],
    ),
    ("upbit ticker", lambda: upbit().heard, '{"type":"ticker","code":"KRW-BTC","trade_price":1}', []),
    ("upbit foreign", lambda: upbit().heard, f'{{"type":"orderbook","code":"KRW-X","orderbook_units":[{UNIT}]}}', []),
    ("upbit answer", lambda: upbit().polled, f'[{{"market":"KRW-BTC","orderbook_units":[{UNIT}]}}]', [GOOD]),
    ("upbit empty book", lambda: upbit().polled, '[{"market":"KRW-BTC","orderbook_units":[]}]', PRICE_NOT_A_NUMBER),
    ("upbit error", lambda: upbit().polled, '{"error":{"name":404}}', PRICE_NOT_A_NUMBER),
    ("upbit list", lambda: upbit().heard, "[]", PRICE_NOT_A_NUMBER),
    ("upbit torn", lambda: upbit().heard, '{"type":"orderb', PRICE_NOT_A_NUMBER),
    (
        "binance frame",
        lambda: binance().heard,
        '{"stream":"s","data":{"s":"BTCKRW","b":"10000.0","a":"10010"}}',
        [GOOD],
    ),
    ("binance foreign", lambda: binance().heard, '{"stream":"s","data":{"s":"XKRW","b":"1","a":"2"}}', []),
    ("binance no data", lambda: binance().heard, '{"result":null}', PRICE_NOT_A_NUMBER),
    ("binance answer", lambda: binance().polled, '{"symbol":"BTCKRW","bidPrice":"10000","askPrice":"10010"}', [GOOD]),
    ("binance list", lambda: binance().polled, "[]", PRICE_NOT_A_NUMBER),
    (
        "binance null",
        lambda: binance().polled,
        '{"symbol":"BTCKRW","bidPrice":null,"askPrice":"1"}',
        PRICE_NOT_A_NUMBER,
    ),
    ("binance NaN", lambda: binance().polled, '{"symbol":"BTCKRW","bidPrice":NaN,"askPrice":"1"}', PRICE_NOT_A_NUMBER),
    ("deep", lambda: binance().polled, "[" * 100_000, PRICE_NOT_A_NUMBER),
]


@pytest.mark.parametrize(("name", "read", "text", "expected"), MESSAGES, ids=[name for name, *_ in MESSAGES])
def test_messages_of_venues_are_read_exactly_or_named_as_nonsense(
    name: str, read: Callable[[], Callable[[str], Any]], text: str, expected: Any
) -> None:
    heard = read()(text)
    if isinstance(expected, list):
        assert heard == expected, name
        return
    assert [one.page for one in heard if isinstance(one, Nonsense)] == [expected]


def test_the_addresses_asked_are_those_of_the_public_exchanges() -> None:
    address, subscription = upbit().stream()
    assert address == "ws://v/websocket/v1"
    assert [one.get("type") for one in json.loads(subscription)] == [None, "orderbook", "ticker", None]
    assert list(upbit().polls()) == ["http://v/v1/ticker?markets=KRW-BTC", "http://v/v1/orderbook?markets=KRW-BTC"]
    assert binance().stream() == ("ws://v/stream?streams=btckrw@bookTicker/btckrw@trade", "")
    asked = ["http://v/api/v3/ticker/price?symbol=BTCKRW", "http://v/api/v3/ticker/bookTicker?symbol=BTCKRW"]
    assert list(binance().polls()) == asked


UPBIT_BOOK = f'{{"type":"orderbook","code":"KRW-BTC","orderbook_units":[{UNIT}]}}'
BINANCE_BOOK = '{"stream":"s","data":{"s":"BTCKRW","b":"10000.0","a":"10010"}}'
TRADES = [
    (upbit, '{"type":"ticker","code":"KRW-BTC","trade_price":10005.0}', UPBIT_BOOK, 10_005),
    (upbit, '{"type":"ticker","code":"KRW-X","trade_price":1}', UPBIT_BOOK, None),
    (upbit, '{"type":"ticker","code":"KRW-BTC","trade_price":NaN}', UPBIT_BOOK, PRICE_NOT_A_NUMBER),
    (binance, '{"stream":"t","data":{"e":"trade","s":"BTCKRW","p":"10005.0"}}', BINANCE_BOOK, 10_005),
    (binance, '{"stream":"t","data":{"e":"trade","s":"XKRW","p":"1"}}', BINANCE_BOOK, None),
    (binance, '{"stream":"t","data":{"e":"trade","s":"BTCKRW","p":"-1"}}', BINANCE_BOOK, PRICE_NEGATIVE),
]


@pytest.mark.parametrize(("kind", "trade", "book", "expected"), TRADES)
def test_the_last_trade_stands_beside_the_next_book_until_a_new_conversation(
    kind: Callable[[], Upbit | Binance], trade: str, book: str, expected: Any
) -> None:
    adapter = kind()
    assert adapter.heard(trade) == []
    heard = adapter.heard(book)[0]
    assert (heard.page if isinstance(heard, Nonsense) else heard.last) == expected
    adapter.stream()
    assert adapter.heard(book) == [GOOD]


def test_a_book_that_has_left_its_own_last_trade_is_a_spike_from_the_first_word_on() -> None:
    # With nothing heard before, only the last trade can tell which of two disagreeing venues ran away.
    market = far.Market({far.Pair("BTC", "KRW"): 10_000, far.Pair("ETH", "KRW"): 3_000}, seed=7)
    servers = [VenueServer(kind, kind, market, seed=1, now_ms=monotonic_ms) for kind in ("upbit", "binance")]
    servers[0].trouble = Trouble.RUNAWAY
    for server in servers:
        server.start()
    ticker = Ticker(market, 0.02)
    feeds = open_market(settings(*servers), ASSETS, now=now, monotonic_ms=monotonic_ms, log=Lines())
    try:
        found = Street(market, *servers, feeds, Lines())
        ends = time.monotonic() + DEADLINE_S
        while set(standings := feeds.board.snapshot().standings.get(PAIR, {})) != {"upbit", "binance"}:
            assert time.monotonic() < ends, f"only {set(standings)} was heard of"
            time.sleep(0.005)
        found.until(PRICE_SPIKE.code)
        assert feeds.board.snapshot().standings[PAIR]["binance"].suspect == ""
    finally:
        feeds.close()
        ticker.close()
        for server in servers:
            server.close()
