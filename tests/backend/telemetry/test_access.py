"""The access rights of `docs/mqtt.md`, in a real broker: each terminal speaks for itself and for nobody else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.backend.telemetry.test_window import until
from tests.sync.conftest import Mosquitto

USERS = ("exchange", "T1", "T2")
DOCS = Path(__file__).parents[3] / "docs" / "mqtt.md"


@pytest.fixture
def guarded(mosquitto: Mosquitto, tmp_path: Path) -> Mosquitto:
    """The broker of the fixture, with the rights of the page."""
    mosquitto.kill()
    rights = re.search(r"tillmark\.acl`\n\n```\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert rights is not None, "the page shows the file of rights"
    acl, users = tmp_path / "acl", tmp_path / "users"
    acl.write_text(rights[1])
    for place, user in enumerate(USERS):
        make = ["-c"] if place == 0 else []
        subprocess.run(["mosquitto_passwd", "-b", *make, str(users), user, f"pass-{user}"], check=True)
    for file in (acl, users, tmp_path):
        file.chmod(0o755 if file.is_dir() else 0o644)
    mosquitto.config.write_text(
        f"listener {mosquitto.port} 127.0.0.1\nallow_anonymous false\npersistence false\nuser root\n"
        f"password_file {users}\nacl_file {acl}\n"
    )
    mosquitto.start()
    return mosquitto


class Guest:
    def __init__(self, broker: Mosquitto, user: str, password: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answer, self.ready = "", False
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.username_pw_set(user, password)
        self.client.on_connect = self._connected
        self.client.on_message = lambda client, data, message: self.heard.append((message.topic, message.payload))
        self.client.on_subscribe = self._subscribed
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        until(lambda: self.answer)

    def _connected(self, client: mqtt.Client, data: object, flags: object, reason: object, more: object) -> None:
        client.subscribe("#", qos=1)
        self.answer = str(reason)

    def _subscribed(self, *_: object) -> None:
        self.ready = True

    def say(self, topic: str) -> None:
        self.client.publish(topic, b"{}", qos=1)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def guest(broker: Mosquitto, user: str, password: str = "") -> Iterator[Guest]:
    made = Guest(broker, user, password or f"pass-{user}")
    try:
        yield made
    finally:
        made.leave()


def test_each_terminal_speaks_for_itself_only(guarded: Mosquitto) -> None:
    with guest(guarded, "exchange") as exchange, guest(guarded, "T1") as one, guest(guarded, "T2") as two:
        until(lambda: exchange.ready and one.ready and two.ready)
        for topic in ("status", "heartbeat", "event/fault", "device/printer"):
            two.say(f"tillmark/T1/{topic}")
            one.say(f"tillmark/T1/{topic}")
        for topic in ("tillmark/prices/TIL-KRW", "tillmark/T1/poll", "tillmark/T2/poll"):
            one.say(topic)
            exchange.say(topic)
        until(lambda: len(exchange.heard) >= 5 and len(one.heard) >= 2 and len(two.heard) >= 2)
        one.say("tillmark/T1/status")  # the last word: everything before it has been through the broker
        until(lambda: len(exchange.heard) >= 6)
    told = ["tillmark/T1/status", "tillmark/T1/heartbeat", "tillmark/T1/event/fault", "tillmark/T1/device/printer"]
    heard = [topic for topic, _ in exchange.heard]
    assert heard.count("tillmark/prices/TIL-KRW") == 1  # its own
    assert [topic for topic in heard if "prices" not in topic] == [*told, told[0]]
    assert [topic for topic, _ in one.heard] == ["tillmark/prices/TIL-KRW", "tillmark/T1/poll"]
    assert [topic for topic, _ in two.heard] == ["tillmark/prices/TIL-KRW", "tillmark/T2/poll"]


def test_a_wrong_password_is_not_let_in(guarded: Mosquitto) -> None:
    with guest(guarded, "T1", "pass-T2") as liar:
        assert liar.answer != "Success"
