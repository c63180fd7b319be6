"""What a terminal learns of itself from our real server: its name, its price list, and that it was revoked."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.asset import KRW
from device.goods import BadGoods, Goods, merged
from sync.device_clock import DeviceClock
from sync.goods_list import FILE, Standing, StandingWorker, load
from sync.http_ask import Asker
from sync.signing import DeviceKey
from tests.backend.agency.running import Till, Town, town
from tests.sync.clocks import Lines, RealClock

PENCIL = {"barcode": "4006381333931", "name": "Pencil", "price": "900"}


def until(fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


class Place:
    """A terminal's data folder, and what its worker told."""

    def __init__(self, town_: Town, till: Till, folder: Path) -> None:
        self.town, self.till, self.folder = town_, till, folder
        self.log, self.told = Lines(), Standing()
        self.times = 0

    def heard(self, standing: Standing) -> None:
        self.told = standing
        self.times += 1

    @contextmanager
    def asking(self) -> Iterator[StandingWorker]:
        clock = DeviceClock(RealClock(), self.log)
        key = DeviceKey(self.till.key)
        asker = Asker(key, self.till.id, clock, secrets.token_bytes)
        kept = load(self.folder, self.till.id, self.log)
        exchange = self.town.urls.exchange
        worker = StandingWorker(exchange, asker, self.folder, kept, clock, self.heard, self.log, lambda: 0.5)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()
            assert not worker._thread.is_alive()

    def say(self, method: str, path: str, body: Any = None) -> None:
        session = self.town.seller_session  # type: ignore[attr-defined]
        told = self.town.client.request(method, self.town.urls.exchange + path, json=body, headers=session)
        assert told.status_code == 200, told.text


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr("sync.goods_list.GAP_MS", 10)
    with town(tmp_path) as all_:
        till = all_.till()
        folder = tmp_path / "till"
        folder.mkdir()
        yield Place(all_, till, folder)


def test_name_prices_and_rights_follow_the_exchange_at_each_ring(place: Place) -> None:
    place.say("PUT", "/v1/shop/goods", {"goods": [PENCIL]})
    with place.asking() as worker:
        until(lambda: place.told.prices)
        assert place.told.shop == "Corner shop"
        assert place.told.prices is not None
        assert place.told.prices.goods[0].price == "900"
        place.say("PUT", "/v1/shop", {"shop": "New name"})
        place.say("PUT", "/v1/shop/goods", {"goods": [PENCIL | {"price": "950"}]})
        worker.ring()
        until(lambda: place.told.shop == "New name" and place.told.prices and place.told.prices.goods[0].price == "950")
        times = place.times
        worker.ring()
        worker.ring()
        place.say("POST", f"/v1/shop/terminals/{place.till.id}/revoke")
        worker.ring()
        until(lambda: place.told.refused == "TM-HTTP-015")
        assert place.times == times + 1  # the same again is no news
        assert place.told.prices is not None


def test_the_list_is_kept_and_not_sent_again_while_it_is_the_same(place: Place) -> None:
    place.say("PUT", "/v1/shop/goods", {"goods": [PENCIL]})
    with place.asking():
        until((place.folder / FILE).exists)
    kept = load(place.folder, place.till.id, place.log)
    assert kept.prices is not None
    assert load(place.folder, "another terminal", place.log) == Standing()
    with place.asking():
        until(lambda: place.told.shop)
    assert len(place.log.named("price_list")) == 1  # the second time the server said: not changed
    assert place.told.prices == kept.prices


def test_a_key_nobody_knows_is_refused_by_name(place: Place) -> None:
    place.till.id = "0" * 26
    with place.asking():
        until(lambda: place.told.refused == "TM-HTTP-014")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"terminal":"T"}', b"[" * 100_000])
def test_a_damaged_file_is_no_list(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    log = Lines()
    assert load(tmp_path, "T", log) == Standing()
    assert log.named("price_list_unreadable")


def test_no_answer_changes_nothing_and_stopping_is_quick(place: Place) -> None:
    place.town.urls = type(place.town.urls)("http://127.0.0.1:9", "http://127.0.0.1:9")
    with place.asking():
        pass
    assert place.told == Standing()


def test_a_server_that_never_answers_does_not_hold_up_the_stop(place: Place) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        place.town.urls = type(place.town.urls)(url, url)
        asked = threading.Event()
        with place.asking():
            connection, _ = silent.accept()
            assert connection.recv(10)
            asked.set()
            began = time.monotonic()
        assert time.monotonic() - began < 10
        connection.close()


def test_the_exchanges_prices_stand_over_the_local_ones_and_a_mistake_takes_nothing() -> None:
    local = merged(Goods(KRW), [("4006381333931", "Pencil", "800"), ("tea", "Tea", "3000")], "KRW")
    both = merged(local, [("4006381333931", "Pencil", "900")], "KRW")
    assert {code: label.price.minor for code, label in both.by_code.items()} == {"4006381333931": 900, "tea": 3000}
    for bad in (
        [("a", "A", "1"), ("b", "B", "-1")],
        [("a", "A", "1.5")],
        [("a", "", "1")],
        [("a", "A", "1"), ("a", "A", "2")],
    ):
        with pytest.raises(BadGoods):
            merged(local, bad, "KRW")
    with pytest.raises(BadGoods):
        merged(local, [], "USD")
