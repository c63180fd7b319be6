"""The gate: decides for each request whether its route's rule lets it in. Whatever goes wrong here lets nobody in."""

from __future__ import annotations

import hmac
import ipaddress
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, assert_never, cast

from cryptography.exceptions import InvalidSignature
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.http.callers import Caller, KeyBook, Kind, Now, Rule
from backend.http.nonces import Nonces
from backend.http.sessions import COOKIE, CSRF_HEADER, find_session, same_csrf
from backend.http.signatures import WINDOW_S, BadSignature, Target, authority, content_digest, parse, signed_bytes
from backend.refused import Refused
from backend.store import Store
from core.faults.http import (
    CLOCK_OFF,
    NO_CSRF,
    NO_SESSION,
    NONCE_SEEN,
    NOT_PERMITTED,
    NOT_SIGNED,
    REVOKED_KEY,
    UNKNOWN_KEY,
    WRONG_AUTHORITY,
    WRONG_SIGNATURE,
)

BODY: Final = "tillmark.body"  # scope: the whole body, read by the door
CALLER: Final = "tillmark.caller"  # scope: who was let in
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
Scope = dict[str, Any]


class Gate:
    """One per server. `authorities`: the hosts this server answers to, as signers must name them."""

    def __init__(self, store: Store, keys: KeyBook, nonces: Nonces, now: Now, authorities: frozenset[str]) -> None:
        self._store = store
        self._keys = keys
        self._nonces = nonces
        self._now = now
        self._authorities = authorities

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Litestar's guard: raises unless the route's rule is satisfied."""
        await self.admit(cast(Scope, connection.scope), handler.opt.get("rule"))

    async def admit(self, scope: Scope, rule: object) -> None:
        """Let the request in (its caller is then in the scope) or raise `Refused`."""
        if not isinstance(rule, Rule):
            raise Refused.by(NOT_PERMITTED, "the route has no rule", status=403)
        match rule:
            case Rule.OPEN | Rule.WEBHOOK | Rule.PAGE:
                return
            case Rule.LOCAL:
                _from_this_host(scope)
                return
            case Rule.PAIRING:
                caller = await self._signed(scope, (Kind.PAIRING, Kind.TERMINAL))
            case Rule.TERMINAL:
                caller = await self._signed(scope, (Kind.TERMINAL,))
            case Rule.SERVER:
                caller = await self._signed(scope, (Kind.SERVER,))
            case Rule.MEMBER:
                caller = self._signed_in(scope, (Kind.MEMBER,))
            case Rule.OPERATOR:
                caller = self._signed_in(scope, (Kind.OPERATOR,))
            case Rule.PERSON:
                caller = self._signed_in(scope, (Kind.MEMBER, Kind.OPERATOR))
            case _:
                assert_never(rule)
        scope[CALLER] = caller

    async def _signed(self, scope: Scope, kinds: tuple[Kind, ...]) -> Caller:
        """Verify the signature of `docs/signing.md`, cheapest checks first; the nonce is taken last."""
        headers = header_map(scope)
        target = target_of(scope, headers)
        try:
            signature = parse(headers.get(b"signature-input", ""), headers.get(b"signature", ""))
            message = signed_bytes(signature, target)
        except BadSignature as error:
            raise Refused.by(NOT_SIGNED, str(error), status=401) from None
        body: bytes = scope.get(BODY, b"")
        if body and target.digest is None:
            raise Refused.by(NOT_SIGNED, "a body needs its content-digest", status=401)
        if target.authority not in self._authorities:
            raise Refused.by(WRONG_AUTHORITY, status=421)
        now_s = self._now().ms // 1000
        if abs(now_s - signature.created) > WINDOW_S:
            raise Refused.by(CLOCK_OFF, "take the server's time and sign again", status=401, retryable=True)
        if target.digest is not None and not hmac.compare_digest(target.digest, content_digest(body)):
            raise Refused.by(WRONG_SIGNATURE, "the body is not the one whose digest was signed", status=401)
        signer = await self._keys.find(signature.keyid)
        if signer is None:
            raise Refused.by(UNKNOWN_KEY, status=401)
        try:
            signer.public_key.verify(signature.signature, message)
        except InvalidSignature:
            raise Refused.by(WRONG_SIGNATURE, status=401) from None
        if signer.revoked:
            raise Refused.by(REVOKED_KEY, status=403)
        if signer.kind not in kinds:
            raise Refused.by(NOT_PERMITTED, f"this route is not for a {signer.kind.value}", status=403)
        if not self._nonces.take(signature.keyid, signature.nonce, signature.created, now_s):
            raise Refused.by(NONCE_SEEN, status=401)
        return Caller(signer.kind, signer.id)

    def _signed_in(self, scope: Scope, kinds: tuple[Kind, ...]) -> Caller:
        headers = header_map(scope)
        secret = session_cookie(headers)
        now = self._now()
        caller = self._store.read(lambda unit: find_session(unit, secret, now)) if secret else None
        if caller is None:
            raise Refused.by(NO_SESSION, status=401)
        if caller.kind not in kinds:
            raise Refused.by(NOT_PERMITTED, status=403)
        if scope["method"] not in _SAFE and not same_csrf(caller, headers.get(CSRF_HEADER.encode())):
            raise Refused.by(NO_CSRF, status=403)
        return caller


def header_map(scope: Scope) -> dict[bytes, str]:
    """Headers by lower-case name. One that stands twice is joined, so that it fits no signed value."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def target_of(scope: Scope, headers: dict[bytes, str]) -> Target:
    """What of this request must be under its signature."""
    query: bytes = scope.get("query_string", b"")
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return Target(
        method=scope["method"],
        authority=authority(headers.get(b"host", ""), scope.get("scheme", "http")),
        path=raw_path.partition(b"?")[0].decode("latin-1"),
        query="?" + query.decode("latin-1") if query else "",
        digest=headers.get(b"content-digest"),
        key=headers.get(b"idempotency-key"),
    )


def session_cookie(headers: dict[bytes, str]) -> str:
    """The session's secret, or nothing."""
    try:
        morsel = SimpleCookie(headers.get(b"cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _from_this_host(scope: Scope) -> None:
    client = scope.get("client")
    if client is None or not ipaddress.ip_address(client[0]).is_loopback:
        raise Refused.by(NOT_PERMITTED, "this host only", status=403)
