"""The window: one MQTT client of the exchange, in threads of its own.

Out go price ticks and the doorbell; in comes the presence of terminals. No money depends on any of it: with the broker
away the server does everything it did before, and says that it does not know who is there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from backend.http.callers import Now
from backend.market.rules import Board
from backend.refused import Refused
from backend.store import Store, Unit
from backend.telemetry.broker import Broker
from backend.telemetry.ticks import Tick, Ticks
from backend.telemetry.watch import TERMINALS_MAX, Watch
from backend.terminals import shops
from core.ports import Log

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

KEEPALIVE_S: Final = 15
RECONNECT_MIN_S: Final = 1
RECONNECT_MAX_S: Final = 30
TURN_S: Final = 0.2
WRITE_MS: Final = 60_000  # how often "last seen" reaches the store: one short unit for the whole fleet
RINGS_MAX: Final = 10_000  # bells waiting to be rung; while the broker is away they are dropped
IN_FLIGHT_MAX: Final = 1_000  # a broker that takes nothing holds no more of ours than this
PACKET_MAX: Final = 8_192  # the broker is told to keep longer messages away from us
BELL_LIFE_S: Final = 60  # a bell that was not heard in a minute is rung by the terminal's own look, every ten minutes
TICK_LIFE_S: Final = 10  # a price nobody renews vanishes from the broker
JOIN_S: Final = 3.0
HEARD: Final = ("tillmark/+/status", "tillmark/+/heartbeat", "tillmark/+/event/#", "tillmark/+/device/#")


class Window:
    """`start` and `stop` as the server's life; `look` from any thread."""

    def __init__(
        self,
        broker: Broker,
        store: Store,
        board: Callable[[], Board],
        ticks: Ticks,
        *,
        name: str,
        now: Now,
        monotonic_ms: Callable[[], int],
        log: Log,
    ) -> None:
        self._broker = broker
        self._store = store
        self._board = board
        self._ticks = ticks
        self._name = name
        self._now = now
        self._monotonic_ms = monotonic_ms
        self._log = log
        self._watch = Watch(now, monotonic_ms)
        self.look = self._watch.look
        self._changes = threading.Condition()
        self._changed: set[str] = set()
        self._stopping = False
        self._connected = False
        self._again = False
        self._was_told = False
        self._deaf: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._work, name="window", daemon=True)

    # -- the server's life -----------------------------------------------------------------------------

    def start(self) -> None:
        self._deaf = self._store.listen(self._heard_of)
        self._thread.start()

    def stop(self) -> None:
        self._deaf()
        with self._changes:
            self._stopping = True
            self._changes.notify()
        self._thread.join(JOIN_S)

    @property
    def connected(self) -> bool:
        return self._connected

    def _heard_of(self, topic: str, value: object) -> None:
        """On the store's writer: only passed on."""
        if topic in (shops.CHANGED, shops.LISTED):
            with self._changes:
                if len(self._changed) < RINGS_MAX:
                    self._changed.add(str(value))
                    self._changes.notify()

    # -- the window's thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        self._know_all()
        client = self._made()
        host, port = self._broker.host, self._broker.port
        client.connect_async(host, port, KEEPALIVE_S, clean_start=True, properties=_short_packets())
        client.loop_start()
        written_ms = self._monotonic_ms()
        while not self._stopping:
            with self._changes:
                if not (self._changed or self._stopping):
                    self._changes.wait(TURN_S)
                changed, self._changed = self._changed, set()
            for terminal in changed:
                self._ring(client, terminal)
            if self._connected:
                self._tick(client)
            if self._monotonic_ms() - written_ms >= WRITE_MS:
                written_ms = self._monotonic_ms()
                self._write_seen()
        self._write_seen()
        client.disconnect()
        client.loop_stop()

    def _know_all(self) -> None:
        def look(unit: Unit) -> list[str]:
            rows = unit.all("SELECT id FROM terminal WHERE state = 'active' LIMIT ?", (TERMINALS_MAX,))
            return [row[0] for row in rows]

        try:
            self._watch.know(self._store.read(look))
        except Refused as refused:  # a store that cannot be read serves nobody; the window only shows less
            self._log.warning("window.store", code=refused.code)

    def _ring(self, client: Client, terminal: str) -> None:
        """Something concerns this terminal: it is listened to, or no more, and told to ask."""
        try:
            row = self._store.read(lambda unit: unit.one("SELECT state FROM terminal WHERE id = ?", (terminal,)))
        except Refused as refused:
            self._log.warning("window.store", code=refused.code)
            return
        if row is not None and row[0] == "active":
            self._watch.know((terminal,))
        else:
            self._watch.forget(terminal)
        if self._connected:
            client.publish(f"tillmark/{terminal}/poll", "{}", qos=1, properties=_expiring(BELL_LIFE_S))

    def _tick(self, client: Client) -> None:
        if self._again:
            self._again = False
            self._ticks.all_again()
        for tick in self._ticks.due(self._board(), self._now(), self._monotonic_ms()):
            self._publish(client, tick)

    def _publish(self, client: Client, tick: Tick) -> None:
        properties = None if tick.lasting else _expiring(TICK_LIFE_S)
        client.publish(tick.topic, tick.payload, qos=0, retain=True, properties=properties)

    def _write_seen(self) -> None:
        moments = self._watch.take_unwritten()
        if not moments:
            return
        try:
            self._store.submit(lambda unit: shops.seen(unit, moments))
        except Refused as refused:  # busy or closing: the next minute tells it again, later
            self._log.warning("window.store", code=refused.code)

    def _made(self) -> Client:
        from paho.mqtt import client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self._name, protocol=mqtt.MQTTv5)
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set(self._broker.ca_file or None)
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.max_queued_messages_set(IN_FLIGHT_MAX)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    # -- in the library's thread -----------------------------------------------------------------------

    def _on_connect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._tell_once("window.refused", "TM-MQTT-002", str(reason))
            return
        client.subscribe([(topic, _options()) for topic in HEARD])
        self._was_told = False
        self._again = True
        self._watch.clear_view(True)
        self._connected = True
        self._log.info("window.open", broker=repr(self._broker))

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        self._tell_once("window.unreachable", "TM-MQTT-001", repr(self._broker))

    def _on_disconnect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._connected = False
        self._watch.clear_view(False)
        if not self._stopping:
            self._tell_once("window.lost", "TM-MQTT-001", str(reason))

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self._watch.heard(message.topic, bytes(message.payload), kept=message.retain)

    def _tell_once(self, event: str, code: str, detail: str) -> None:
        if not self._was_told:
            self._log.warning(event, code=code, detail=detail)
        self._was_told = True


def _options() -> Any:
    from paho.mqtt.subscribeoptions import SubscribeOptions

    return SubscribeOptions(qos=1)


def _short_packets() -> Any:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = PACKET_MAX
    return properties


def _expiring(seconds: int) -> Any:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties
