"""Signing what our own servers send, and sending it over connections that are kept open.

Blocking and small on purpose: the agency calls the exchange from worker threads, each with a connection of its own.
"""

from __future__ import annotations

import base64
import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.http.callers import Entropy, Now
from backend.http.keys import ServerKey
from backend.http.signatures import Target, base, content_digest, params_of

ANSWER_MAX: Final = 1 << 20  # our largest answer, a batch's differences, is far below a megabyte
_LABEL = "sig1"


class Silent(Exception):
    """No answer: whether the far side has done what was asked is unknown. The text says what the line did."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the far side said, whatever it was."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def sign(
    target: Target, keyid: str, private: Ed25519PrivateKey, created: int, nonce: str
) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two signature headers of a request (`docs/signing.md`)."""
    pairs = target.pairs()
    params = params_of((name for name, _ in pairs), created, nonce, keyid)
    signature = base64.b64encode(private.sign(base(pairs, params))).decode()
    return ("Signature-Input", f"{_LABEL}={params}"), ("Signature", f"{_LABEL}=:{signature}:")


def signed_headers(
    method: str, authority: str, path: str, body: bytes, key: str | None, keyid: str, private: Ed25519PrivateKey,
    created: int, entropy: Entropy,
) -> dict[str, str]:  # fmt: skip
    """Every header of a signed request. `path` with its query, as it will be sent."""
    plain, mark, query = path.partition("?")
    digest = content_digest(body) if body else None
    target = Target(method, authority, plain, mark + query, digest, key)
    headers = {"Host": authority}
    if digest is not None:
        headers |= {"Content-Type": "application/json", "Content-Digest": digest}
    if key is not None:
        headers["Idempotency-Key"] = key
    nonce = base64.urlsafe_b64encode(entropy(16)).rstrip(b"=").decode()
    return headers | dict(sign(target, keyid, private, created, nonce))


class Line:
    """The line to one other server. `timeout_s` bounds connecting and each wait for bytes."""

    def __init__(self, url: str, key: ServerKey, now: Now, entropy: Entropy, timeout_s: float) -> None:
        parts = urlsplit(url)
        assert parts.hostname, f"{url!r} is not a server's address"
        self._https = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._authority = parts.netloc.lower().removesuffix(":443" if self._https else ":80")
        self._key, self._now, self._entropy, self._timeout_s = key, now, entropy, timeout_s
        self._own = threading.local()
        self._open: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()

    def send(self, method: str, path: str, body: bytes = b"", key: str | None = None) -> Answered:
        """One request, one answer. Raises `Silent` when none came; a kept connection that died is opened once again."""
        kept = getattr(self._own, "connection", None)
        if kept is not None:
            try:
                return self._over(kept, method, path, body, key)
            except (http.client.RemoteDisconnected, ConnectionError):
                self._drop(kept)  # closed while idle; the same key makes a second send harmless
            except (OSError, http.client.HTTPException) as error:
                self._drop(kept)
                raise Silent(type(error).__name__) from None
        fresh = self._connect()
        try:
            return self._over(fresh, method, path, body, key)
        except (OSError, http.client.HTTPException) as error:
            self._drop(fresh)
            raise Silent(type(error).__name__) from None

    def close(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _over(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes, key: str | None
    ) -> Answered:
        headers = signed_headers(
            method, self._authority, path, body, key, self._key.id, self._key.private,
            self._now().ms // 1000, self._entropy,
        )  # fmt: skip
        connection.request(method, path, body=body or None, headers=headers)
        reply = connection.getresponse()
        read = reply.read(ANSWER_MAX + 1)
        if len(read) > ANSWER_MAX:
            raise http.client.HTTPException("the answer is too large")
        return Answered(reply.status, read, {name.lower(): value for name, value in reply.getheaders()})

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        self._own.connection = connection
        with self._lock:
            self._open.add(connection)
        return connection

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        self._own.connection = None
        with self._lock:
            self._open.discard(connection)
