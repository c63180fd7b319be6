"""Telemetry: a window and a doorbell over MQTT 5, in threads of its own. Never an authority.

Topics, `T` being ``tillmark/<terminal>``:

=================== ======== =============================================================================
``T/status``        out      retained ``{"state":"online"}``; the broker itself says ``offline`` (last will)
``T/device/<role>`` out      retained ``{"health":..,"code":..}`` of each device
``T/heartbeat``     out      every 30 s: ``{"seq":..,"at":..,"dropped":..}`` and the vitals handed in
``T/event/fault``   out      ``{"code":..,"detail":..,"at":..}``
``T/poll``          in       the doorbell: ask over HTTP now. Its content is not read.
``tillmark/prices/#`` in     price ticks, for the idle screen only
=================== ======== =============================================================================

Nothing that comes in can move money; whatever must arrive goes through the outbox over HTTP. With the broker away
everything here waits, bounded, and no sale notices.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from core.events import DeviceStateChanged
from core.ports import Clock, Log
from sync.telemetry_news import Fields, News, tick_of

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

HEARTBEAT_S: Final = 30.0
KEEPALIVE_S: Final = 15  # the broker tells of a frozen terminal after one and a half times this
RECONNECT_MIN_S: Final = 1
RECONNECT_MAX_S: Final = 30
IN_FLIGHT_MAX: Final = 64  # messages the library may hold; beyond it ours wait in `News`, where the oldest goes first
JOIN_S: Final = 3.0
PRICES: Final = "tillmark/prices/"


@dataclass(frozen=True, slots=True)
class Broker:
    """``mqtt://[user:password@]host[:port]`` or ``mqtts://``; `ca_file` "" trusts the system's authorities."""

    host: str
    port: int
    tls: bool
    user: str
    password: str
    ca_file: str = ""

    @classmethod
    def of(cls, url: str, ca_file: str = "") -> Broker:
        """Raises ValueError without showing the address, which may hold a password."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError("the broker's address must be mqtt://host or mqtts://host")
        tls = parts.scheme == "mqtts"
        port = parts.port or (8883 if tls else 1883)
        return cls(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""), ca_file)

    def __repr__(self) -> str:
        return f"Broker({self.host}:{self.port})"


class Telemetry:
    """`vitals` is asked before each heartbeat; `priced(pair, tick)` and `rung()`, which is also called after each new
    connection, in the library's thread."""

    def __init__(
        self,
        broker: Broker,
        terminal: str,
        clock: Clock,
        log: Log,
        vitals: Callable[[], Fields] = dict,
        priced: Callable[[str, dict[str, object]], None] = lambda pair, tick: None,
        rung: Callable[[], None] = lambda: None,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._broker = broker
        self._root = f"tillmark/{terminal}"
        self._terminal = terminal
        self._clock = clock
        self._log = log
        self._vitals = vitals
        self._priced = priced
        self._rung = rung
        self._heartbeat_s = heartbeat_s
        self._news = News()
        self._changed = threading.Condition()
        self._connected = False
        self._was_told = False
        self._stopping = False
        self._seq = 0
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._work, name="telemetry", daemon=True)

    # -- from any thread -------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye if the broker is there; never waits long for it."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(JOIN_S)

    def seen(self, event: object) -> None:
        """Every event of the loop may be handed in; only the state of devices is told, without their details."""
        if isinstance(event, DeviceStateChanged):
            fields = {"health": event.health.value, "code": event.code, "at": self._clock.now().rfc3339()}
            with self._changed:
                self._news.state(f"{self._root}/device/{event.role}", fields)
                self._changed.notify()

    def fault(self, code: str, detail: str = "") -> None:
        """A fault by its catalogue code; `detail` must hold no secret."""
        fields = {"code": code, "detail": detail[:200], "at": self._clock.now().rfc3339()}
        with self._changed:
            self._news.told(f"{self._root}/event/fault", fields)
            self._changed.notify()

    @property
    def connected(self) -> bool:
        return self._connected

    @property
    def dropped(self) -> int:
        """Pieces of news thrown away because the broker was away too long."""
        return self._news.dropped

    # -- the thread ------------------------------------------------------------------------------------

    def _work(self) -> None:
        client = self._client = self._made()
        client.connect_async(self._broker.host, self._broker.port, KEEPALIVE_S, clean_start=True)
        client.loop_start()
        next_ms = self._clock.monotonic_ms()
        while not self._stopping:
            if self._connected and self._clock.monotonic_ms() >= next_ms:
                next_ms = self._clock.monotonic_ms() + int(self._heartbeat_s * 1000)
                self._beat(client)
            self._flush(client)
            with self._changed:
                wait_ms = max(next_ms - self._clock.monotonic_ms(), 0) if self._connected else None
                if not self._has_work():
                    self._changed.wait(None if wait_ms is None else wait_ms / 1000 + 0.001)
        if self._connected:
            goodbye = client.publish(f"{self._root}/status", '{"state":"offline"}', qos=1, retain=True)
            goodbye.wait_for_publish(JOIN_S / 2)
        client.disconnect()
        client.loop_stop()

    def _made(self) -> Client:
        from paho.mqtt import client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self._terminal, protocol=mqtt.MQTTv5)
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set(self._broker.ca_file or None)
        client.will_set(f"{self._root}/status", '{"state":"offline"}', qos=1, retain=True)
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.max_queued_messages_set(IN_FLIGHT_MAX)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _has_work(self) -> bool:
        """Whether there is something to do before the next heartbeat. The lock is held."""
        return self._stopping or (self._connected and self._news.waiting)

    def _flush(self, client: Client) -> None:
        while self._connected:
            with self._changed:
                message = self._news.take()
            if message is None:
                return
            sent = client.publish(message.topic, message.payload, qos=1, retain=message.retain)
            if sent.rc != 0:
                with self._changed:
                    self._news.back(message)
                return

    def _beat(self, client: Client) -> None:
        """A heartbeat tells of now: one that cannot be sent is not kept."""
        self._seq += 1
        fields = {"seq": self._seq, "at": self._clock.now().rfc3339(), "dropped": self.dropped} | dict(self._vitals())
        client.publish(f"{self._root}/heartbeat", json.dumps(fields), qos=0)

    # -- in the library's thread -----------------------------------------------------------------------

    def _on_connect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._tell_once("broker_refused", "TM-MQTT-002", str(reason))
            return
        client.subscribe([(f"{PRICES}#", _options(0)), (f"{self._root}/poll", _options(1))])
        client.publish(f"{self._root}/status", '{"state":"online"}', qos=1, retain=True)
        self._was_told = False
        self._log.info("broker_connected", broker=repr(self._broker))
        with self._changed:
            self._connected = True
            self._news.all_again()
            self._changed.notify()
        self._rung()  # while the broker was away, a bell may have been missed

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        self._tell_once("broker_unreachable", "TM-MQTT-001", repr(self._broker))

    def _on_disconnect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        with self._changed:
            self._connected = False
            self._changed.notify()
        if not self._stopping:
            self._tell_once("broker_lost", "TM-MQTT-001", str(reason))

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        """Whatever is wrong with a message makes it nothing."""
        if message.topic == f"{self._root}/poll":
            if not message.retain:  # a ring kept for later is no ring
                self._rung()
            return
        tick = tick_of(bytes(message.payload))
        if tick is not None:
            self._priced(message.topic.removeprefix(PRICES), tick)

    def _tell_once(self, event: str, code: str, detail: str) -> None:
        """Once when the broker is lost; its return is told by the next connection."""
        if not self._was_told:
            self._log.warning(event, code=code, detail=detail)
        self._was_told = True


def _options(qos: int) -> Any:
    from paho.mqtt.subscribeoptions import SubscribeOptions

    return SubscribeOptions(qos=qos, noLocal=True)
