"""One act of a visit: said first, done after a yes, and told as the cash side has booked it.

The order is on disk before it goes out, under a name of its own, so that it is booked once or not at all. Nothing here
can bring notes to the exit: the cash side pays under an authority of the exchange only, and a visit never asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.cash_report import Act
from core.effects import Play, Sound, StopTimer
from core.events import Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.faults.service import ACT_UNKNOWN
from core.moment import Moment
from core.screens import Action, Block, Facts, Notice, Plain, Role, Screen, Tone, Waiting, Words, say
from core.service_effects import ServeNotes
from core.service_events import ServiceDone
from core.vault_talk import Served
from device.flows.service_ends import over, refused, ticked
from device.flows.service_lines import head, place_name
from device.flows.service_menu import BACK, ROWS_MAX
from device.flows.step import IDLE_TIMER, Answer, Go, Stay, show
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class DoAct:
    name: str = "act"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        lines = ticket.service
        assert lines.act is not None, "an act was chosen"
        kind = lines.act.value
        if ticket.awaited:
            working = Waiting(say(f"service.act.{kind}.working"))
            return Screen("service_working", say(f"service.act.{kind}"), (working, head(lines, at)))
        if ticket.note is not None:
            again = Action("menu", say("service.next"), Role.PRIMARY, "enter")
            blocks: tuple[Block, ...] = (Notice(ticket.note, Tone.WARN), *_code(ticket))
            return Screen("service_act_refused", say("service.act.refused"), blocks, (again,), Tone.WARN)
        rows: tuple[tuple[Words, Words], ...] = tuple(
            (place_name(one.place), Plain(f"{one.count.low} × {one.face.money()}")) for one in lines.notes[:ROWS_MAX]
        )
        facts = (Facts(rows),) if rows and lines.act is not Act.COUNTED else ()
        go = Action("do", say(f"service.act.{kind}.do"), Role.PRIMARY, "enter")
        told = (Notice(say(f"service.act.{kind}.what"), Tone.WARN), *facts, head(lines, at))
        return Screen("service_act", say(f"service.act.{kind}"), told, (BACK, go))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Stay(ticket, (StopTimer(IDLE_TIMER), show(self, ticket, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        lines = ticket.service
        match event:
            case ServiceDone(answers, served) if answers == ticket.awaited:
                return self._done(ticket, served)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._failed(ticket, refusal.code, at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._failed(ticket, ACT_UNKNOWN, at)
            case Restarted():
                return over(ticket, "restarted")
            case TimerFired("visit") if ticket.awaited:
                return Stay(replace(ticket, service=replace(lines, over=True)))
            case TimerFired("visit"):
                return over(ticket)
            case TimerFired("minute"):
                return ticked(self, ticket, at)
            case _ if ticket.awaited:
                return Stay(ticket)
            case Pressed("menu" | "back"):
                return Go(replace(ticket.said(None), draft=""), to="menu")
            case Pressed("do") if ticket.note is None:
                return self._ask(ticket, at)
            case _:
                return Stay(ticket)

    def _ask(self, ticket: Ticket, at: Moment) -> Stay:
        lines = replace(ticket.service, acts=ticket.service.acts + 1)
        asking = replace(ticket, service=lines).ask(self.name)
        assert lines.act is not None, "an act was chosen"
        act_id = lines.act_id(ticket.nonce)
        effect = ServeNotes(asking.awaited, act_id, lines.act, lines.notes, lines.here.sealed)
        return Stay(asking, (effect, show(self, asking, at)))

    def _done(self, ticket: Ticket, served: Served) -> Answer:
        told = replace(ticket.answered(), service=replace(ticket.service, state=served.state), draft="")
        if served.waits_for_second and not told.service.over:
            return Go(told.said(None), (Play(Sound.TICK),), to="second")
        return Go(told.said(say("service.booked", number=served.number)), (Play(Sound.DONE),), to="menu")

    def _failed(self, ticket: Ticket, code: str, at: Moment) -> Stay:
        failed = replace(ticket.answered(), draft=code).said(refused(code))
        return Stay(failed, (Play(Sound.NO), show(self, failed, at)))


def _code(ticket: Ticket) -> tuple[Facts, ...]:
    return (Facts(((say("common.code"), Plain(ticket.draft)),)),)
