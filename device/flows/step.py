"""What a step is, and the four ways it can answer an event.

A step is something a customer would recognise: ring up, identify, confirm. It is a pure machine: the
same ticket, event and moment always give the same answer, which is what lets the journal be folded after
a power cut. Time is only ever the moment handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from core.effects import Disarm, Effect, Show, StopTimer
from core.events import Event
from core.moment import Moment
from core.screens import Action, Role, Screen, say
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Stay:
    """Still this step."""

    ticket: Ticket
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Go:
    """This step is done: on to the next, or to the named one."""

    ticket: Ticket
    effects: tuple[Effect, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """The business has ended as `outcome`; the last screen stands until it is pressed away or times out."""

    ticket: Ticket
    outcome: str
    effects: tuple[Effect, ...] = ()


Answer = Stay | Go | Leave


class Step(Protocol):
    """One step. `name` is its place in keys, pictures and the journal."""

    @property
    def name(self) -> str: ...

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        """What the customer sees in this step with this ticket. Pure, so it can be drawn again at any time."""
        ...

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        """The step begins; `Go` at once skips it."""
        ...

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        """Answer one event. What the step does not know leaves the ticket as it is."""
        ...


QUIET = (Disarm(),)
IDLE_TIMER = "idle"
IDLE_MS = 90_000  # a shopper may look for a phone; after a minute and a half nobody is there

CANCEL = Action("cancel", say("common.cancel"), Role.CANCEL, "escape")
DONE = Action("done", say("common.done"), Role.PRIMARY, "enter")


def show(step: Step, ticket: Ticket, at: Moment) -> Show:
    return Show(step.screen(ticket, at))


def leave(ticket: Ticket, outcome: str, screen: Screen) -> Leave:
    """End the business: readers quiet, timers stopped, the last screen up."""
    return Leave(replace(ticket, awaited=""), outcome, (*QUIET, StopTimer(IDLE_TIMER), Show(screen)))


def typed(draft: str, action: str, digits_max: int) -> str | None:
    """The draft after one press of a number pad; None when the press was not for the pad."""
    if action == "erase":
        return draft[:-1]
    kind, _, digits = action.partition(":")
    if kind != "digit" or not digits.isdigit():
        return None
    longer = (draft + digits).lstrip("0")
    return longer if len(longer) <= digits_max else draft
