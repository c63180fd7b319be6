"""The seller's terminals: approving a device by its code after comparing its fingerprint, and revoking it."""

from __future__ import annotations

from litestar.handlers import BaseRouteHandler

from backend.refused import Refused
from backend.terminals import pairing, shops
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.selling import seller
from backend.web.visit import Visit, go
from core.fingerprint import fingerprint
from core.moment import Moment


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/shop/terminals", Who.PERSON, _list),
        takes(room, "/shop/terminals", Who.PERSON, _look),
        takes(room, "/shop/terminals/approve", Who.PERSON, _approve),
        takes(room, "/shop/terminals/refuse", Who.PERSON, _refuse),
        shows(room, "/shop/terminals/{terminal:str}/revoke", Who.PERSON, _ask_revoke),
        takes(room, "/shop/terminals/{terminal:str}/revoke", Who.PERSON, _revoke),
    ]


def _list(visit: Visit, *, code: str = "", typed: str = "") -> Answer:
    shop = visit.read(lambda unit: seller(unit, visit.who))
    if shop is None:
        return go("/shop/begin")
    terminals = visit.read(lambda unit: shops.terminals_of(unit, visit.who))
    return visit.page(
        "terminals",
        status=422 if code else 200,
        shop=shop,
        terminals=[(one, Moment.parse(one.seen_at), fingerprint(one.public_key)) for one in terminals],
        code=code,
        typed=typed or visit.query.get("code", ""),
        done=visit.query.get("done", "") if visit.query.get("done") in ("approved", "refused", "revoked") else "",
    )


def _look(visit: Visit) -> Answer:
    """Show which device waits under this code, before it gets any rights."""
    typed = visit.form.get("code", "")
    found = visit.write(lambda unit: pairing.look(unit, typed, visit.who, visit.at))
    if isinstance(found, Refused):
        return _list(visit, code=found.code, typed=typed)
    return visit.page(
        "terminal_check",
        device=found,
        code=typed,
        mark=fingerprint(found.public_key),
        vault_mark=fingerprint(found.vault_key) if found.vault_key else "",
    )


def _approve(visit: Visit) -> Answer:
    typed = visit.form.get("code", "")
    done = visit.write(lambda unit: pairing.approve(unit, typed, visit.who, visit.at, visit.room.entropy))
    if isinstance(done, Refused):
        return _list(visit, code=done.code, typed=typed)
    return go("/shop/terminals?done=approved")


def _refuse(visit: Visit) -> Answer:
    typed = visit.form.get("code", "")
    done = visit.write(lambda unit: pairing.refuse(unit, typed, visit.who, visit.at))
    if isinstance(done, Refused):
        return _list(visit, code=done.code, typed=typed)
    return go("/shop/terminals?done=refused")


def _ask_revoke(visit: Visit) -> Answer:
    terminal = visit.read(lambda unit: shops.own_terminal(unit, visit.parts["terminal"], visit.who))
    return visit.page("terminal_revoke", terminal=terminal, mark=fingerprint(terminal.public_key))


def _revoke(visit: Visit) -> Answer:
    visit.write(lambda unit: shops.revoke(unit, visit.parts["terminal"], visit.who, visit.at))
    return go("/shop/terminals?done=revoked")
