"""A simulated price venue on 127.0.0.1: REST and WebSocket on one port, in the shape of a public exchange.

    venue = VenueServer("upbit", "alpha", market, seed=1, now_ms=...)
    venue.start(); venue.url -> http://127.0.0.1:PORT; venue.stream -> ws://127.0.0.1:PORT
    venue.trouble = Trouble.SPIKE
    venue.close()

`Ticker` moves the market on the real clock; tests call `market.tick()` themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from sim.peers.venue import Market, Trouble, Venue
from sim.peers.venue_shapes import BinanceShape, Shape, UpbitShape

if TYPE_CHECKING:
    from websockets.http11 import Request, Response
    from websockets.sync.server import Server, ServerConnection

SLOW_S = 4.0  # longer than any client of ours waits for an answer, and than a price is fresh
LOOK_S = 0.2  # how long a line may wait for news before it looks whether it should end


class VenueServer:
    """Made stopped; `start` once, `close` once. `kind` is ``upbit`` or ``binance``."""

    def __init__(
        self, kind: str, name: str, market: Market, *, seed: int, now_ms: Callable[[], int], port: int = 0
    ) -> None:
        shapes: dict[str, Shape] = {"upbit": UpbitShape(), "binance": BinanceShape()}
        self.kind = kind
        self.venue = Venue(name, market, seed)
        self._shape = shapes[kind]
        self._now_ms = now_ms
        self._port = port
        self._ending = threading.Event()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def trouble(self) -> Trouble:
        return self.venue.trouble

    @trouble.setter
    def trouble(self, trouble: Trouble) -> None:
        self.venue.trouble = trouble
        with self.venue.market.changed:
            self.venue.market.changed.notify_all()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    def start(self) -> None:
        from websockets.sync.server import serve

        self._server = serve(
            self._line, "127.0.0.1", self._port, process_request=self._request, compression=None, close_timeout=0.5
        )
        self._port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"sim-venue-{self.venue.name}")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        with self.venue.market.changed:
            self.venue.market.changed.notify_all()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()

    def _request(self, line: ServerConnection, request: Request) -> Response | None:
        """Plain GETs are answered here; an upgrade goes on to `_line`."""
        if self.trouble is Trouble.DOWN:
            return line.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
        if self.trouble is Trouble.SLOW:
            self._ending.wait(SLOW_S)
        if "Upgrade" in request.headers:
            return None
        body = self._shape.answer(request.path, self.venue.tell(self._now_ms()))
        if body is None:
            return line.respond(HTTPStatus.NOT_FOUND, "not here\n")
        return line.respond(HTTPStatus.OK, "<html>" if self.trouble is Trouble.GARBAGE else body)

    def _line(self, line: ServerConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            subscription = str(line.recv(timeout=5.0)) if self._shape.first_is_subscription else ""
            path = line.request.path if line.request is not None else ""
            wanted = self._shape.wanted(path, subscription, self.venue.market.pairs)
            seen = -1
            while not self._ending.is_set() and self.trouble is not Trouble.DOWN:
                number, _, _ = self.venue.market.look()
                if number != seen and self.trouble is not Trouble.SLOW:
                    seen = number
                    self._push(line, set(wanted))
                with self.venue.market.changed:
                    self.venue.market.changed.wait(LOOK_S)
        except (ConnectionClosed, TimeoutError, ValueError):
            return  # the client left, or said nothing or nonsense; a venue does not mind

    def _push(self, line: ServerConnection, wanted: set[object]) -> None:
        for told in self.venue.tell(self._now_ms()):
            if told.pair in wanted:
                for frame in self._shape.frames(told):
                    line.send("<garbage>" if self.trouble is Trouble.GARBAGE else frame)


class Ticker:
    """Moves the market every `every_s` seconds of the real clock until closed."""

    def __init__(self, market: Market, every_s: float) -> None:
        self._market = market
        self._every_s = every_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-market", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._every_s):
            self._market.tick()
