"""Telemetry against a real broker: what the operator sees, and that a sale never needs it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from core.events import DeviceStateChanged, Health, Pressed
from sync.telemetry import Broker, Telemetry
from sync.telemetry_news import NEWS_MAX, TOPICS_MAX, Message, News, tick_of
from tests.sync.clocks import Lines, RealClock
from tests.sync.conftest import Mosquitto


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is back is found sooner than in the field."""
    monkeypatch.setattr("sync.telemetry.RECONNECT_MIN_S", 0.05)


def until(fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


class Operator:
    """Somebody who watches the broker."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, dict[str, Any], bool]] = []
        self.ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_message = self._heard
        self.client.on_subscribe = lambda *args: self.ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("#")
        self.client.loop_start()
        assert self.ready.wait(30)

    def _heard(self, client: object, userdata: object, message: mqtt.MQTTMessage) -> None:
        if "prices" not in message.topic:
            self.heard.append((message.topic, json.loads(message.payload or b"{}"), message.retain))

    def last(self, topic: str) -> dict[str, Any]:
        return next((fields for name, fields, _ in reversed(self.heard) if name == topic), {})

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(30)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def operator(broker: Mosquitto) -> Iterator[Operator]:
    made = Operator(broker.port)
    yield made
    made.leave()


@contextmanager
def telemetry(broker: Mosquitto, log: Lines | None = None, **options: Any) -> Iterator[Telemetry]:
    made = Telemetry(Broker.of(broker.url), "T1", RealClock(), log or Lines(), **options)
    made.start()
    yield made
    made.stop()
    assert not made._thread.is_alive()


def lost(role: str = "printer") -> DeviceStateChanged:
    return DeviceStateChanged(role, Health.LOST, "TM-PRN-001", "/dev/ttyUSB0")


def test_the_operator_sees_it_come_beat_and_go(mosquitto: Mosquitto) -> None:
    with operator(mosquitto) as watching:
        with telemetry(mosquitto, vitals=lambda: {"outbox": 3}, heartbeat_s=0.05):
            until(lambda: watching.last("tillmark/T1/heartbeat").get("seq", 0) >= 3)
            assert watching.last("tillmark/T1/status") == {"state": "online"}
            assert watching.last("tillmark/T1/heartbeat")["outbox"] == 3
        until(lambda: watching.last("tillmark/T1/status") == {"state": "offline"})


def test_the_broker_itself_tells_of_a_terminal_that_died(mosquitto: Mosquitto) -> None:
    with operator(mosquitto) as watching, telemetry(mosquitto) as terminal:
        until(lambda: watching.last("tillmark/T1/status") == {"state": "online"})
        assert terminal._client is not None
        terminal._client.socket().shutdown(2)  # as if its cable were pulled
        until(lambda: {"state": "offline"} in [fields for topic, fields, _ in watching.heard if "status" in topic])
        until(lambda: watching.last("tillmark/T1/status") == {"state": "online"})  # and it comes back by itself


def test_states_of_devices_are_kept_by_the_broker_and_faults_are_told(mosquitto: Mosquitto) -> None:
    with telemetry(mosquitto) as terminal:
        for event in (Pressed("x"), lost(), lost()):
            terminal.seen(event)
        terminal.fault("TM-PRN-001", "no paper")
        until(lambda: terminal.connected)
        with operator(mosquitto) as watching:
            until(lambda: watching.last("tillmark/T1/device/printer"))
            fields = watching.last("tillmark/T1/device/printer")
            assert (fields["health"], fields["code"]) == ("lost", "TM-PRN-001")
            assert "detail" not in fields
            terminal.fault("TM-CAM-001", "x" * 999)
            until(lambda: watching.last("tillmark/T1/event/fault").get("code") == "TM-CAM-001")
            assert len(watching.last("tillmark/T1/event/fault")["detail"]) == 200


def test_the_doorbell_rings_and_prices_come_in_and_rubbish_does_not(mosquitto: Mosquitto) -> None:
    rings: list[int] = []
    prices: list[tuple[str, dict[str, object]]] = []
    with operator(mosquitto) as watching:
        watching.say("tillmark/T1/poll", b'{"kept": 1}', retain=True)
        with telemetry(
            mosquitto, rung=lambda: rings.append(1), priced=lambda pair, tick: prices.append((pair, tick))
        ) as terminal:
            until(lambda: terminal.connected)
            for payload in (b"", b"[1]", b"{", b"\xff", b"[" * 4000, b'{"a":"' + b"x" * 5_000 + b'"}'):
                watching.say("tillmark/prices/BTC-KRW", payload)
            watching.say("tillmark/T1/poll", b"")
            watching.say("tillmark/prices/BTC-KRW", b'{"price":"100000000"}')
            until(lambda: prices)
            until(lambda: len(rings) == 2)
        watching.say("tillmark/T1/poll", b"", retain=True)
    assert rings == [1, 1]  # once for the new connection, once for the bell
    assert prices == [("BTC-KRW", {"price": "100000000"})]


def test_without_a_broker_everything_waits_and_arrives_when_it_is_back(mosquitto: Mosquitto) -> None:
    log = Lines()
    mosquitto.kill()
    with telemetry(mosquitto, log) as terminal:
        until(lambda: log.named("broker_unreachable"))
        terminal.seen(lost("camera"))
        for number in range(NEWS_MAX + 5):
            terminal.fault("TM-CAM-001", f"{number}")
        assert terminal.dropped == 5
        mosquitto.start()
        with operator(mosquitto) as watching:
            until(lambda: watching.last("tillmark/T1/device/camera"))
            until(lambda: watching.last("tillmark/T1/event/fault").get("detail") == f"{NEWS_MAX + 4}")
        mosquitto.kill()
        until(lambda: log.named("broker_lost"))
    assert len(log.named("broker_unreachable")) == 1


def test_a_broker_that_refuses_is_told_by_name(mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    mosquitto.config.write_text(mosquitto.config.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    mosquitto.start()
    log = Lines()
    with telemetry(mosquitto, log) as terminal:
        until(lambda: log.named("broker_refused"))
        assert not terminal.connected


def test_stopping_without_a_broker_does_not_wait(mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    began = time.monotonic()
    with telemetry(mosquitto):
        pass
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://b", Broker("b", 1883, False, "", "")),
        ("mqtts://u:p%40@b", Broker("b", 8883, True, "u", "p@")),
        ("mqtt://b:99", Broker("b", 99, False, "", "")),
    ],
)
def test_a_brokers_address_is_read(url: str, broker: Broker) -> None:
    assert Broker.of(url) == broker
    assert "p@" not in repr(Broker.of(url))


@pytest.mark.parametrize("url", ["http://u:secret@b", "mqtt://", "b"])
def test_another_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Broker.of(url)
    assert "secret" not in str(caught.value)


def test_a_broker_with_a_name_and_tls_is_set_up_so() -> None:
    made = Telemetry(Broker.of("mqtts://u:p@localhost"), "T1", RealClock(), Lines())._made()
    assert made.username == "u"


# -- what waits -----------------------------------------------------------------------------------------


def test_the_newest_state_counts_and_the_oldest_news_goes() -> None:
    news = News()
    news.state("a", {"n": 1})
    news.state("a", {"n": 2})
    news.state("a", {"n": 2})
    for number in range(NEWS_MAX + 1):
        news.told("b", {"n": number})
    assert news.take() == Message("a", '{"n": 2}', True)
    first = news.take()
    assert first == Message("b", '{"n": 1}', False)
    news.back(first)
    assert (news.take(), news.dropped) == (first, 1)
    news.told("b", {"n": NEWS_MAX + 1})
    news.back(first)
    assert news.dropped == 2  # there was no room to take it back


def test_a_state_that_could_not_be_sent_gives_way_to_a_newer_one() -> None:
    news = News()
    news.state("a", {"n": 1})
    message = news.take()
    assert message is not None
    assert not news.waiting
    news.state("a", {"n": 2})
    news.back(message)
    assert news.take() == Message("a", '{"n": 2}', True)
    assert news.take() is None
    news.all_again()
    assert news.take() == Message("a", '{"n": 2}', True)


def test_topics_without_end_are_a_mistake() -> None:
    news = News()
    for number in range(TOPICS_MAX):
        news.state(f"{number}", {})
    with pytest.raises(AssertionError):
        news.state("one more", {})


def test_a_tick_is_an_object() -> None:
    assert tick_of(b'{"price":"1"}') == {"price": "1"}
    assert tick_of(b"1") is None
