"""The menu of a service visit, by what the grant allows; and how the machine stands, on a screen of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.cash import Count
from core.cash_report import Act, NotesAt
from core.effects import StopTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.grant import Right
from core.moment import Moment
from core.screens import Action, Choice, Choices, Facts, Notice, Plain, Role, Screen, Tone, Words, say
from core.vault_talk import VaultState
from device.flows.service_ends import over, ticked
from device.flows.service_lines import head, place_name
from device.flows.step import IDLE_TIMER, Answer, Go, Stay, show
from device.flows.ticket import Ticket

MENU: Final = (("load", Right.LOAD), ("count", Right.COUNT), ("test", Right.TEST), ("clear", Right.CLEAR))
ROWS_MAX: Final = 8
LEAVE: Final = Action("leave", say("service.leave"), Role.CANCEL, "escape")
BACK: Final = Action("back", say("common.back"), Role.CANCEL, "escape")


@dataclass(frozen=True, slots=True)
class ServiceMenu:
    name: str = "menu"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        lines = ticket.service
        if lines.showing:
            tone = Tone.CALM if lines.known.ready else Tone.WARN
            return Screen("service_state", say("service.state.title"), (_stands(lines.known),), (BACK,), tone)
        options = [Choice(name, say(f"service.menu.{name}")) for name, right in MENU if right in lines.here.rights]
        options.append(Choice("state", say("service.menu.state")))
        notes = (Notice(ticket.note),) if ticket.note else ()
        blocks = (*notes, Choices(tuple(options)), head(lines, at))
        return Screen("service_menu", say("service.menu.title"), blocks, (LEAVE,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        lines = replace(ticket.service, second=None, act=None, notes=(), figures=(), place=0, showing=False)
        cleared = replace(ticket, service=lines, draft="", awaited="")
        if lines.over:
            return over(cleared)
        return Stay(cleared, (StopTimer(IDLE_TIMER), show(self, cleared, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        lines = ticket.service
        match event:
            case Restarted():
                return over(ticket, "restarted")
            case TimerFired("visit"):
                return over(ticket)
            case TimerFired("minute"):
                return ticked(self, ticket, at)
            case Pressed("leave"):
                return over(ticket, "left")
            case Pressed("state" | "back" as where):
                shown = replace(ticket.said(None), service=replace(lines, showing=where == "state"))
                return Stay(shown, (show(self, shown, at),))
            case Pressed(action) if dict(MENU).get(action) in lines.here.rights and not lines.showing:
                return self._chosen(ticket.said(None), action)
            case _:
                return Stay(ticket)

    def _chosen(self, ticket: Ticket, action: str) -> Go:
        lines = ticket.service
        if action in ("load", "count"):
            return Go(ticket, to=action)
        notes: tuple[NotesAt, ...] = ()
        if action == "test":
            notes = tuple(NotesAt(f"cassette:{one.place}", one.face, Count.exact(1)) for one in lines.known.cassettes)
        act = Act.TESTED if action == "test" else Act.CLEARED
        return Go(replace(ticket, service=replace(lines, act=act, notes=notes)), to="act")


def _stands(state: VaultState) -> Facts:
    """Cassettes first, then bins; a machine with more of them is read with `tillmark cassette show`."""
    rows: list[tuple[Words, Words]] = [] if state.ready else [(say("common.code"), Plain(state.code))]
    cassettes = [(f"cassette:{one.place}", one.count, one.face) for one in state.cassettes]
    bins = [(one.place, one.count, one.face) for one in state.bins]
    rows += [(place_name(place), _many(count, str(face.money()))) for place, count, face in cassettes + bins]
    return Facts(tuple(rows[:ROWS_MAX]))


def _many(count: Count, face: str) -> Words:
    if count.known:
        return Plain(f"{count.low} × {face}")
    if count.high is None:
        return say("service.count.least", low=count.low, face=face)
    return say("service.count.interval", low=count.low, high=count.high, face=face)
