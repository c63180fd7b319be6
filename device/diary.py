"""What the loop asks of its journal; `sync.journal` keeps it on disk. DESIGN: durability on the device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core.effects import KeyedEffect
from core.events import Event
from core.ids import TxnId
from core.moment import Moment


class OpenTicket(Protocol):
    """A ticket that was open when the device went down."""

    @property
    def txn(self) -> TxnId: ...

    @property
    def events(self) -> tuple[tuple[Moment, Event], ...]: ...

    @property
    def undone(self) -> tuple[KeyedEffect, ...]: ...


class Diary(Protocol):
    """The append-only journal of events and effects."""

    def next_stan(self) -> int: ...

    def commit(
        self,
        txn: TxnId,
        at: Moment,
        event: Event,
        *,
        answers: str = "",
        effects: tuple[KeyedEffect, ...] = (),
        closes: str = "",
    ) -> int: ...

    def done(self, key: str, at: Moment, event: Event | None = None) -> None: ...

    def open_tickets(self) -> tuple[OpenTicket, ...]: ...

    def events(self, kinds: tuple[type, ...], after_seq: int = 0) -> Iterator[tuple[int, TxnId, Moment, Event]]: ...

    def note(self, name: str, value: str) -> None: ...

    def noted(self, name: str) -> str: ...

    @property
    def head(self) -> tuple[int, str]: ...

    def effects(self, kinds: tuple[type, ...], last: int) -> tuple[tuple[TxnId, KeyedEffect, bool], ...]: ...
