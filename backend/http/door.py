"""The door: the outermost layer of a server. Reads the body within its limit, stamps every reply with the time and a
request id, counts it, and turns what nobody foresaw into a problem without a traceback in it."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol, cast

import msgspec

from backend.http.callers import Entropy, Now
from backend.http.gate import BODY, Gate
from backend.http.lean import LeanRoutes
from backend.http.metrics import Figures
from backend.http.problems import MEDIA_TYPE, headers_of, problem, refused_of
from backend.refused import Refused
from core.faults.http import BODY_TOO_LARGE
from core.ports import Log

BODY_MAX: Final = 64 * 1024  # our largest request, a price list of 2,000 goods, fits; see docs/api.md
ROUTE: Final = "path_template"  # scope: Litestar's name of the route, for the figures
REQUEST_ID: Final = "tillmark.request"

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Inner(Protocol):
    """The application behind the door."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Door:
    """An ASGI application around `inner`."""

    def __init__(
        self, inner: Inner, gate: Gate, lean: LeanRoutes, now: Now, entropy: Entropy, figures: Figures, log: Log
    ) -> None:
        self._gate = gate
        self._lean = lean
        self._inner = inner
        self._now = now
        self._figures = figures
        self._log = log
        self._start = entropy(5).hex()  # tells this run's requests from the last one's; chance for each costs a call
        self._count = 0

    def _next_id(self) -> str:
        self._count += 1
        return f"{self._start}-{self._count:x}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # no route of ours is a WebSocket
            return
        visit = _Visit(self, scope, send)
        try:
            body = await _read(receive)
            scope[BODY] = body
            if scope["method"] == "POST" and scope["path"] in self._lean.routes:
                scope[ROUTE] = scope["path"]
                status, headers, told = await self._lean.answer(self._gate, cast(dict[str, Any], scope))
                await visit.send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": told})
                return
            await self._inner(scope, _again(body, receive), visit.send)
        except Exception as error:  # noqa: BLE001 - the last net: logged whole, answered without its inside
            await visit.fail(error)
        finally:
            self._figures.served(scope["method"], str(scope.get(ROUTE, "")), visit.status, visit.started)


class _Visit:
    """One request on its way out."""

    def __init__(self, door: Door, scope: Scope, send: Send) -> None:
        self._door = door
        self._scope = scope
        self._send = send
        self.status = 0
        self.started = door._figures.start()
        self.id = door._next_id()
        scope[REQUEST_ID] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"tillmark-time", self._door._now().rfc3339().encode()),
                (b"request-id", self.id.encode()),
                (b"x-content-type-options", b"nosniff"),
            ]
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        refused = refused_of(error)
        if refused is not error:
            lines = "".join(traceback.format_exception(error))
            self._door._log.error("http.unforeseen", request=self.id, path=self._scope["path"], error=lines)
        if self.status:
            return  # the reply has begun; closing the connection is all that is left to say
        body, headers = answer(refused, self._door._now)
        await self.send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def answer(refused: Refused, now: Now) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A refusal as the body and headers of its reply."""
    body = msgspec.json.encode(problem(refused.refusal, refused.status, refused.retryable, now()))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(n.encode(), v.encode()) for n, v in headers_of(refused.status, refused.retryable).items()]
    return body, headers


async def _read(receive: Receive) -> bytes:
    """The whole body. Raises `Refused` as soon as it is too large; nothing larger is ever held."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_MAX:
            raise Refused.by(BODY_TOO_LARGE, f"at most {BODY_MAX} bytes", status=413)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more for the application, then whatever the connection says (that the client has left)."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
