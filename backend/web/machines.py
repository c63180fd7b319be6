"""The operator's cash machines: what is inside, what is in doubt, what rings, and letting a technician in."""

from __future__ import annotations

from typing import Final

from litestar.handlers import BaseRouteHandler

from backend.refused import Refused
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.symbols import any_qr
from backend.web.visit import Visit, go
from backend.withdraw import desk as withdraw
from core.faults.terminals import NO_SUCH_TERMINAL
from core.faults.withdrawal import GRANT_BAD
from core.fingerprint import fingerprint
from core.grant import Right

HOURS: Final = (1, 2, 4)
HOUR_MS: Final = 3_600_000
PATH: Final = "/operator/machines"


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, PATH, Who.OPERATOR, _every),
        shows(room, PATH + "/{terminal:str}", Who.OPERATOR, _one),
        takes(room, PATH + "/{terminal:str}", Who.OPERATOR, _grant),
        takes(room, "/operator/alarms", Who.OPERATOR, _close),
    ]


def _every(visit: Visit) -> Answer:
    room = visit.room
    found = visit.read(lambda unit: withdraw.machines(unit, room.fiat))
    return visit.page("machines", machines=found, alarms=_alarms(visit))


def _one(visit: Visit, *, code: str = "", granted: withdraw.Granted | None = None) -> Answer:
    terminal = visit.parts["terminal"]
    found = visit.read(lambda unit: withdraw.machine(unit, terminal, visit.room.fiat))
    if found is None:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    return visit.page(
        "machine",
        status=422 if code else 200,
        machine=found,
        alarms=[one for one in _alarms(visit) if one.terminal == terminal],
        authority=_authority(visit),
        audit=visit.read(lambda unit: withdraw.audit(unit, terminal)),
        rights=[right.value for right in Right],
        hours=HOURS,
        typed=visit.form,
        code=code,
        granted=granted,
        symbol=any_qr(granted.grant) if granted is not None else None,
    )


def _authority(visit: Visit) -> tuple[str, str, str] | None:
    """Id, key and fingerprint of what the machine's cash side pins; None where the exchange has no such key."""
    teller = visit.room.teller
    return (teller.signer.key_id, teller.public, fingerprint(teller.public)) if teller.public else None


def _grant(visit: Visit) -> Answer:
    """Seal what the form says; the text and its QR code are shown once."""
    form, hours = visit.form, visit.form.get("hours", "")
    ask = withdraw.GrantAsk(
        visit.parts["terminal"],
        form.get("person", ""),
        tuple(right for right in Right if form.get(right.value)),
        form.get("challenge", ""),
        (int(hours) if hours in map(str, HOURS) else 0) * HOUR_MS,
    )
    try:
        made = visit.write(
            lambda unit: withdraw.grant(unit, visit.room.teller, operator=visit.who, request=ask, at=visit.at)
        )
    except Refused as refused:
        if refused.code != GRANT_BAD.code:
            raise
        return _one(visit, code=refused.code)
    return _one(visit, granted=made)


def _close(visit: Visit) -> Answer:
    """An operator has looked at an alarm."""
    text, terminal = visit.form.get("alarm", ""), visit.form.get("terminal", "")
    if text.isascii() and text.isdigit() and len(text) < 16:
        visit.write(lambda unit: withdraw.close_alarm(unit, int(text), visit.who, visit.at))
    known = visit.read(lambda unit: withdraw.machine(unit, terminal, visit.room.fiat)) is not None
    return go(f"{PATH}/{terminal}" if known else PATH)


def _alarms(visit: Visit) -> tuple[withdraw.Alarm, ...]:
    doubt_ms = visit.room.teller.terms.doubt_ms
    return visit.read(lambda unit: withdraw.open_alarms(unit, doubt_ms, visit.at))
