"""A server that misbehaves on demand, over real sockets: what the line must survive.

Each request takes the next act from a list; an act is a function of the handler. When the list is empty the server
answers well, from the table of routes.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.codec import to_plain
from core.messages import Problem
from core.moment import Moment


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class FarEnd:
    """`answers`: path -> a dataclass to send as JSON. `acts`: what to do instead, one for each request."""

    answers: dict[str, object] = field(default_factory=dict)
    acts: list[Callable[[Any], None]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    now: Callable[[], Moment | None] = lambda: None
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    far_end: FarEnd

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = self.client_address[1]
        end = self.far_end
        end.asked.append(Asked(self.command, self.path, dict(self.headers), body, connection))
        if end.acts:
            end.acts.pop(0)(self)
        else:
            self.well()

    do_POST = do_GET

    def well(self) -> None:
        answer = self.far_end.answers[self.path]
        self.say(200, answer if isinstance(answer, dict | list) else to_plain(answer))

    def say(self, status: int, data: object, kind: str = "application/json", **headers: str) -> None:
        self.send(status, json.dumps(data).encode(), kind, **headers)

    def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        now = self.far_end.now()
        if now is not None:
            self.send_header("Tillmark-Time", now.rfc3339())
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def far_end() -> Iterator[FarEnd]:
    end = FarEnd()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"far_end": end, "timeout": 3}))
    end.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield end
    finally:
        end.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


# -- acts ---------------------------------------------------------------------------------------------


def no(code: str, status: int = 409, retryable: bool = False, server_time: str = "", **headers: str) -> Any:
    """A refusal by name."""
    problem = Problem("/faults/x", "No.", status, code, "because", retryable, "", server_time)
    return lambda handler: handler.say(status, to_plain(problem), "application/problem+json", **headers)


def silent(handler: Handler) -> None:
    """Takes the question and never answers."""
    handler.far_end.released.wait(20)
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """A byte of the headers now and then, for ever: each read is quick, the whole never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.far_end.released.wait(0.05):
        handler.wfile.write(b"a")
    handler.close_connection = True


def drip_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while not handler.far_end.released.wait(0.05):
        handler.wfile.write(b" ")
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Says more than it sends."""
    body = json.dumps(to_plain(handler.far_end.answers[handler.path])).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def cut_without_length(handler: Handler) -> None:
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"txn": ')
    handler.close_connection = True


def raw(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    return lambda handler: handler.send(status, body, kind, **headers)


def twice(handler: Handler) -> None:
    """The answer comes twice on the same connection: the second one waits there for the next question."""
    handler.well()
    handler.well()


def plain(value: object, **changes: object) -> dict[str, object]:
    """A message as JSON with some fields changed."""
    return to_plain(value) | changes
