"""A visit: one request to a page, with the language, the person, and what they sent, already checked.

What changes something must come from a page of ours: the browser says where a form was sent from (Sec-Fetch-Site,
Origin), and a form of somebody signed in carries the session's own token. Both are asked, because the first keeps out
forms before sign-in and the second needs no new browser.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import quote

from backend.http.callers import Caller, Kind
from backend.refused import Refused
from backend.store import Unit
from backend.web.render import Look, page_text
from backend.web.room import Answer, Keep, Room, Who
from backend.web.words import Lang
from core.faults.http import NO_CSRF, NOT_PERMITTED
from core.moment import Moment

T = TypeVar("T")
LANG_COOKIE: Final = "tillmark_lang"
CSRF_FIELD: Final = "csrf"
_YEAR_S: Final = 31_536_000
_KINDS: Final = {
    Who.MEMBER: (Kind.MEMBER,),
    Who.OPERATOR: (Kind.OPERATOR,),
    Who.PERSON: (Kind.MEMBER, Kind.OPERATOR),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """`query`, `form` and `parts` hold text; `upload` the bytes of a file in the form."""

    room: Room
    lang: Lang
    caller: Caller | None
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    parts: Mapping[str, str]
    upload: bytes
    secret: str = field(repr=False)
    at: Moment

    @property
    def who(self) -> str:
        """The id of the person signed in."""
        assert self.caller is not None, "the page's rule lets in nobody who is not signed in"
        return self.caller.id

    def read(self, work: Callable[[Unit], T]) -> T:
        return self.room.store.read(work)

    def write(self, work: Callable[[Unit], T]) -> T:
        return self.room.store.write(work)

    def page(self, template: str, *, status: int = 200, **values: object) -> Answer:
        """A page of `templates/`, in the visitor's language."""
        look = Look(self.room, self.lang, self.caller, self.path, self.at)
        return Answer(status, page_text(look, template, values).encode(), headers={"cache-control": "no-store"})


def let_in(visit: Visit, who: Who) -> Answer | None:
    """None, or where a visitor is sent who may not see the page. Raises `Refused` for the wrong kind of person."""
    if who is Who.ANYBODY:
        return None
    if visit.caller is None:
        join = "/operator/sign-in" if who is Who.OPERATOR else "/join"
        return go(f"{join}?next={quote(visit.path, safe='/')}")
    if visit.caller.kind not in _KINDS[who]:
        raise Refused.by(NOT_PERMITTED, status=403)
    return None


def from_our_page(visit: Visit, headers: Mapping[str, str]) -> None:
    """Raises `Refused` for a form that another site sent."""
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if site not in ("", "same-origin", "none") or (origin and origin.partition("://")[2] != headers.get("host", "")):
        raise Refused.by(NO_CSRF, "sent from another site", status=403)
    if visit.caller is None:
        if not site and not origin:
            raise Refused.by(NO_CSRF, "the browser does not say where the form was", status=403)
        return
    if not hmac.compare_digest(visit.caller.csrf.encode(), visit.form.get(CSRF_FIELD, "").encode()):
        raise Refused.by(NO_CSRF, status=403)


def go(where: str, *cookies: Keep) -> Answer:
    """See another page (303): what follows a form."""
    assert own_path(where, "") == where, "we only send people to our own pages"
    return Answer(303, b"", headers={"location": where, "cache-control": "no-store"}, cookies=cookies)


def own_path(text: str, otherwise: str) -> str:
    """A path of ours that was given as text, or `otherwise`: nobody is sent to another site by a link to us."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else otherwise


def lang_cookie(lang: Lang) -> Keep:
    return Keep(LANG_COOKIE, lang, _YEAR_S, closed=False)


def chosen_lang(cookie: str, accepted: str) -> Lang:
    """The language asked for by choice, else the first of Accept-Language that we speak."""
    if cookie in ("ko", "en"):
        return "ko" if cookie == "ko" else "en"
    for one in accepted.lower().split(",")[:16]:
        tag = one.partition(";")[0].strip()
        if tag.startswith("ko"):
            return "ko"
        if tag.startswith("en"):
            return "en"
    return "en"
