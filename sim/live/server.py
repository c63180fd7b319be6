"""The live page's server: one page, one WebSocket; this machine only, and only for who has the address.

Plain HTTP answers the page and its files; the WebSocket carries pictures of the device's screen to the page and the
hands of the person back. The address holds a random word: another user or page of this machine cannot guess it, and a
page elsewhere is refused by its origin.
"""

from __future__ import annotations

import contextlib
import html
import json
import logging
import re
import secrets
import socket
import threading
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from types import MappingProxyType, TracebackType
from typing import Final, Self

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from backend.web.files import every as web_files
from sim.live.orders import ORDER_MAX, obey
from sim.live.words import words
from sim.live.world import CannotDo, World

FRAME_WAIT_S: Final = 0.5  # how long a look for a picture waits before it looks whether the page is still there
STATE_S: Final = 0.25  # mails, papers and prices are news within a quarter of a second
PAGES_MAX: Final = 4  # open pages: each costs two threads and a stream of pictures
SHARED: Final = ("tokens.css", "mark.svg")  # files of the members' pages
_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_GAP: Final = re.compile(r"\{\{(\w[\w.]*)\}\}")


class LivePage:
    """Takes a port at once, so that `origin` can be told to the servers; serves from `start` to `close`."""

    def __init__(self, world: World, port: int = 0) -> None:
        self._world = world
        self._socket = socket.create_server(("127.0.0.1", port))
        self._port: int = self._socket.getsockname()[1]
        self._word = secrets.token_urlsafe(16)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._pages: set[ServerConnection] = set()
        self._closing = threading.Event()

    @property
    def origin(self) -> str:
        """The origin of the page, for the servers' `web.embedded_by`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The one address a person needs."""
        return f"{self.origin}/{self._word}/"

    @property
    def serving(self) -> bool:
        return self._server is not None

    def start(self) -> Self:
        quiet = logging.getLogger("sim.live")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        self._server = serve(
            self._talk,
            sock=self._socket,
            process_request=self._answer,
            origins=None,  # `_answer` checks it, with a reason
            max_size=2 * ORDER_MAX,
            compression=None,  # the pictures are compressed already
            server_header=None,
            logger=quiet,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="live-page")
        self._thread.start()
        return self

    def close(self) -> None:
        self._closing.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            with self._lock:
                open_pages = tuple(self._pages)
            for page in open_pages:
                page.close(1001, "the demonstration has ended")
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- plain requests ---------------------------------------------------------------------------------

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A page or a file; None lets the WebSocket through."""
        host = request.headers.get("Host", "")
        if host != f"127.0.0.1:{self._port}":
            return _response(HTTPStatus.FORBIDDEN, b"this machine only", "text/plain")
        path, _, _ = request.path.partition("?")
        word, _, name = path.removeprefix("/").partition("/")
        if not secrets.compare_digest(word.encode(), self._word.encode()):
            return _response(HTTPStatus.NOT_FOUND, b"", "text/plain")
        if name == "socket":
            if request.headers.get("Origin") != self.origin:
                return _response(HTTPStatus.FORBIDDEN, b"another page", "text/plain")
            return None
        return self._file(name, request)

    def _file(self, name: str, request: Request) -> Response:
        if name == "":
            return self._page("ko" if request.headers.get("Accept-Language", "").startswith("ko") else "en")
        if name in SHARED:
            return _response(HTTPStatus.OK, web_files()[name].body, web_files()[name].media_type)
        if name.startswith("paper/") and name.removeprefix("paper/").isdigit():
            number = int(name.removeprefix("paper/"))
            if 1 <= number <= self._world.paper_count():
                return _response(HTTPStatus.OK, self._world.paper(number), "image/png")
        found = _page_files().get(name)
        if found is None or name == "live.html":
            return _response(HTTPStatus.NOT_FOUND, b"", "text/plain")
        return _response(HTTPStatus.OK, found, _TYPES[name.rpartition(".")[2]])

    def _page(self, lang: str) -> Response:
        urls = self._world.urls()
        said = words(lang)
        told = {**said, "shop_word": said["shop"], "operator_word": said["operator"], "phone_word": said["phone"]}
        told |= {"lang": lang, "words": json.dumps(said), **asdict(urls)}
        told = {key: html.escape(value) for key, value in told.items()}
        text = _GAP.sub(lambda gap: told[gap[1]], _page_files()["live.html"].decode())
        phone = "/".join(urls.phone.split("/")[:3])
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            f"connect-src {self.origin.replace('http', 'ws', 1)}; frame-src {phone}; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        response = _response(HTTPStatus.OK, text.encode(), "text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = policy
        for name, value in self._world.visitor().items():  # a cookie belongs to a host, whatever the port
            response.headers["Set-Cookie"] = f"{name}={value}; Path=/; HttpOnly; SameSite=Strict"
        return response

    # -- the WebSocket ----------------------------------------------------------------------------------

    def _talk(self, connection: ServerConnection) -> None:
        """One open page: its orders are obeyed here, two threads tell it what there is to see."""
        with self._lock:
            full = len(self._pages) >= PAGES_MAX or self._closing.is_set()
            if not full:
                self._pages.add(connection)
        if full:
            connection.close(1013, f"at most {PAGES_MAX} open pages")
            return
        gone = threading.Event()
        tellers = [
            threading.Thread(target=teller, args=(connection, gone), name=f"live-{teller.__name__.strip('_')}")
            for teller in (self._frames, self._news)
        ]
        for one in tellers:
            one.start()
        try:
            for message in connection:
                try:
                    obey(self._world, message if isinstance(message, str) else "")
                except CannotDo as no:
                    connection.send(json.dumps({"kind": "no", "text": str(no)}))
        except ConnectionClosed:
            pass  # the page was closed or loaded again: nothing is lost
        finally:
            gone.set()
            for one in tellers:
                one.join()
            with self._lock:
                self._pages.discard(connection)

    def _frames(self, connection: ServerConnection, gone: threading.Event) -> None:
        number = 0
        with contextlib.suppress(ConnectionClosed):
            while not (gone.is_set() or self._closing.is_set()):
                frame = self._world.frame(number, FRAME_WAIT_S)
                if frame is None:
                    continue
                number = frame.number
                told = {"kind": "screen", "name": frame.name, "width": frame.width, "height": frame.height}
                connection.send(json.dumps({**told, "spoken": " ".join(frame.spoken)}))
                connection.send(frame.picture)

    def _news(self, connection: ServerConnection, gone: threading.Event) -> None:
        before = ""
        with contextlib.suppress(ConnectionClosed):
            while not (gone.wait(STATE_S) or self._closing.is_set()):
                state = _state(self._world)
                if state != before:
                    connection.send(state)
                    before = state


def _state(world: World) -> str:
    return json.dumps(
        {
            "kind": "state",
            "papers": world.paper_count(),
            "products": [asdict(one) for one in world.products()],
            "knobs": [asdict(one) for one in world.knobs()],
            "switches": [asdict(one) for one in world.switches()],
            "letters": [asdict(one) for one in world.letters()[:20]],
        },
        ensure_ascii=False,
    )


@cache
def _page_files() -> MappingProxyType[str, bytes]:
    folder = files("sim.live").joinpath("page")
    return MappingProxyType({one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()})


def _response(status: HTTPStatus, body: bytes, media_type: str) -> Response:
    headers = Headers(
        {
            "Content-Type": media_type,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Connection": "close",
        }
    )
    return Response(status.value, status.phrase, headers, body)
