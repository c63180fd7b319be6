"""What anybody may see: the first page, a check of a receipt, the meaning of a number, the language, the files."""

from __future__ import annotations

from litestar.handlers import BaseRouteHandler

from backend.web import files, receipts
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.symbols import qr_path, qr_rows
from backend.web.visit import Visit, go, lang_cookie, own_path
from core.code import LENGTH
from core.faults.catalogue import catalogue

FOREVER = "public, max-age=31536000, immutable"


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/", Who.ANYBODY, _home),
        shows(room, "/verify", Who.ANYBODY, _verify),
        takes(room, "/verify", Who.ANYBODY, _verify),
        shows(room, "/faults", Who.ANYBODY, _faults),
        shows(room, "/language", Who.ANYBODY, _language),
        shows(room, "/static/{name:str}", Who.ANYBODY, _file),
        shows(room, "/worker.js", Who.ANYBODY, lambda visit: _own("worker.js", "no-cache")),
        shows(room, "/tillmark.webmanifest", Who.ANYBODY, lambda visit: _own("tillmark.webmanifest", "no-cache")),
    ]


def fault_page(visit: Visit, code: str) -> Answer:
    """The catalogue's page of a code: what every problem's `type` points to."""
    page = catalogue().get(code.upper())
    if page is None:
        return visit.page("faults", status=404, page=None, every=_every(), missing=True)
    return visit.page("faults", page=page, every=(), missing=False)


def _faults(visit: Visit) -> Answer:
    return visit.page("faults", page=None, every=_every(), missing=False)


def _every() -> list[object]:
    return [page for _, page in sorted(catalogue().items())]


def _verify(visit: Visit) -> Answer:
    text = visit.form.get("text", visit.query.get("text", "")).strip()
    return visit.page("verify", text=text, checked=receipts.check(visit.room, text) if text else None)


def _language(visit: Visit) -> Answer:
    where = own_path(visit.query.get("back", "/"), "/")
    return go(where, lang_cookie("ko" if visit.query.get("to") == "ko" else "en"))


def _file(visit: Visit) -> Answer:
    return _own(visit.parts["name"], FOREVER)


def _own(name: str, kept: str) -> Answer:
    found = files.every().get(name)
    if found is None:
        return Answer(404, b"", "text/plain", {"cache-control": "no-store"})
    return Answer(200, found.body, found.media_type, {"cache-control": kept})


def _home(visit: Visit) -> Answer:
    """The picture is a code that no wallet answers to."""
    return visit.page("home", picture=qr_path(qr_rows("0" * LENGTH)))
