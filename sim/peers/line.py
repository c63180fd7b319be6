"""The line between a terminal and a server, as a piece of wire with a will of its own: it delays, doubles or cuts.

    line = Line()
    line.leads_to("http://127.0.0.1:8080")   # line.url is what the terminal is told
    line.order(Act.CUT, "/v1/captures")       # the next reply to a request for that path never arrives

Knows of HTTP only where one answer ends and the next begins: every request is small and is asked alone. Requests are
never changed, so their signatures stay good.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

CHUNK: Final = 65_536
LOOK_S: Final = 0.1  # how long a wait lasts before it looks whether the line was closed
WHOLE_S: Final = 0.03  # a reply that has been silent this long is whole: both ends are on this machine
CONNECT_S: Final = 2.0


class Act(Enum):
    """What happens to one reply. HOLE: the request does not even arrive."""

    LATE = "late"
    TWICE = "twice"
    CUT = "cut"
    HOLE = "hole"


@dataclass(slots=True)
class _Order:
    act: Act
    path: str
    times: int
    delay_s: float


class Line:
    """Listens at once on a free loopback port; `leads_to` says where. Thread-safe. `close` it."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(LOOK_S)
        self._target = ("127.0.0.1", 0)
        self._orders: list[_Order] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self.acted = 0
        self._accepting = threading.Thread(target=self._accept, name="line", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def leads_to(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)

    def order(self, act: Act, path: str = "", *, times: int = 1, delay_s: float = 0.0) -> None:
        """The next `times` answers to requests whose path begins with `path` go wrong in this way."""
        with self._lock:
            self._orders.append(_Order(act, path, times, delay_s))

    def mend(self) -> None:
        with self._lock:
            self._orders.clear()

    def close(self) -> None:
        self._closed.set()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._server.close()

    # -- the wire ----------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._server.accept()
            except TimeoutError:
                continue
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._carry, args=(near,), name="line-wire", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket) -> None:
        """One connection until either end hangs up or the line is closed. A dead server looks like a dead server."""
        with near, contextlib.suppress(OSError), socket.create_connection(self._target, CONNECT_S) as far:
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._between(near, far)

    def _between(self, near: socket.socket, far: socket.socket) -> None:
        order: _Order | None = None
        while not self._closed.is_set():
            ready, _, _ = select.select([near, far], [], [], LOOK_S)
            if near in ready:
                asked = near.recv(CHUNK)
                if not asked:
                    return
                order = self._order_for(asked) or order
                if order is None or order.act is not Act.HOLE:
                    far.sendall(asked)
            if far in ready:
                told = far.recv(CHUNK)
                if not told:
                    return
                if order is not None and not self._act(order, told, near, far):
                    return
                if order is None:
                    near.sendall(told)
                order = None

    def _order_for(self, asked: bytes) -> _Order | None:
        """The order about a request that begins here, counted down; None for bodies and for requests left in peace."""
        first = asked.split(b"\r\n", 1)[0].split(b" ")
        if len(first) != 3 or not first[2].startswith(b"HTTP/"):
            return None
        path = first[1].decode("ascii", "replace")
        with self._lock:
            found = next((order for order in self._orders if path.startswith(order.path)), None)
            if found is None:
                return None
            self.acted += 1
            found.times -= 1
            if found.times == 0:
                self._orders.remove(found)
            return found

    def _act(self, order: _Order, told: bytes, near: socket.socket, far: socket.socket) -> bool:
        """Whether the connection goes on afterwards."""
        while select.select([far], [], [], WHOLE_S)[0]:
            more = far.recv(CHUNK)
            if not more:
                break
            told += more
        match order.act:
            case Act.LATE:
                self._closed.wait(order.delay_s)
                near.sendall(told)
            case Act.TWICE:
                near.sendall(told + told)
            case Act.CUT | Act.HOLE:
                return False
        return True
