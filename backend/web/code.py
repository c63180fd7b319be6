"""The member's code: the page, the thirty codes it keeps, and the page a phone without a network opens."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from litestar.handlers import BaseRouteHandler

from backend.http.callers import Kind
from backend.members import desk as members
from backend.members.codes import IssuedCode
from backend.web import approving, symbols, wallet
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows
from backend.web.visit import Visit
from core.code import SLOT_MS, PersonalCode
from core.moment import Moment


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/me", Who.MEMBER, _page),
        shows(room, "/me/away", Who.MEMBER, _away),
        shows(room, "/me/codes", Who.ANYBODY, _codes),
    ]


def _page(visit: Visit) -> Answer:
    held = visit.read(lambda unit: wallet.held(unit, visit))
    activity = visit.read(lambda unit: wallet.activity(unit, visit, None, 4))
    now = _issued(visit)[0]
    return visit.page(
        "me",
        card=card(visit, now),
        after=visit.read(lambda unit: wallet.last_told(unit, visit.who)),
        wallet=held,
        activity=activity,
        counting=wallet.counting(visit),
        question=approving.asked(visit),
        answered=visit.query.get("answered", "") if visit.query.get("answered") in ("yes", "no", "late") else "",
        welcome="welcome" in visit.query and not held.holdings,
    )


def _away(visit: Visit) -> Answer:
    """The page that is kept on the phone: the card alone, with no code and nothing of the wallet in it."""
    return visit.page("away", card=Card(visit.at.ms, 0, "", "", ""))


def _codes(visit: Visit) -> Answer:
    """The next thirty codes as symbols, for a script: so a person who is signed out gets a status, not a page."""
    if visit.caller is None or visit.caller.kind is not Kind.MEMBER:
        return Answer(401, b"{}", "application/json", {"cache-control": "no-store"})
    codes = [
        {
            "from_ms": Moment.parse(one.valid_from).ms,
            "digits": one.code,
            "qr": symbols.qr_rows(one.code),
            "bars": symbols.bars(one.code),
        }
        for one in _issued(visit)
    ]
    body = msgspec.json.encode({"server_ms": visit.room.now().ms, "codes": codes})
    return Answer(200, body, "application/json", {"cache-control": "no-store"})


@dataclass(frozen=True, slots=True)
class Card:
    """What the card shows before, or without, its script: path data of both symbols, and the seconds left."""

    at_ms: int
    seconds: int
    qr: str
    bars: str
    digits: str


def card(visit: Visit, one: IssuedCode) -> Card:
    return Card(
        visit.at.ms,
        (SLOT_MS - visit.at.ms % SLOT_MS) // 1000,
        symbols.qr_path(symbols.qr_rows(one.code)),
        symbols.bar_path(symbols.bars(one.code)),
        PersonalCode(one.code).grouped(),
    )


def _issued(visit: Visit) -> tuple[IssuedCode, ...]:
    return visit.read(lambda unit: members.issue(unit, visit.room.sealer, visit.who, visit.at))
