"""Lean routes: the few that stand on the path of every sale, answered without the framework's detours.

The same gate, the same problems, the same idempotency; only routing, decoding and encoding are our own few lines. Each
stands in the framework too, with the same rule and the same work (a test compares them), which is where its
description in `/openapi.json` comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from backend.http.callers import Now, Rule
from backend.http.gate import BODY, CALLER, Gate, header_map
from backend.http.idempotency import checked_key, hash_of
from backend.store import Store, Unit
from backend.store.idempotent import Answer, once
from core.moment import Moment

T = TypeVar("T")
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Lean(Generic[T]):
    """One lean POST: its rule, what its body is, and the work of one unit under the request's key."""

    path: str
    rule: Rule
    body: type[T]
    work: Callable[[Unit, T, Moment], object]


class LeanRoutes:
    """Answers lean routes; the door asks it first."""

    def __init__(self, store: Store, now: Now, routes: tuple[Lean[Any], ...]) -> None:
        self._store = store
        self._now = now
        self.routes: Mapping[str, Lean[Any]] = {route.path: route for route in routes}
        self._decoders = {route.path: msgspec.json.Decoder(route.body) for route in routes}

    async def answer(self, gate: Gate, scope: dict[str, Any]) -> tuple[int, Headers, bytes]:
        """Status, headers and body. Raises what the gate, the decoder or the work raises, for the door to tell."""
        path: str = scope["path"]
        route = self.routes[path]
        await gate.admit(scope, route.rule)
        data = self._decoders[path].decode(scope[BODY])
        key = checked_key(header_map(scope).get(b"idempotency-key", ""))
        digest = hash_of(scope["method"], path, scope[BODY])
        principal, now = scope[CALLER].principal, self._now()

        def do(inner: Unit) -> str:
            return msgspec.json.encode(route.work(inner, data, now)).decode()

        def work(unit: Unit) -> Answer:
            return once(unit, principal, key, digest, now, do)

        answer = await self._store.answer(work)
        if answer.refused is not None:
            raise answer.refused
        body = answer.body.encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if answer.replayed:
            headers.append((b"idempotency-replayed", b"true"))
        return answer.status, headers, body
