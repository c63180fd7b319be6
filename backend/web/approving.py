"""The question of a cash machine on the member's phone: this amount, at this machine, yes or no."""

from __future__ import annotations

from litestar.handlers import BaseRouteHandler

from backend.refused import Refused
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows, takes
from backend.web.visit import Visit, go
from backend.withdraw import desk as withdraw
from core.faults.withdrawal import APPROVAL_OVER


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        shows(room, "/me/approval", Who.MEMBER, _part),
        takes(room, "/me/approval", Who.MEMBER, _decide),
    ]


def asked(visit: Visit) -> withdraw.Asked | None:
    """What the member is asked now."""
    return visit.read(lambda unit: withdraw.waiting(unit, visit.who, visit.at))


def _part(visit: Visit) -> Answer:
    """The inside of the dialog; nothing of a question stands in it while nothing is asked."""
    return visit.page("approval_part", question=asked(visit))


def _decide(visit: Visit) -> Answer:
    """The member's answer. Too late is told as what it is: nothing was taken."""
    txn, answer = visit.form.get("txn", ""), visit.form.get("answer", "")
    if answer not in ("yes", "no"):
        return go("/me")
    try:
        visit.write(lambda unit: withdraw.decide(unit, member=visit.who, txn=txn, yes=answer == "yes", at=visit.at))
    except Refused as refused:
        if refused.code != APPROVAL_OVER.code:
            raise
        return go("/me?answered=late")
    return go(f"/me?answered={answer}")
