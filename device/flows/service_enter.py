"""Let in: the cash side gives a challenge, the operator's page answers it with a grant, and the camera reads that.

Once at the beginning of a visit, and once more for the second person of a count. Nothing is believed here: the grant
goes to the cash side with every act, which alone decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Arm, Play, Sound, StartTimer, Wanted
from core.events import CodeShown, Event, Pressed, Refused, Restarted, TimerFired, Unanswered
from core.grant import Right
from core.moment import Moment
from core.screens import Action, Block, Facts, Notice, Plain, QrCode, Role, Screen, Tone, Viewfinder, Waiting, say
from core.service_effects import TakeChallenge
from core.service_events import ChallengeGiven, GrantShown
from device.flows.service_ends import over, refused, stopped, ticked
from device.flows.service_lines import Admitted
from device.flows.step import CANCEL, IDLE_TIMER, QUIET, Answer, Go, Stay, show
from device.flows.ticket import Ticket

LOOK_MS = 10 * 60_000  # the technician calls the operator meanwhile
VISIT_TIMER = "visit"
MINUTE_TIMER = "minute"
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class LetIn:
    """`second`: the visit goes on, and another person is let in to count after the first."""

    name: str = "let_in"
    second: bool = False

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        lines = ticket.service
        title = say("service.second.title" if self.second else "service.let_in.title")
        if ticket.awaited:
            return Screen("service_asking", title, (Waiting(say("service.let_in.asking")),))
        notes = (Notice(ticket.note, Tone.WARN),) if ticket.note else ()
        if not lines.challenge:
            again = Action("again", say("common.again"), Role.PRIMARY, "enter")
            return Screen("service_refused", title, notes, (CANCEL, again), Tone.WARN)
        if lines.showing:
            blocks: tuple[Block, ...] = (*notes, Viewfinder(say("service.grant.hint")))
            back = Action("back", say("common.back"))
            return Screen("service_grant", say("service.grant.title"), blocks, (CANCEL, back))
        text = Plain(f"{lines.challenge[:5]} {lines.challenge[5:]}")
        rows = ((say("service.challenge"), text), (say("service.machine"), Plain(ticket.terms.terminal)))
        how = Notice(say("service.second.how" if self.second else "service.let_in.how"))
        scan = Action("scan", say("service.grant.scan"), Role.PRIMARY, "enter")
        blocks = (*(notes or (how,)), Facts(rows), QrCode(lines.challenge, say("service.challenge")))
        return Screen("service_challenge", title, blocks, (CANCEL, scan))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        state = ticket.service.state or ticket.cash.machine
        if state is None:
            return stopped(ticket, "silent", refused("TM-ATM-001"), code="TM-ATM-001")
        lines = replace(ticket.service, state=state, challenge="", showing=False)
        asking = replace(ticket, service=lines).ask(self.name)
        return Stay(asking, (*QUIET, TakeChallenge(asking.awaited, ticket.txn), show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case ChallengeGiven(answers, given) if answers == ticket.awaited:
                lines = replace(ticket.service, challenge=given.challenge, given_at=at)
                return self._again(replace(ticket.answered(), service=lines), at)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._again(ticket.answered().said(refused(refusal.code)), at)
            case Unanswered(answers, code) if answers == ticket.awaited:
                return self._again(ticket.answered().said(refused(code)), at)
            case Restarted():
                return over(ticket, "restarted")
            case TimerFired("visit"):
                return over(ticket)
            case TimerFired("minute"):
                return ticked(self, ticket, at)
            case Pressed("cancel") | TimerFired("idle"):
                return Go(_forgotten(ticket), QUIET, to="menu") if self.second else over(ticket, "left")
            case _ if ticket.awaited:
                return Stay(ticket)
            case Pressed("again") if not ticket.service.challenge:
                return self.enter(ticket, at)
            case Pressed("scan" | "back" as where) if ticket.service.challenge:
                return self._again(
                    replace(ticket.said(None), service=replace(ticket.service, showing=where == "scan")), at
                )
            case GrantShown() if ticket.service.showing:
                return self._shown(ticket, event, at)
            case CodeShown() if ticket.service.showing:
                return self._again(ticket.said(say("service.grant.other")), at, Sound.NO)
            case _:
                return Stay(ticket)

    def _shown(self, ticket: Ticket, grant: GrantShown, at: Moment) -> Answer:
        lines = ticket.service
        if grant.challenge != lines.challenge:
            return self._again(ticket.said(say("service.grant.old")), at, Sound.NO)
        admitted = Admitted(grant.person, grant.rights, grant.text)
        if self.second:
            assert lines.first is not None, "a second person comes after the first"
            if grant.person == lines.first.person or Right.COUNT not in grant.rights:
                return self._again(ticket.said(say("service.second.wrong")), at, Sound.NO)
            counting = replace(lines, second=admitted, challenge="", showing=False, figures=())
            return Go(replace(ticket.said(None), service=counting), QUIET, to="count")
        assert lines.given_at is not None, "a challenge was given at a time"
        until = lines.given_at.plus(grant.life_ms)
        let_in = replace(lines, first=admitted, until=until, total_ms=grant.life_ms, challenge="", showing=False)
        timers = (StartTimer(VISIT_TIMER, max(1, until.ms - at.ms)), StartTimer(MINUTE_TIMER, MINUTE_MS))
        return Go(replace(ticket.said(None), service=let_in), (*QUIET, *timers, Play(Sound.DONE)), to="menu")

    def _again(self, ticket: Ticket, at: Moment, sound: Sound | None = None) -> Stay:
        ready = (Arm((Wanted.GRANT,)),) if ticket.service.showing else QUIET
        sounds = (Play(sound),) if sound else ()
        return Stay(ticket, (*sounds, *ready, StartTimer(IDLE_TIMER, LOOK_MS), show(self, ticket, at)))


def _forgotten(ticket: Ticket) -> Ticket:
    """The second person did not come: the first count stands at the cash side until it is made again."""
    lines = replace(ticket.service, challenge="", showing=False, figures=())
    return replace(ticket.said(say("service.count.half")), service=lines)
