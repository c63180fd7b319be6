"""A feed: the thread that keeps one venue's prices on the board.

It listens to the venue's stream; when the stream is silent for `SILENT_S` or down it asks by REST, so that a quiet
market is not mistaken for a dead one. It reconnects for ever, with a bounded pause. It never touches the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend.market.board import PriceBoard
from backend.market.rules import Pair, Reading
from backend.market.venue import Adapter, Heard, Nonsense, Quoted
from core.faults.market import VENUE_LOST
from core.moment import Moment
from core.ports import Log

if TYPE_CHECKING:
    import requests
    from websockets.sync.client import ClientConnection

SILENT_S = 1.0  # a third of the time after which a price is stale: two polls may fail before selling stops
CONNECT_S = 3.0  # a venue that needs longer to say hello is as good as down
GET_S = (1.0, 1.5)  # connect and read; an answer that comes later would be stale on arrival
PAUSE_MIN_S, PAUSE_MAX_S = 0.25, 5.0  # between attempts: soon at first, and never a burden on a venue that is down
MESSAGE_MAX = 256 * 1024  # bytes of one frame or answer; a full order book of ours is below 20 kB


class Feed:
    """Made stopped; `start` once, `close` once. `state` is for pages: ``starting | live | polling | lost``."""

    def __init__(
        self,
        name: str,
        adapter: Adapter,
        pairs: tuple[Pair, ...],
        board: PriceBoard,
        *,
        now: Callable[[], Moment],
        monotonic_ms: Callable[[], int],
        log: Log,
    ) -> None:
        self.name = name
        self.state = "starting"
        self._adapter = adapter
        self._pairs = pairs
        self._board = board
        self._now = now
        self._monotonic_ms = monotonic_ms
        self._log = log
        self._ending = threading.Event()
        self._line: ClientConnection | None = None
        self._thread = threading.Thread(target=self._run, name=f"venue-{name}", daemon=True)

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
                self._take(self._adapter.heard(text), "live")

    def _poll(self, session: requests.Session) -> None:
        """Ask by REST once. A failure is no news about the price: the board finds it stale by itself."""
        import requests

        for address in self._adapter.polls():
            try:
                with session.get(address, timeout=GET_S, stream=True, allow_redirects=False) as answer:
                    body = answer.raw.read(MESSAGE_MAX, decode_content=True) if answer.status_code == 200 else b""
            except (requests.RequestException, OSError) as error:
                self._lost(error)
                return
            if not body:
                self._lost(OSError(f"status {answer.status_code}"))
                return
            self._take(self._adapter.polled(body.decode("utf-8", "replace")), "polling")

    def _take(self, heard: list[Heard], state: str) -> None:
        for one in heard:
            match one:
                case Quoted(pair, bid, ask, at_ms):
                    now, seen_ms = self._now(), self._monotonic_ms()
                    self._board.offer(Reading(self.name, pair, bid, ask, at_ms, now, seen_ms))
                case Nonsense(pair, page, detail):
                    self._log.warning("venue_nonsense", venue=self.name, code=page.code, detail=detail[:120])
                    for each in self._pairs if pair is None else (pair,):
                        self._board.distrust(self.name, each, page)
        if heard and self.state != state:
            if self.state == "lost":
                self._log.info("venue_back", venue=self.name)
            self.state = state

    def _lost(self, error: Exception) -> None:
        """Say it once, not at every attempt."""
        if self.state != "lost" and not self._ending.is_set():
            self._log.warning("venue_lost", venue=self.name, code=VENUE_LOST.code, detail=str(error)[:120])
            self.state = "lost"
