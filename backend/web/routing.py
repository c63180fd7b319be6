"""Pages become routes: a page is a plain function from a visit to an answer; this file is the line in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import BaseRouteHandler

from backend.http.callers import Rule
from backend.http.gate import header_map
from backend.http.sessions import COOKIE, find_session
from backend.refused import Refused
from backend.web.room import TEXT_MAX, Answer, Room, Who
from backend.web.visit import LANG_COOKIE, Visit, chosen_lang, from_our_page, let_in
from core.faults.http import BAD_BODY, BODY_TOO_LARGE

Work = Callable[[Visit], Answer]
FIELDS_MAX: Final = 16  # our largest form has five
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form carried."""

    fields: Mapping[str, str]
    upload: bytes


def shows(room: Room, path: str, who: Who, work: Work) -> BaseRouteHandler:
    """A page that is looked at."""

    @get(path, opt={"rule": Rule.PAGE, "who": who}, include_in_schema=False)
    async def show(request: AnyRequest) -> Response[bytes]:
        return await _served(room, request, who, work, Sent({}, b""))

    return show


def takes(room: Room, path: str, who: Who, work: Work) -> BaseRouteHandler:
    """Where a form goes."""

    @post(path, opt={"rule": Rule.PAGE, "who": who}, include_in_schema=False)
    async def take(request: AnyRequest) -> Response[bytes]:
        return await _served(room, request, who, work, await _form(request))

    return take


async def once(room: Room, request: AnyRequest, work: Work) -> Response[bytes]:
    """A page for anybody, shown by a route that is not ours."""
    return await _served(room, request, Who.ANYBODY, work, Sent({}, b""))


async def _form(request: AnyRequest) -> Sent | Refused:
    fields: dict[str, str] = {}
    upload = b""
    sent = await request.form()
    if len(sent) > FIELDS_MAX:
        return Refused.by(BAD_BODY, "too many fields", status=400)
    for name, value in sent.items():
        if isinstance(value, UploadFile):
            upload = await value.read()
        elif len(str(value)) > TEXT_MAX:
            return Refused.by(BODY_TOO_LARGE, f"a field has at most {TEXT_MAX} characters", status=413)
        else:
            fields[name] = str(value)
    return Sent(fields, upload)


async def _served(room: Room, request: AnyRequest, who: Who, work: Work, sent: Sent | Refused) -> Response[bytes]:
    scope: Any = request.scope
    headers = {name.decode("latin-1"): value for name, value in header_map(scope).items()}
    cookies = _cookies(headers.get("cookie", ""))
    query = {name: str(value)[:TEXT_MAX] for name, value in request.query_params.items()}
    parts = {name: str(value) for name, value in request.path_params.items()}
    posted = request.method == "POST"

    def served() -> Answer:
        at = room.now()
        secret = cookies.get(COOKIE, "")
        caller = room.store.read(lambda unit: find_session(unit, secret, at)) if secret else None
        lang = chosen_lang(cookies.get(LANG_COOKIE, ""), headers.get("accept-language", ""))
        fields, upload = (sent.fields, sent.upload) if isinstance(sent, Sent) else ({}, b"")
        visit = Visit(room, lang, caller, scope["path"], query, fields, parts, upload, secret, at)
        try:
            if isinstance(sent, Refused):
                raise sent
            sent_away = let_in(visit, who)
            if sent_away is not None:
                return sent_away
            if posted:
                from_our_page(visit, headers)
            return work(visit)
        except Refused as refused:
            return visit.page("refused", status=refused.status, code=refused.code, again=_again(visit, posted))

    return _response(room, await asyncio.to_thread(served))


def _again(visit: Visit, posted: bool) -> str:
    """Where "Try again" leads: the page itself, or the page whose form it was."""
    return (visit.path.rpartition("/")[0] or "/") if posted and visit.path.count("/") > 1 else visit.path


def _response(room: Room, answer: Answer) -> Response[bytes]:
    headers = {
        "content-security-policy": policy(room.embedded_by),
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cross-origin-opener-policy": "same-origin",
        **answer.headers,
    }
    response = Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)
    for cookie in answer.cookies:
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.life_s,
            httponly=cookie.closed,
            samesite="strict" if cookie.closed else "lax",
            secure=room.secure_cookie,
        )
    return response


def policy(embedded_by: str) -> str:
    """What a page may load and who may frame it: our own files and nothing inline; nobody, or one named origin."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {embedded_by or chr(39) + 'none' + chr(39)}"
    )


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}
