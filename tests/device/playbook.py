"""Playbooks: a conversation with a flow, read from top to bottom.

``Playbook(SALE) >> event << effect`` says: when the flow hears this, it wants that. Only what is named after
``<<`` is compared, by class and by the fields given; an effect nobody named is printed when the book fails.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from core.effects import Effect, Show
from core.events import Event, NotesMoved, TicketOpened
from core.ids import TxnId
from core.moment import Moment
from core.screens import Screen
from core.terms import Terms
from device.flows.flow import Flow, advance, start

TXN = TxnId.of(bytes(range(16)))
START = Moment(1_700_000_000_000)
TERMS = Terms("T-0001", "Corner Shop", "KRW", 0, 540)


class Playbook:
    """One ticket of `flow`. `at` moves by a tenth of a second with every event."""

    def __init__(self, flow: Flow, **opened: Any) -> None:
        event = TicketOpened(TXN, flow.name, 7, "aa" * 16, TERMS, **opened)
        self.at = START
        self.history: list[tuple[Moment, Event]] = [(START, event)]
        moved = start(flow, event, START)
        self.flow = flow
        self.state = moved.state
        self.effects = moved.effects

    def __rshift__(self, event: Event) -> Playbook:
        assert not self.state.outcome, f"the ticket already ended as {self.state.outcome}"
        self.at = self.at.plus(100)
        if not isinstance(event, NotesMoved):  # in no journal
            self.history.append((self.at, event))
        moved = advance(self.state, event, self.at)
        self.state, self.effects = moved.state, moved.effects
        return self

    def __lshift__(self, wanted: type | Effect) -> Playbook:
        kind = wanted if isinstance(wanted, type) else type(wanted)
        found = [effect for effect in self.effects if isinstance(effect, kind)]
        assert found, f"wanted {kind.__name__}, got {self._seen()}"
        if not isinstance(wanted, type):
            assert wanted in found, f"wanted {wanted}, got {found}"
        return self

    def wants_no(self, kind: type) -> Playbook:
        assert not any(isinstance(effect, kind) for effect in self.effects), f"did not want {kind.__name__}"
        return self

    def shows(self, name: str) -> Playbook:
        assert self.screen.name == name, f"shows {self.screen.name}, not {name}"
        return self

    def ends(self, outcome: str) -> Playbook:
        assert self.state.outcome == outcome, f"ended {self.state.outcome!r}, not {outcome!r}; {self._seen()}"
        return self

    @property
    def screen(self) -> Screen:
        shown = [effect.screen for effect in self.effects if isinstance(effect, Show)]
        return shown[-1] if shown else self.state.screen(self.at)

    @property
    def awaited(self) -> str:
        return self.state.ticket.awaited

    def one(self, kind: type) -> Any:
        found = [effect for effect in self.effects if isinstance(effect, kind)]
        assert len(found) == 1, f"{len(found)} of {kind.__name__}: {self._seen()}"
        return found[0]

    def refolded(self) -> Playbook:
        """The same conversation again from its events: what a restart does."""
        (_, opened), *rest = self.history
        assert isinstance(opened, TicketOpened)
        state = start(self.flow, opened, START).state
        for at, event in rest:
            state = advance(state, event, at).state
        assert state == self.state, "folding the events again gave another ticket"
        return self

    def _seen(self) -> str:
        return ", ".join(type(effect).__name__ for effect in self.effects) + f" on {self.state.step.name}"


def changed(value: Any, **fields: Any) -> Any:
    return dataclasses.replace(value, **fields)
