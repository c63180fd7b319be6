"""How a service visit ends, and the minute that passes on every screen of it."""

from __future__ import annotations

from typing import Final

from core.effects import StartTimer
from core.moment import Moment
from core.screens import Block, Facts, Notice, Plain, Screen, Tone, Words, say
from core.words import fault
from device.flows.step import DONE, Leave, Stay, Step, leave, show
from device.flows.ticket import Ticket

MINUTE_MS: Final = 60_000
OVER: Final = "TM-SVC-006"
_KNOWN: Final = {
    "TM-VAULT-008": "busy",
    "TM-VAULT-009": "forged",
    "TM-VAULT-010": "expired",
    "TM-VAULT-011": "right",
    "TM-VAULT-012": "same",
    "TM-VAULT-013": "differ",
    "TM-CASH-002": "away",
    "TM-CASH-003": "not_ready",
    "TM-ATM-001": "away",
    "TM-SVC-003": "unknown",
}
_TITLES: Final = {
    "left": "service.over.left",
    "restarted": "service.over.restarted",
    "visit_over": "service.over.visit_over",
}


def over(ticket: Ticket, outcome: str = "visit_over") -> Leave:
    """The visit is over: by the technician, by its time, or by a restart. What was booked stays booked."""
    notice = Notice(say("service.over.booked", count=ticket.service.acts))
    tone = Tone.CALM if outcome == "left" else Tone.WARN
    blocks: tuple[Block, ...] = (notice,)
    if outcome != "left":
        blocks = (notice, Facts(((say("common.code"), Plain(OVER)),)))
    return leave(ticket, outcome, Screen("service_over", say(_TITLES[outcome]), blocks, (DONE,), tone))


def stopped(ticket: Ticket, outcome: str, why: Words, *, code: str) -> Leave:
    """It cannot even begin."""
    blocks: tuple[Block, ...] = (Notice(why, Tone.STOP), Facts(((say("common.code"), Plain(code)),)))
    return leave(ticket, outcome, Screen("service_stopped", say("service.let_in.title"), blocks, (DONE,), Tone.STOP))


def refused(code: str) -> Words:
    """Why an act was refused, in words for the person who stands there."""
    return say(f"service.no.{_KNOWN[code]}") if code in _KNOWN else fault(code)


def ticked(step: Step, ticket: Ticket, at: Moment) -> Stay:
    """A minute has passed: the time left is drawn anew, and nothing else changes."""
    return Stay(ticket, (StartTimer("minute", MINUTE_MS), show(step, ticket, at)))
