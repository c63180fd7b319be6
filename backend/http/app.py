"""One application for each of our servers: the same door, gate, problems, health and key pages around its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.params import FromPath

from backend.http.callers import Caller, Entropy, KeyBook, Now, Rule
from backend.http.door import Door, answer
from backend.http.gate import CALLER, Gate
from backend.http.keys import ServerKey
from backend.http.lean import Lean, LeanRoutes
from backend.http.metrics import MEDIA_TYPE, Figures
from backend.http.nonces import Nonces
from backend.http.problems import refused_of
from backend.refused import Refused
from backend.store import Store
from core.faults.catalogue import catalogue
from core.faults.http import NO_SUCH_ROUTE
from core.ports import Log

VERSION: Final = "1"
FaultPage = Callable[[Request[Any, Any, Any], str], Awaitable[Response[bytes]]]
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Face:
    """What a server's HTTP face is made of. `ready` names what cannot serve now: capability -> catalogue code.

    `fault_page` shows a page of the catalogue to a browser; programs get it as JSON.
    """

    title: str
    store: Store
    keys: KeyBook
    key: ServerKey
    authorities: frozenset[str]
    now: Now
    entropy: Entropy
    log: Log
    ready: Callable[[], dict[str, str]] = field(default=dict)
    secure_cookie: bool = False
    fault_page: FaultPage | None = None


def application(
    face: Face,
    handlers: Sequence[BaseRouteHandler],
    *,
    lifespan: Sequence[Lifespan] = (),
    lean: tuple[Lean[Any], ...] = (),
) -> tuple[Door, Litestar, Gate]:
    """Build a server. Returns the ASGI application, and within it Litestar and the gate (for tests and lean routes)."""
    figures = Figures(face.title, VERSION)
    nonces = Nonces(face.store, face.now().ms // 1000)
    gate = Gate(face.store, face.keys, nonces, face.now, face.authorities)

    def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        refused = refused_of(error)
        if refused is not error and refused.status >= 500:
            raise error  # for the door, which logs it
        body, headers = answer(refused, face.now)
        plain = {name.decode(): value.decode() for name, value in headers if name != b"content-length"}
        return Response(body, status_code=refused.status, headers=plain, media_type=plain["content-type"])

    app = Litestar(
        route_handlers=[*handlers, *_common(face, figures)],
        guards=[gate.guard],
        exception_handlers={Exception: refuse, Refused: refuse},
        openapi_config=OpenAPIConfig(
            title=face.title,
            version=VERSION,
            path="/openapi",  # Litestar's own pages have no rule and so are closed; `/openapi.json` is ours
        ),
        lifespan=list(lifespan),
        logging_config=None,
        debug=False,
    )
    leanly = LeanRoutes(face.store, face.now, lean)
    return Door(app, gate, leanly, face.now, face.entropy, figures, face.log), app, gate


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Who was let in by the gate."""
    scope: Any = request.scope
    caller = scope[CALLER]
    assert isinstance(caller, Caller), "a route that asks for its caller must not be open"
    return caller


def _common(face: Face, figures: Figures) -> list[BaseRouteHandler]:
    """What every server answers about itself."""

    @get("/livez", opt={"rule": Rule.OPEN}, tags=["health"], sync_to_thread=False)
    def livez() -> dict[str, str]:
        """The server runs."""
        return {"state": "alive"}

    @get("/readyz", opt={"rule": Rule.OPEN}, tags=["health"], sync_to_thread=False)
    def readyz() -> Response[dict[str, str]]:
        """Can a sale be taken now? Names each capability that cannot, with its catalogue code."""
        missing = face.ready()
        if face.store.broken:
            missing = {"store": "TM-STO-002", **missing}
        state = {"state": "not ready", **missing} if missing else {"state": "ready"}
        return Response(state, status_code=503 if missing else 200)

    @get("/metrics", opt={"rule": Rule.LOCAL}, tags=["health"], sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """Figures for Prometheus; this host only."""
        return Response(figures.text(), media_type=MEDIA_TYPE)

    @get("/.well-known/tillmark-keys", opt={"rule": Rule.OPEN}, tags=["keys"], sync_to_thread=False)
    def keys() -> dict[str, list[dict[str, str]]]:
        """The public keys this server signs with."""
        return {"keys": [{"id": face.key.id, "ed25519": face.key.public}]}

    @get("/openapi.json", opt={"rule": Rule.OPEN}, include_in_schema=False, sync_to_thread=False)
    def description(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Every route of this server, as OpenAPI 3.1."""
        described = msgspec.json.encode(request.app.openapi_schema.to_schema())
        return Response(described, media_type="application/vnd.oai.openapi+json")

    @get("/faults/{code:str}", opt={"rule": Rule.OPEN}, tags=["problems"])
    async def fault(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
        """The catalogue's page of a code: what every problem's `type` points to."""
        if face.fault_page is not None and "text/html" in request.headers.get("accept", ""):
            return await face.fault_page(request, code)
        page = catalogue().get(code)
        if page is None:
            raise Refused.by(NO_SUCH_ROUTE, "no such code", status=404)
        return Response(msgspec.to_builtins(page))

    return [livez, readyz, metrics, keys, description, fault]
