"""Look at the machine: one that cannot pay says so before anybody shows a code."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Event
from core.moment import Moment
from core.screens import Screen
from device.flows.step import Answer, Go, Stay, leave
from device.flows.ticket import Ticket
from device.flows.withdraw_endings import no_cash_here

SILENT = "TM-ATM-001"


@dataclass(frozen=True, slots=True)
class LookAtMachine:
    name: str = "machine"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        return no_cash_here(_trouble(ticket))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        machine = ticket.cash.machine
        if machine is not None and machine.ready:
            return Go(ticket)
        return leave(ticket, "no_cash", self.screen(ticket, at))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        return Stay(ticket)


def _trouble(ticket: Ticket) -> str:
    machine = ticket.cash.machine
    return machine.code or SILENT if machine else SILENT
