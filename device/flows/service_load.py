"""Load: which cassette, and how many notes were put into it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.cash import Count
from core.cash_report import Act, NotesAt
from core.effects import StopTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.moment import Moment
from core.screens import CHOICES_MAX, Action, Choice, Choices, Keypad, Plain, Role, Screen, say
from core.vault_talk import CassetteShown
from device.flows.service_ends import over, ticked
from device.flows.service_lines import NOTES_DIGITS, head, place_name
from device.flows.service_menu import BACK
from device.flows.step import IDLE_TIMER, Answer, Go, Stay, show, typed
from device.flows.ticket import Ticket

MORE: Final = Action("more", say("service.more"), Role.PLAIN, "5")


@dataclass(frozen=True, slots=True)
class LoadNotes:
    name: str = "load"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        lines = ticket.service
        if not lines.place:
            cassettes = _page(ticket)
            options = tuple(
                Choice(f"place:{one.place}", place_name(f"cassette:{one.place}"), Plain(str(one.face.money())))
                for one in cassettes
            )
            more = (MORE,) if len(lines.known.cassettes) > CHOICES_MAX else ()
            blocks = (Choices(options), head(lines, at))
            return Screen("service_load", say("service.load.title"), blocks, (BACK, *more))
        one = _cassette(ticket)
        pad = Keypad(ticket.draft or "0", f"× {one.face.money()}", double_zero=True)
        go = Action("enough", say("service.next"), Role.PRIMARY, "enter")
        title = say("service.load.many", place=one.place)
        return Screen("service_load_notes", title, (head(lines, at), pad), (BACK, go))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        fresh = replace(ticket, draft="", service=replace(ticket.service, place=0, figures=()))
        return Stay(fresh, (StopTimer(IDLE_TIMER), show(self, fresh, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        lines = ticket.service
        match event:
            case Restarted():
                return over(ticket, "restarted")
            case TimerFired("visit"):
                return over(ticket)
            case TimerFired("minute"):
                return ticked(self, ticket, at)
            case Pressed("back"):
                return self.enter(ticket, at) if lines.place else Go(ticket, to="menu")
            case Pressed("more") if not lines.place:
                turned = replace(ticket, service=replace(lines, figures=(*lines.figures, 0)))
                return Stay(turned, (show(self, turned, at),))
            case Pressed(action) if not lines.place:
                chosen = next((one for one in _page(ticket) if action == f"place:{one.place}"), None)
                if chosen is None:
                    return Stay(ticket)
                at_place = replace(ticket, draft="", service=replace(lines, place=chosen.place))
                return Stay(at_place, (show(self, at_place, at),))
            case Pressed("enough"):
                notes = int(ticket.draft or "0")
                if not notes:
                    return Stay(ticket)
                one = _cassette(ticket)
                loaded = NotesAt(f"cassette:{one.place}", one.face, Count.exact(notes))
                return Go(replace(ticket, draft="", service=replace(lines, act=Act.LOADED, notes=(loaded,))), to="act")
            case Pressed(action):
                draft = typed(ticket.draft, action, NOTES_DIGITS)
                if draft is None:
                    return Stay(ticket)
                longer = replace(ticket, draft=draft)
                return Stay(longer, (show(self, longer, at),))
            case _:
                return Stay(ticket)


def _page(ticket: Ticket) -> tuple[CassetteShown, ...]:
    """Five of the cassettes; `figures` counts how often the page was turned."""
    every = ticket.service.known.cassettes
    pages = -(-len(every) // CHOICES_MAX)
    first = len(ticket.service.figures) % max(1, pages) * CHOICES_MAX
    return every[first : first + CHOICES_MAX]


def _cassette(ticket: Ticket) -> CassetteShown:
    return next(one for one in ticket.service.known.cassettes if one.place == ticket.service.place)
