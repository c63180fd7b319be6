"""Close the batch: the terminal's count of the day beside the agency's and the exchange's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import CloseBatch
from core.events import BatchClosed, Event, Pressed, Refused, Restarted, Unanswered
from core.messages import Totals
from core.moment import Moment
from core.screens import Action, Block, Facts, Notice, Plain, Role, Screen, Tone, Waiting, Words, say
from core.words import fault
from device.flows.step import CANCEL, DONE, QUIET, Answer, Go, Leave, Stay, show
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class CloseTheBatch:
    name: str = "close_batch"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        assert ticket.totals is not None
        blocks: list[Block] = [] if ticket.note is None else [Notice(ticket.note, Tone.WARN)]
        blocks.append(Facts(rows(ticket.totals)))
        if ticket.awaited and ticket.note is None:
            return Screen(self.name, say("batch.title"), (*blocks, Waiting(say("batch.comparing"))))
        close = Action("close", say("batch.close"), Role.PRIMARY, "enter")
        return Screen(self.name, say("batch.title"), tuple(blocks), (CANCEL, close))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Stay(ticket, (*QUIET, show(self, ticket, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case BatchClosed(answers, totals) if answers == ticket.awaited:
                return Go(replace(ticket.answered(), batch=totals, note=None))
            case Refused(answers, refusal) if answers == ticket.awaited:
                return self._again(ticket.answered().said(fault(refusal.code)), at)
            case Unanswered(answers, _) if answers == ticket.awaited:
                return self._again(ticket.said(say("batch.no_answer")), at)
            case Restarted() if ticket.awaited:
                return self._send(ticket, at)
            case Pressed("close"):
                return self._send(ticket if ticket.awaited else ticket.ask(self.name), at)
            case Pressed("cancel") if ticket.awaited and ticket.note is not None:
                return Leave(ticket.answered(), "owed")
            case Pressed("cancel") | Restarted() if not ticket.awaited:
                return Leave(ticket, "cancelled")
            case _:
                return Stay(ticket)

    def _send(self, ticket: Ticket, at: Moment) -> Stay:
        ticket = ticket.said(None)
        assert ticket.totals is not None
        return Stay(ticket, (CloseBatch(ticket.awaited, ticket.txn, ticket.totals), show(self, ticket, at)))

    def _again(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (show(self, ticket, at),))


def rows(totals: Totals) -> tuple[tuple[Words, Words], ...]:
    """Counts and sums, as they stand on screen and paper."""
    return (
        (say("batch.sales", count=totals.sales), Plain(str(totals.sold.money()))),
        (say("batch.refunds", count=totals.refunds), Plain(str(totals.refunded.money()))),
        (say("batch.voids", count=totals.voids), Plain(str(totals.voided.money()))),
    )


def closed_screen(ticket: Ticket) -> Screen:
    """Agreement is said plainly; so is its lack, with where to look."""
    batch = ticket.batch
    assert batch is not None
    facts: list[tuple[Words, Words]] = [
        (say("batch.number"), Plain(str(batch.batch))),
        (say("batch.terminal"), Plain(_line(batch.terminal))),
        (say("batch.agency"), Plain(_line(batch.agency))),
        (say("batch.exchange"), Plain(_line(batch.exchange))),
        (say("batch.commission"), Plain(str(batch.commission.money()))),
    ]
    if batch.agrees:
        return Screen("batch_closed", say("batch.agrees"), (Facts(tuple(facts)),), (DONE,), Tone.GOOD)
    facts.append((say("batch.differing"), Plain(", ".join(batch.differing[:4]) or "-")))
    blocks = (Notice(say("batch.differs_money"), Tone.WARN), Facts(tuple(facts)))
    return Screen("batch_differs", say("batch.differs"), blocks, (DONE,), Tone.WARN)


def _line(totals: Totals) -> str:
    return f"{totals.sales} / {totals.sold.money()}"
