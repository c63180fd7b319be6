"""Recovery: fold the events of a ticket that was open through the same steps, and say what was lost.

Nothing is performed while folding. Afterwards the flow hears `Restarted`, and each step knows what that
means for it: before anything irreversible the ticket ends, a doubt is undone, a completion is asked again
with its own key, a receipt comes out as a copy.
"""

from __future__ import annotations

from core.events import TicketOpened
from device.diary import OpenTicket
from device.flows.flow import State, advance, start
from device.modes.mode import Mode


class Unfoldable(RuntimeError):
    """The journal and the steps of this version do not fit together. The device must not sell on a guess."""


def refold(ticket: OpenTicket, mode: Mode) -> tuple[State, tuple[str, ...]]:
    """The state the ticket was in, and the keys of undone effects that may not be repeated."""
    (at, opened), *rest = ticket.events
    if not isinstance(opened, TicketOpened):
        raise Unfoldable(f"{ticket.txn}: the first event is {type(opened).__name__}")
    try:
        flow = mode.flow(opened.flow)
    except KeyError as error:
        raise Unfoldable(f"{ticket.txn}: {error}") from None
    state = start(flow, opened, at).state
    for at, event in rest:
        if state.outcome:
            raise Unfoldable(f"{ticket.txn}: events after its end")
        state = advance(state, event, at).state
    return state, tuple(effect.key for effect in ticket.undone if not effect.repeatable)
