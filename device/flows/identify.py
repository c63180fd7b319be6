"""Identify: the shopper shows, taps or types the personal code, and the exchange redeems it once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Arm, Effect, Identify, IdentifyTap, Play, Sound, StartTimer, TapOffer, Wanted
from core.events import (
    CodeShown,
    Event,
    Form,
    Identified,
    Pressed,
    ProductScanned,
    Refused,
    Restarted,
    TapAnswered,
    TapFailed,
    TimerFired,
    Unanswered,
)
from core.messages import WireMoney
from core.moment import Moment
from core.money import Money
from core.screens import (
    Action,
    Amount,
    Block,
    Drawing,
    Keypad,
    Notice,
    Picture,
    Role,
    Screen,
    Tone,
    Viewfinder,
    Waiting,
    say,
)
from core.words import fault
from device.flows.endings import cancelled, declined
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket

TRIES_MAX = 5  # as many wrong codes as the exchange allows one handle; then the seller starts again


@dataclass(frozen=True, slots=True)
class IdentifyShopper:
    """`tap_mode` is what a tapped phone is told that it agrees to: with a price, or before there is one."""

    tap_mode: str = "sale"
    name: str = "identify"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        blocks: list[Block] = [Amount(ticket.price)] if ticket.price else []
        if ticket.awaited:
            return Screen(self.name, say("sale.identify.working"), (*blocks, Waiting(say("sale.identify.asking"))))
        if ticket.note is not None:
            blocks.append(Notice(ticket.note, Tone.WARN))
        if ticket.typing:
            blocks.append(Keypad(_spaced(ticket.draft)))
            ready = Action("read_typed", say("common.confirm"), Role.PRIMARY, "enter")
            scan = Action("scan", say("sale.identify.scan_instead"))
            return Screen("identify_typed", say("sale.identify.type_title"), tuple(blocks), (CANCEL, scan, ready))
        blocks.append(Viewfinder() if "camera" in ticket.hands else Drawing(_picture(ticket)))
        heading = say("sale.identify.show_or_tap" if "nfc" in ticket.hands else "sale.identify.show")
        return Screen(self.name, heading, tuple(blocks), (CANCEL, Action("type", say("sale.identify.type"))))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._listen(replace(ticket, draft="", typing=not ticket.hands), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Identified(answers, presentation) if answers == ticket.awaited:
                if presentation.txn != ticket.txn:
                    return self._listen(ticket.answered().said(say("sale.identify.no_answer")), at)
                return Go(replace(ticket.answered(), presentation=presentation, draft="", typing=False, note=None))
            case Refused(answers, refusal) if answers == ticket.awaited:
                if ticket.decisions >= TRIES_MAX:
                    return leave(ticket, "declined", declined(refusal.code, ticket.txn.text[-6:]))
                return self._listen(replace(ticket.answered(), draft="").said(fault(refusal.code)), at, Sound.NO)
            case Unanswered(answers, _) if answers == ticket.awaited:
                note = say("sale.identify.no_answer")
                return self._listen(replace(ticket.answered(), draft="").said(note), at, again=True)
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _ if ticket.awaited:
                return Stay(ticket)
            case _:
                return self._shown(ticket, event, at)

    def _shown(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case CodeShown(_, Form.PARTIAL, text) if ticket.typing:
                return self._listen(replace(ticket, draft=text, note=None), at)
            case CodeShown(source, Form.WHOLE, text):
                asking = replace(ticket, draft="").ask(self.name)
                effect: Effect = Identify(asking.awaited, ticket.txn, source, text.replace(" ", ""))
                return Stay(asking, (*QUIET, Play(Sound.TICK), effect, show(self, asking, at)))
            case CodeShown(_, form):
                note = say("sale.identify.mistyped" if form is Form.MISTYPED else "sale.identify.not_a_code")
                return self._listen(replace(ticket, draft="").said(note), at, Sound.NO)
            case TapAnswered(handle, counter, nonce, mac) if nonce == ticket.nonce:
                asking = ticket.ask(self.name)
                effect = IdentifyTap(asking.awaited, ticket.txn, self._tap_offer(ticket), counter, handle, mac)
                return Stay(asking, (*QUIET, Play(Sound.TICK), effect, show(self, asking, at)))
            case TapFailed(code):
                return self._listen(ticket.said(fault(code)), at)
            case ProductScanned():
                return self._listen(ticket.said(say("sale.identify.a_product")), at)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Pressed("type"):
                return self._listen(replace(ticket, typing=True, draft="", note=None), at)
            case Pressed("scan"):
                return self._listen(replace(ticket, typing=False, draft="", note=None), at)
            case _:
                return Stay(ticket)

    def _listen(self, ticket: Ticket, at: Moment, sound: Sound | None = None, again: bool = False) -> Stay:
        arm = Arm((Wanted.PERSONAL,), self._tap_offer(ticket) if ticket.terms.tap else None, again)
        sounds = (Play(sound),) if sound else ()
        return Stay(ticket, (*sounds, arm, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))

    def _tap_offer(self, ticket: Ticket) -> TapOffer:
        """Where there is no price yet, the phone binds to none and approves the amount on its page."""
        price = ticket.price or Money.zero(ticket.terms.fiat)
        return TapOffer(ticket.terms.terminal, ticket.nonce, WireMoney.of(price), self.tap_mode)


def _picture(ticket: Ticket) -> Picture:
    return Picture.TAP if "nfc" in ticket.hands else Picture.PHONE


def _spaced(digits: str) -> str:
    """Groups of three, as the phone shows them."""
    return " ".join(digits[place : place + 3] for place in range(0, len(digits), 3))
