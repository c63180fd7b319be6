"""A line between agency and exchange that loses requests or replies, waits, or says everything twice."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class BadLine:
    """`mode`: ``good | lose_request | lose_reply | twice | error``; only what the agency passes on is touched."""

    port: int = 0
    target: int = 0
    mode: str = "good"
    passed: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def bad_line() -> Iterator[BadLine]:
    line = BadLine()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", line.target, timeout=10)
            try:
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                reply = connection.getresponse()
                return reply.status, reply.getheaders(), reply.read()
            finally:
                connection.close()

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            mode = line.mode if "/v1/agency/" in self.path and "/terminals/" not in self.path else "good"
            if mode == "lose_request":
                self.close_connection = True
                return
            if mode == "error":
                self.send_response(502)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            status, headers, answer = self.forward(body)
            line.passed.append(self.path)
            if mode == "twice":
                self.forward(body)  # a copy of the same bytes: the exchange must not do it again
            if mode == "lose_reply":
                self.close_connection = True
                return
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PUT = do_DELETE = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    line.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
