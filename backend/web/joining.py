"""Joining and signing in, for members and for operators, and signing out."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from litestar.handlers import BaseRouteHandler

from backend.http.callers import Kind
from backend.http.sessions import COOKIE, LIFE_MS, Opened, close_session, open_session
from backend.members import desk as members
from backend.members.rules import BadContact, Contact
from backend.refused import Refused
from backend.store import Unit
from backend.terminals import operators
from backend.web.room import Answer, Keep, Room, Who
from backend.web.routing import shows, takes
from backend.web.visit import Visit, go, own_path

CONTACT_MAX: Final = 255  # one more than the longest address, so that a longer one is refused and not cut


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/join", Who.ANYBODY, lambda visit: _ask_page(visit, operator=False)),
        takes(room, "/join", Who.ANYBODY, lambda visit: _ask(visit, operator=False)),
        takes(room, "/join/code", Who.ANYBODY, _join),
        shows(room, "/operator/sign-in", Who.ANYBODY, lambda visit: _ask_page(visit, operator=True)),
        takes(room, "/operator/sign-in", Who.ANYBODY, lambda visit: _ask(visit, operator=True)),
        takes(room, "/operator/sign-in/code", Who.ANYBODY, _operator),
        takes(room, "/sign-out", Who.PERSON, _sign_out),
    ]


def _ask_page(visit: Visit, *, operator: bool, contact: str = "", wrong: str = "", code: str = "") -> Answer:
    return visit.page(
        "join",
        status=422 if wrong or code else 200,
        operator=operator,
        action=_door(operator),
        next=visit.query.get("next", visit.form.get("next", "")),
        contact=contact,
        wrong=wrong,
        code=code,
    )


def _ask(visit: Visit, *, operator: bool) -> Answer:
    """Send the digits, then ask for them. The page is the same whether or not the contact is known."""
    room, text = visit.room, visit.form.get("contact", "")[:CONTACT_MAX]
    try:
        contact = Contact.parse(text)
    except BadContact:
        return _ask_page(visit, operator=operator, contact=text, wrong="join.bad_contact")
    try:
        asked = visit.write(lambda unit: members.ask(unit, contact, visit.at, room.secret, room.entropy))
        words = f"{asked.digits} is your Tillmark code. 인증번호는 {asked.digits}예요. 10 min."
        room.gateway.send(contact, "Tillmark", words)
    except Refused as refused:
        return _ask_page(visit, operator=operator, contact=text, code=refused.code)
    return _code_page(visit, contact.address, operator=operator)


def _code_page(visit: Visit, contact: str, *, operator: bool, code: str = "") -> Answer:
    where = visit.form.get("next", "")
    door = _door(operator)
    return visit.page(
        "join_code",
        status=422 if code else 200,
        action=f"{door}/code",
        again=f"{door}?next={quote(where, safe='/')}",
        contact=contact,
        next=where,
        code=code,
    )


def _join(visit: Visit) -> Answer:
    room, contact, digits = visit.room, _contact(visit), _digits(visit)
    if contact is None:
        return go("/join")

    def work(unit: Unit) -> tuple[Opened, bool] | Refused:
        wrong = members.attempt(unit, contact, digits, visit.at, room.secret)
        if wrong is not None:
            return wrong
        member, joined = members.join(unit, contact, room.fiat, visit.at, room.sealer, room.entropy)
        return open_session(unit, Kind.MEMBER, member.id, visit.at, room.entropy), joined

    done = visit.write(work)
    if isinstance(done, Refused):
        return _code_page(visit, contact.address, operator=False, code=done.code)
    opened, joined = done
    where = own_path(visit.form.get("next", ""), "/me?welcome=1" if joined else "/me")
    return go(where, _signed_in(opened))


def _operator(visit: Visit) -> Answer:
    room, contact, digits = visit.room, _contact(visit), _digits(visit)
    if contact is None:
        return go("/operator/sign-in")

    def work(unit: Unit) -> Opened | Refused:
        wrong = members.attempt(unit, contact, digits, visit.at, room.secret)
        if wrong is not None:
            return wrong
        operator = operators.find(unit, contact)
        return open_session(unit, Kind.OPERATOR, operator.id, visit.at, room.entropy)

    done = visit.write(work)
    if isinstance(done, Refused):
        return _code_page(visit, contact.address, operator=True, code=done.code)
    return go(own_path(visit.form.get("next", ""), "/operator"), _signed_in(done))


def _sign_out(visit: Visit) -> Answer:
    secret = visit.secret
    visit.write(lambda unit: close_session(unit, secret))
    return go("/", Keep(COOKIE, "", 0, closed=True))


def _signed_in(opened: Opened) -> Keep:
    return Keep(COOKIE, opened.secret, LIFE_MS // 1000, closed=True)


def _contact(visit: Visit) -> Contact | None:
    try:
        return Contact.parse(visit.form.get("contact", "")[:CONTACT_MAX])
    except BadContact:
        return None


def _digits(visit: Visit) -> str:
    return visit.form.get("digits", "").replace(" ", "")[:16]


def _door(operator: bool) -> str:
    return "/operator/sign-in" if operator else "/join"
