"""Count: place by place, on the keypad. No figure of the book and none of the other person is on any screen of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.cash_report import Act
from core.effects import StopTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.moment import Moment
from core.screens import Action, Facts, Keypad, Plain, Role, Screen, say
from device.flows.service_ends import over, ticked
from device.flows.service_lines import NOTES_DIGITS, head, place_name, questions
from device.flows.service_menu import BACK
from device.flows.step import IDLE_TIMER, Answer, Go, Stay, show, typed
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class CountNotes:
    name: str = "count"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        lines = ticket.service
        every = questions(lines.known)
        asked = every[min(len(lines.figures), len(every) - 1)]
        step = Plain(f"{len(lines.figures) + 1} / {len(every)}")
        rows = Facts(((place_name(asked.place), Plain(str(asked.face))), (say("service.count.step"), step)))
        pad = Keypad(ticket.draft or "0", f"× {asked.face}", double_zero=True)
        go = Action("enough", say("service.next"), Role.PRIMARY, "enter")
        facts = Facts((*rows.rows, *head(lines, at).rows))
        return Screen("service_count", say("service.count.title"), (facts, pad), (BACK, go))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        fresh = replace(ticket, draft="", service=replace(ticket.service, figures=()))
        return Stay(fresh, (StopTimer(IDLE_TIMER), show(self, fresh, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Restarted():
                return over(ticket, "restarted")
            case TimerFired("visit"):
                return over(ticket)
            case TimerFired("minute"):
                return ticked(self, ticket, at)
            case Pressed("back"):
                return self._back(ticket, at)
            case Pressed("enough"):
                return self._counted(ticket, at)
            case Pressed(action) if (draft := typed(ticket.draft, action, NOTES_DIGITS)) is not None:
                return self._at(replace(ticket, draft=draft), at)
            case _:
                return Stay(ticket)

    def _back(self, ticket: Ticket, at: Moment) -> Answer:
        """One question back; from the first one out of the count."""
        lines = ticket.service
        if not lines.figures:
            return Go(ticket, to="menu")
        return self._at(replace(ticket, draft="", service=replace(lines, figures=lines.figures[:-1])), at)

    def _counted(self, ticket: Ticket, at: Moment) -> Answer:
        """The next question, or the yes to them all."""
        lines, every = ticket.service, questions(ticket.service.known)
        figures = (*lines.figures, int(ticket.draft or "0"))
        if len(figures) < len(every):
            return self._at(replace(ticket, draft="", service=replace(lines, figures=figures)), at)
        notes = tuple(asked.found(notes) for asked, notes in zip(every, figures, strict=True))
        done = replace(lines, figures=figures, act=Act.COUNTED, notes=notes)
        return Go(replace(ticket, draft="", service=done), to="act")

    def _at(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (show(self, ticket, at),))
