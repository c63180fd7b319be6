"""A feed: the thread that keeps one venue's prices on the board.

It listens to the venue's stream; when the stream is silent for `SILENT_S` or down it asks by REST, so that a quiet
market is not mistaken for a dead one. It reconnects for ever, with a bounded pause. It never touches the store.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from backend.market.answer import ask
from backend.market.reporter import Reporter
from backend.market.venue import Adapter

if TYPE_CHECKING:
    import requests
    from websockets.sync.client import ClientConnection

SILENT_S = 1.0  # a third of the time after which a price is stale: two polls may fail before selling stops
CONNECT_S = 3.0  # a venue that needs longer to say hello is as good as down
GET_S = 2.5  # a whole answer; one that comes later would be stale on arrival
PAUSE_MIN_S, PAUSE_MAX_S = 0.25, 5.0  # between attempts: soon at first, and never a burden on a venue that is down
MESSAGE_MAX = 256 * 1024  # bytes of one frame or answer; a full order book of ours is below 20 kB


class Feed:
    """Made stopped; `start` once, `close` once. `state` is for pages: ``starting | live | polling | lost``."""

    def __init__(self, adapter: Adapter, reporter: Reporter) -> None:
        self.name = reporter.name
        self._adapter = adapter
        self._reporter = reporter
        self._ending = threading.Event()
        self._line: ClientConnection | None = None
        self._thread = threading.Thread(target=self._run, name=f"venue-{self.name}", daemon=True)

    @property
    def state(self) -> str:
        return self._reporter.state

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread; at most a few seconds, where an answer is being waited for."""
        self._ending.set()
        line = self._line
        if line is not None:
            line.close()
        self._thread.join()

    def _run(self) -> None:
        import requests
        from websockets.exceptions import WebSocketException

        pause_s = PAUSE_MIN_S
        with requests.Session() as session:
            while not self._ending.is_set():
                before = self.state
                try:
                    self._listen(session)
                except (OSError, WebSocketException) as error:
                    self._lost(error)
                self._line = None
                if self._ending.is_set():
                    break
                self._poll(session)
                pause_s = PAUSE_MIN_S if before != "lost" else min(pause_s * 2, PAUSE_MAX_S)
                self._ending.wait(pause_s)

    def _listen(self, session: requests.Session) -> None:
        from websockets.sync.client import connect

        address, subscription = self._adapter.stream()
        with connect(
            address, open_timeout=CONNECT_S, close_timeout=0.5, max_size=MESSAGE_MAX, compression=None, proxy=None
        ) as line:
            self._line = line
            if subscription:
                line.send(subscription)
            while not self._ending.is_set():
                try:
                    message = line.recv(timeout=SILENT_S)
                except TimeoutError:
                    self._poll(session)
                    continue
                text = message if isinstance(message, str) else message.decode("utf-8", "replace")
                self._reporter.take(self._adapter.heard(text), "live")

    def _poll(self, session: requests.Session) -> None:
        """Ask by REST once. A failure is no news about the price: the board finds it stale by itself."""
        for address in self._adapter.polls():
            try:
                body = ask(session, address, within_s=GET_S, at_most=MESSAGE_MAX)
            except OSError as error:  # every failure of requests is one, too
                self._lost(error)
                return
            self._reporter.take(self._adapter.polled(body), "polling")

    def _lost(self, error: Exception) -> None:
        if not self._ending.is_set():
            self._reporter.lost(error)
