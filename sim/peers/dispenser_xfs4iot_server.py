"""A simulated XFS4IoT machine behind a real WebSocket: for demos and for tests of the cable.

One client at a time: a new one takes the place of the old. The machine's clock runs `speed` times as fast as ours, and
goes on while nobody is connected.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.sync.server import ServerConnection, serve

from core.wire.xfs4iot import MESSAGE_BYTES_MAX
from sim.peers.dispenser_xfs4iot import XfsDispenser

PATH: Final = "/xfs4iot/v1.0/CashDispenser"
TICK_S: Final = 0.005
CLOSE_S: Final = 0.5
JOIN_S: Final = 5.0


class XfsServer:
    """`url` where it listens; `close` ends its threads. Touch `peer` only while holding `lock`."""

    def __init__(self, peer: XfsDispenser, speed: float = 1.0, secure: ssl.SSLContext | None = None) -> None:
        self.peer, self.lock = peer, threading.RLock()
        self._speed, self._begun_s = speed, time.monotonic()
        self._client: ServerConnection | None = None
        self._stopping = threading.Event()
        self._server = serve(
            self._serve, "127.0.0.1", 0, ssl=secure, compression=None, max_size=MESSAGE_BYTES_MAX, close_timeout=CLOSE_S
        )
        port = self._server.socket.getsockname()[1]
        self.url = f"{'wss' if secure else 'ws'}://localhost:{port}{PATH}"
        self._threads = (
            threading.Thread(target=self._server.serve_forever, name="xfs4iot-listens"),
            threading.Thread(target=self._tick, name="xfs4iot-moves"),
        )
        for thread in self._threads:
            thread.start()

    def now_ms(self) -> int:
        """The machine's clock."""
        return int((time.monotonic() - self._begun_s) * 1_000 * self._speed)

    def power(self, on: bool) -> None:
        with self.lock:
            self.peer.power(on, self.now_ms())

    def close(self) -> None:
        self._stopping.set()
        with self.lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()
        self._server.shutdown()
        for thread in self._threads:
            thread.join(JOIN_S)

    def _serve(self, client: ServerConnection) -> None:
        before = None
        with self.lock:
            welcome = self.peer.on and client.request is not None and client.request.path == PATH
            if welcome:
                before, self._client = self._client, client
                self.peer.connect()
        if not welcome:
            client.close(1011 if client.request is not None and client.request.path == PATH else 1008)
            return
        if before is not None:
            before.close()
        with contextlib.suppress(WebSocketException):
            for message in client:
                with self.lock:
                    if self._client is not client:
                        break
                    raw = message.encode() if isinstance(message, str) else message
                    self.peer.hear(raw, self.now_ms())
                    self._say()
        with self.lock:
            if self._client is client:
                self._client = None
                self.peer.drop()

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_S):
            with self.lock:
                self.peer.turn(self.now_ms())
                self._say()

    def _say(self) -> None:
        """What the machine has to say goes out; a machine that dropped its line hangs up."""
        client = self._client
        if client is None:
            return
        if self.peer.dropped or not self.peer.on:
            self._client = None
            with contextlib.suppress(OSError):  # a line that breaks says no goodbye
                client.socket.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(WebSocketException, OSError):
            for message in self.peer.say():
                client.send(message, text=True)
