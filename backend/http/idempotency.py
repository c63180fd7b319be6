"""`Idempotency-Key` on the HTTP side: the header, what a body hash covers, and how a stored answer is sent."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from litestar import Response
from litestar.connection import ASGIConnection

from backend.http.gate import BODY, CALLER
from backend.refused import Refused
from backend.store.idempotent import KEY_MAX, Answer
from core.faults.http import NO_IDEMPOTENCY_KEY

HEADER: Final = "idempotency-key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY = re.compile(rf"[!-~]{{1,{KEY_MAX}}}", re.ASCII)
Connection = ASGIConnection[Any, Any, Any, Any]


def key_of(connection: Connection) -> str:
    """The key a request must carry. Raises `Refused` 400."""
    return checked_key(connection.headers.get(HEADER, ""))


def checked_key(key: str) -> str:
    """The same key, if it is one. Raises `Refused` 400."""
    if not _KEY.fullmatch(key):
        raise Refused.by(NO_IDEMPOTENCY_KEY, status=400)
    return key


def principal_of(connection: Connection) -> str:
    """Whom the key belongs to: the signer, or the person whose session it is."""
    scope: Any = connection.scope
    return str(scope[CALLER].principal)


def body_hash(connection: Connection) -> str:
    """A request is the same when method, path and body are."""
    scope: Any = connection.scope
    return hash_of(scope["method"], scope["path"], scope.get(BODY, b""))


def hash_of(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def reply(answer: Answer) -> Response[Any]:
    """A stored or fresh answer as it is sent. A stored refusal is raised again, and comes out as its problem."""
    if answer.refused is not None:
        raise answer.refused
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(
        content=answer.body.encode(), status_code=answer.status, media_type="application/json", headers=headers
    )
