"""The window with a real broker and the device's own client: who is there, who was killed, and who lies."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from backend.config import Config
from backend.http.callers import Kind
from backend.http.sessions import COOKIE, open_session
from backend.members import desk as members
from backend.members.rules import Contact
from backend.parts import Outside
from backend.serving import running
from backend.store import Unit
from backend.terminals import operators
from core.asset import BTC
from core.money import Money
from core.settings import fill
from tests.backend.agency.running import Till, Town
from tests.backend.http.world import Clock, Post, QuietLog, board, table_of, txn
from tests.sync.conftest import Mosquitto

DEVICE = """
import sys, time
from sync.telemetry import Broker, Telemetry
from tests.sync.clocks import Lines, RealClock
broker, vitals = Broker.of(sys.argv[1]), {"journal": 17}
told = Telemetry(broker, sys.argv[2], RealClock(), Lines(), vitals=lambda: vitals, heartbeat_s=0.2)
told.start()
time.sleep(60)
"""


def until(fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


@contextmanager
def town(folder: Path, mqtt_url: str, ca_file: str = "") -> Iterator[Town]:
    table = table_of(folder)
    table["exchange"]["mqtt_url"] = mqtt_url
    table["telemetry"] = {"ca_file": ca_file}
    config = fill(Config, table, file="test")
    clock, post, log = Clock(), Post(), QuietLog()
    outside = Outside(now=clock, log=log)
    with running(config, outside, gateway=post, board=board) as (urls, servers, _), httpx.Client(timeout=10) as client:
        made = Town(urls, servers, clock, post, log, client, config)
        made.member, made.session = made.join("mina@example.org")
        made.give(members.wallet_of(made.member), Money.parse("100", BTC))
        yield made


@contextmanager
def device(broker: Mosquitto, terminal: str) -> Iterator[subprocess.Popen[bytes]]:
    """The telemetry of a device, in a program of its own."""
    program = subprocess.Popen([sys.executable, "-c", DEVICE, broker.url, terminal], cwd=Path(__file__).parents[3])
    try:
        yield program
    finally:
        program.kill()
        program.wait()


class Stranger:
    """Anybody with a client; here the broker lets everybody in."""

    def __init__(self, broker: Mosquitto, topics: str) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_message = lambda client, data, message: self.heard.append(
            (message.topic, bytes(message.payload), message.retain)
        )
        ready = threading.Event()
        self.client.on_subscribe = lambda *args: ready.set()
        self.client.connect("127.0.0.1", broker.port)
        self.client.subscribe(topics, qos=1)
        self.client.loop_start()
        assert ready.wait(30)

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(30)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def stranger(broker: Mosquitto, topics: str = "tillmark/#") -> Iterator[Stranger]:
    made = Stranger(broker, topics)
    try:
        yield made
    finally:
        made.leave()


def fleet(town: Town) -> list[dict[str, Any]]:
    told = town.client.get(f"{town.urls.exchange}/v1/shop/terminals", headers=town.seller_session)  # type: ignore[attr-defined]
    assert told.status_code == 200, told.text
    found: list[dict[str, Any]] = told.json()
    return found


def state(town: Town) -> str:
    return str(fleet(town)[0]["presence"]["state"])


@pytest.fixture
def paired(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[tuple[Town, Till]]:
    with town(tmp_path, mosquitto.url) as made:
        yield made, made.till()


def test_a_terminal_is_seen_and_missed_by_its_last_will_when_it_dies(
    paired: tuple[Town, Till], mosquitto: Mosquitto
) -> None:
    all_, till = paired
    assert state(all_) == "unknown"
    with device(mosquitto, till.id) as program:
        until(lambda: fleet(all_)[0]["presence"]["vitals"].get("journal") == 17)
        assert state(all_) == "online"
        killed = time.monotonic()
        program.kill()
        until(lambda: state(all_) == "offline", 10.0)  # its keepalive alone would take 22 s
        print(f"missed after {(time.monotonic() - killed) * 1000:.0f} ms")


def operators_page(town: Town) -> str:
    """What an operator who has signed in sees."""
    store = town.servers["exchange"].store

    def work(unit: Unit) -> str:
        contact = Contact.parse("ops@example.org")
        operators.add(unit, contact, town.clock(), secrets.token_bytes)  # adding again changes nothing
        whose = operators.find(unit, contact).id
        return open_session(unit, Kind.OPERATOR, whose, town.clock(), secrets.token_bytes).secret

    page = town.client.get(f"{town.urls.exchange}/operator", headers={"cookie": f"{COOKIE}={store.write(work)}"})
    assert page.status_code == 200, page.text
    return page.text


def test_the_operators_page_says_who_is_there_who_is_not_and_what_is_broken(
    paired: tuple[Town, Till], mosquitto: Mosquitto
) -> None:
    all_, till = paired
    assert "Here now" in operators_page(all_)  # paired a moment ago; nobody has heard it at the broker yet
    with stranger(mosquitto) as terminal:
        terminal.say(f"tillmark/{till.id}/status", b'{"state":"online"}', retain=True)
        terminal.say(f"tillmark/{till.id}/heartbeat", b"{}")
        until(lambda: ">Online<" in operators_page(all_))
        terminal.say(f"tillmark/{till.id}/device/printer", b'{"health":"lost"}', retain=True)
        until(lambda: "Not connected: printer" in operators_page(all_))
        terminal.say(f"tillmark/{till.id}/heartbeat", b'{"turn_ms": 600000}')
        until(lambda: "it does not move" in operators_page(all_))
        terminal.say(f"tillmark/{till.id}/status", b'{"state":"offline"}', retain=True)
        until(lambda: ">Offline<" in operators_page(all_))


def test_prices_and_bells_go_out(paired: tuple[Town, Till], mosquitto: Mosquitto) -> None:
    all_, till = paired
    with stranger(mosquitto) as ear:
        until(lambda: any(topic == "tillmark/prices/BTC-KRW" for topic, _, _ in ear.heard))
        price = next(payload for topic, payload, _ in ear.heard if topic.startswith("tillmark/prices/"))
        assert json.loads(price)["bid"]["amount"] == "10000"
        bell = f"tillmark/{till.id}/poll"

        def bells(ear: Stranger) -> int:
            return sum(topic == bell for topic, _, _ in ear.heard)

        exchange, session = all_.urls.exchange, all_.seller_session  # type: ignore[attr-defined]
        asks = (
            lambda: all_.client.put(f"{exchange}/v1/shop", json={"shop": "New name"}, headers=session),
            lambda: all_.client.put(
                f"{exchange}/v1/shop/goods",
                json={"goods": [{"barcode": "4006381333931", "name": "Pencil", "price": "900"}]},
                headers=session,
            ),
            lambda: all_.client.post(f"{exchange}/v1/shop/terminals/{till.id}/revoke", headers=session),
        )
        for ask in asks:
            rung = bells(ear)  # the pairing itself may ring late, so a bell more than before is what counts
            assert ask().status_code == 200
            until(lambda rung=rung: bells(ear) > rung)
    with stranger(mosquitto, bell) as late:
        with stranger(mosquitto) as other:
            other.say(bell, b"fence")
        until(lambda: late.heard)
        assert [payload for _, payload, _ in late.heard] == [b"fence"]  # no bell is kept for later


def test_a_liar_at_the_broker_changes_nothing_but_the_window(paired: tuple[Town, Till], mosquitto: Mosquitto) -> None:
    all_, till = paired
    with stranger(mosquitto) as liar:
        for topic in ("status", "heartbeat", "event/fault", "device/printer", "poll", "event/" + "x" * 5_000, "sale"):
            for payload in (b"\xff" * 9_000, b'{"state":"online","amount":"1"}', b"[" * 4_000, b"{}"):
                liar.say(f"tillmark/{till.id}/{topic}", payload, retain=True)
        lie = {"bid": {"asset": "KRW", "scale": 0, "amount": "1"}, "at": "2026-03-01T09:30:00.000Z"}
        liar.say("tillmark/prices/BTC-KRW", json.dumps(lie).encode(), retain=True)
        liar.say(f"tillmark/{till.id}/status", b'{"state":"offline"}', retain=True)
        until(lambda: state(all_) == "offline")
        offer = till.quote(txn(), 50_000)  # a sale does not ask the window: 10,000 won each
        assert offer.quantity.amount == "5.00000000"
        assert till.sell(50_000).price.amount == "50000"
        liar.say(f"tillmark/{till.id}/heartbeat", b'{"journal": 3}')
        until(lambda: state(all_) == "online")


def test_the_broker_may_die_and_come_back(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.telemetry.window.RECONNECT_MIN_S", 0.05)
    with town(tmp_path, mosquitto.url) as all_:
        till = all_.till()
        with device(mosquitto, till.id):
            until(lambda: state(all_) == "online")
            mosquitto.kill()
            until(lambda: state(all_) == "unknown")
            assert till.sell(10_000).txn
            mosquitto.start()
            until(lambda: state(all_) == "online")
        told = [event for event, _ in all_.log.lines if event.startswith("window.")]
        assert told[:3] == ["window.open", "window.lost", "window.open"]


def test_a_server_starts_sells_and_stops_without_its_broker(tmp_path: Path) -> None:
    with town(tmp_path, "mqtt://127.0.0.1:9") as all_:
        till = all_.till()
        assert till.sell(10_000).txn
        assert state(all_) == "unknown"
        began = time.monotonic()
    assert time.monotonic() - began < 15  # not the half minute between two tries to reach the broker


def test_when_a_terminal_was_last_heard_of_reaches_the_store(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.telemetry.window.WRITE_MS", 100)
    with town(tmp_path, mosquitto.url) as all_:
        till = all_.till()
        all_.clock.forward(3_600_000)
        with stranger(mosquitto) as terminal:

            def beaten() -> bool:  # again and again: the window may not be listening yet
                terminal.say(f"tillmark/{till.id}/heartbeat", b"{}")
                return bool(fleet(all_)[0]["seen_at"] == all_.clock().rfc3339())

            until(beaten)
