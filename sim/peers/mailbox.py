"""The far end of the mail and SMS gateway: takes every message and shows it, to programs and to people.

``POST /`` ``{"channel", "to", "subject", "text"}`` takes one; ``GET /`` is a page of the newest, ``GET /?json`` the
same for a program. Keeps the newest 200 in memory and nothing on disk.
"""

from __future__ import annotations

import html
import json
import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

KEPT: Final = 200  # a demonstration sends a few dozen; older ones nobody looks for
BODY_MAX: Final = 16 * 1024
WAIT_S: Final = 5.0  # a code that has not come by then will not come
_CODE: Final = re.compile(r"\b(\d{6})\b")


class NoMessage(RuntimeError):
    """Nothing came for that address in time."""


@dataclass(frozen=True, slots=True)
class Message:
    channel: str
    to: str
    subject: str
    text: str


class Mailbox:
    """Opens at once on a free loopback port; `url` is what the gateway's setting names."""

    def __init__(self, port: int = 0) -> None:
        self._changed = threading.Condition()
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._taken: dict[str, int] = {}
        box = self

        class Handler(_Handler):
            mailbox = box

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="mailbox", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def messages(self) -> tuple[Message, ...]:
        """Newest last."""
        with self._changed:
            return tuple(self._messages)

    def wait_for_code(self, to: str, timeout_s: float = WAIT_S) -> str:
        """The six digits of the newest message for `to`, each message once. Raises `NoMessage`."""

        def unread() -> list[Message]:
            mine = [message for message in self._messages if message.to == to]
            return mine[self._taken.get(to, 0) :]

        with self._changed:
            self._changed.wait_for(lambda: bool(unread()), timeout_s)
            found = unread()
            if not found:
                raise NoMessage(f"no message for {to} within {timeout_s} s")
            self._taken[to] = self._taken.get(to, 0) + len(found)
        code = _CODE.search(found[-1].text)
        if code is None:
            raise NoMessage(f"the message for {to} holds no code")
        return code[1]

    def take(self, message: Message) -> None:
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(WAIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    mailbox: Mailbox
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_MAX:
            return self._say(HTTPStatus.BAD_REQUEST, "text/plain", b"a message of at most 16 KiB")
        try:
            told: Any = json.loads(self.rfile.read(int(length)))
            message = Message(*(str(told[name]) for name in ("channel", "to", "subject", "text")))
        except (ValueError, KeyError, TypeError):
            return self._say(HTTPStatus.BAD_REQUEST, "text/plain", b"channel, to, subject and text are needed")
        self.mailbox.take(message)
        return self._say(HTTPStatus.ACCEPTED, "text/plain", b"taken")

    def do_GET(self) -> None:
        newest = tuple(reversed(self.mailbox.messages))
        if self.path.endswith("?json"):
            body = json.dumps([asdict(message) for message in newest], ensure_ascii=False).encode()
            return self._say(HTTPStatus.OK, "application/json", body)
        return self._say(HTTPStatus.OK, "text/html; charset=utf-8", _page(newest).encode())

    def _say(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: codes do not belong in a log."""


def _page(messages: tuple[Message, ...]) -> str:
    rows = "".join(
        f"<article><h2>{html.escape(message.to)} <small>{html.escape(message.channel)}</small></h2>"
        f"<p><b>{html.escape(message.subject)}</b></p><p>{html.escape(message.text)}</p></article>"
        for message in messages
    )
    style = (
        "body{font:16px/1.5 system-ui;margin:24px auto;max-width:40rem;padding:0 16px;color:#12242a;background:#f3f7f8}"
        "article{background:#fff;border:1px solid #d4dfe2;border-radius:12px;padding:4px 20px;margin:16px 0}"
        "h2{font-size:1rem;color:#0b5a66}small{color:#5c7076;font-weight:400}"
    )
    head = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="2"><style>{style}</style>'
    return f"{head}<title>Mailbox</title><h1>Mailbox</h1>{rows or '<p>Nothing has come yet.</p>'}"
