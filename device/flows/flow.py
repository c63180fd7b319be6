"""A flow: a name and a tuple of steps, and the one function that moves a ticket through them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from core.effects import Effect, Show
from core.events import DeviceStateChanged, Event, Health, Pressed, TicketOpened
from core.moment import Moment
from core.screens import Screen
from device.flows.step import Answer, Go, Leave, Stay, Step, show
from device.flows.ticket import Ticket

STEPS_MAX = 32  # moves on one event; more is a circle of steps that skip each other


@dataclass(frozen=True, slots=True)
class Flow:
    """`steps` in their order; the order is the flow."""

    name: str
    steps: tuple[Step, ...]

    def place(self, name: str) -> int:
        return next(place for place, step in enumerate(self.steps) if step.name == name)


@dataclass(frozen=True, slots=True)
class State:
    """Where a ticket stands. `outcome` is "" while it is open."""

    flow: Flow
    place: int
    ticket: Ticket
    outcome: str = ""

    @property
    def step(self) -> Step:
        return self.flow.steps[self.place]

    def screen(self, at: Moment) -> Screen:
        return self.step.screen(self.ticket, at)


@dataclass(frozen=True, slots=True)
class Moved:
    """The new state and what is wanted because of it, in order."""

    state: State
    effects: tuple[Effect, ...]


def start(flow: Flow, event: TicketOpened, at: Moment) -> Moved:
    ticket = Ticket.opened(event, at)
    state = State(flow, 0, ticket)
    return _settle(state, state.step.enter(ticket, at), at)


def advance(state: State, event: Event, at: Moment) -> Moved:
    """One event of an open ticket. Language and devices are common to all steps; the rest is the step's."""
    assert not state.outcome, "the ticket is closed"
    ticket = state.ticket
    match event:
        case Pressed("language"):
            ticket = replace(ticket, lang="ko" if ticket.lang == "en" else "en")
            state = replace(state, ticket=ticket)
            return Moved(state, (show(state.step, ticket, at),))
        case DeviceStateChanged(role, health):
            others = tuple(hand for hand in ticket.hands if hand != role)
            usable = health in (Health.READY, Health.DEGRADED)
            ticket = replace(ticket, hands=(*others, role) if usable else others)
            state = replace(state, ticket=ticket)
            return Moved(state, (show(state.step, ticket, at),))
        case _:
            return _settle(state, state.step.on(ticket, event, at), at)


def _settle(state: State, answer: Answer, at: Moment) -> Moved:
    effects: list[Effect] = []
    for _ in range(STEPS_MAX):
        effects.extend(answer.effects)
        match answer:
            case Stay(ticket):
                return Moved(replace(state, ticket=ticket), _last_screen(effects))
            case Leave(ticket, outcome):
                return Moved(replace(state, ticket=ticket, outcome=outcome), _last_screen(effects))
            case Go(ticket, _, to):
                place = state.flow.place(to) if to else state.place + 1
                state = replace(state, place=place, ticket=ticket)
                answer = state.step.enter(ticket, at)
            case _:
                assert_never(answer)
    raise AssertionError(f"the steps of {state.flow.name} go in a circle at {state.step.name}")


def _last_screen(effects: list[Effect]) -> tuple[Effect, ...]:
    """Only the last screen of one move is drawn; the others were never meant to be seen."""
    shows = [place for place, effect in enumerate(effects) if isinstance(effect, Show)]
    return tuple(effect for place, effect in enumerate(effects) if place not in shows[:-1])
