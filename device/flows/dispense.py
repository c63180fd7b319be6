"""Dispense: the cash side lets the notes move, and the customer is told what to do while they do.

Going back ended with the authority: from here on the ticket only goes forward, to exactly what left. A question to the
cash side that is not answered is never repeated as an order to pay, since the customer may have gone: it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, assert_never

from core.effects import PayNotes, Play, Sound
from core.events import Event, NotesMoved, NotesPaid, Refused, Restarted, Unanswered
from core.messages import WireMoney
from core.moment import Moment
from core.screens import Amount, Block, Drawing, Notice, Picture, Screen, Tone, Waiting, say
from core.vault_talk import CashStage
from device.flows.step import Answer, Go, Stay, show
from device.flows.ticket import Ticket

_HEADINGS: Final = {
    CashStage.COUNTING: "withdraw.dispense.title",
    CashStage.OFFERED: "withdraw.dispense.take",
    CashStage.PULLING_BACK: "withdraw.dispense.pulling_back",
    CashStage.FINISHING: "withdraw.dispense.finishing",
}


@dataclass(frozen=True, slots=True)
class DispenseNotes:
    name: str = "dispense"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        stage = ticket.cash.stage
        kind = stage.stage if stage else CashStage.COUNTING
        amount = Amount(ticket.due)
        blocks: tuple[Block, ...]
        match kind:
            case CashStage.OFFERED:
                blocks = (Drawing(Picture.NOTES), amount, Notice(say("withdraw.dispense.take_all"), Tone.GOOD))
                return Screen("take_notes", say(_HEADINGS[kind]), blocks, (), Tone.GOOD)
            case CashStage.PULLING_BACK:
                blocks = (amount, Notice(say("withdraw.dispense.pulled_money"), Tone.WARN))
                waiting = Waiting(say("withdraw.dispense.counting"))
                return Screen("pulling_back", say(_HEADINGS[kind]), (*blocks, waiting), (), Tone.WARN)
            case CashStage.COUNTING | CashStage.FINISHING:
                counted = say("withdraw.dispense.counting")
                if stage is not None and stage.total:
                    counted = say("withdraw.dispense.counted", notes=stage.notes, total=stage.total)
                blocks = (amount, Notice(say("withdraw.dispense.no_cancel")), Waiting(counted))
                return Screen(self.name, say(_HEADINGS[kind]), blocks)
            case _:
                assert_never(kind)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        authorisation = ticket.cash.authorisation
        assert authorisation is not None, "notes never move without an authority"
        paying = replace(ticket, cash=replace(ticket.cash, stage=None)).ask(self.name)
        effect = PayNotes(paying.awaited, ticket.txn, authorisation.authority, WireMoney.of(ticket.due))
        return Stay(paying, (effect, show(self, paying, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case NotesMoved(answers, stage) if answers == ticket.awaited and stage.txn == ticket.txn:
                before = ticket.cash.stage.stage if ticket.cash.stage else CashStage.COUNTING
                moved = replace(ticket, cash=replace(ticket.cash, stage=stage))
                offers = stage.stage is CashStage.OFFERED and before is not CashStage.OFFERED
                return Stay(moved, (*((Play(Sound.DONE),) if offers else ()), show(self, moved, at)))
            case NotesPaid(answers, paid) if answers == ticket.awaited and paid.txn == ticket.txn:
                return Go(replace(ticket.answered(), cash=replace(ticket.cash, paid=paid, stage=None)), to="settle")
            case NotesPaid(answers, _) | Refused(answers, _) | Unanswered(answers, _) if answers == ticket.awaited:
                return Go(replace(ticket.answered(), cash=replace(ticket.cash, stage=None)))
            case Restarted():
                return Go(ticket.answered())
            case _:
                return Stay(ticket)
