"""One step while it is being decided: gathers records, orders and answers, and folds each record at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from core.dispenser import Order
from core.vault_talk import Reply, VaultRefused
from device.vault.books import fold
from device.vault.records import Record
from device.vault.setup import Setup
from device.vault.state import Answer, Do, Effect, Hand, State, Tell, Write

LATE_MS: Final = 30_000  # beyond the host's own limit: then it has broken its promise


class Turn:
    """Lives for one call of `step` and is seen by nobody outside it."""

    def __init__(self, setup: Setup, state: State, now_ms: int) -> None:
        self.setup = setup
        self.state = state
        self.now_ms = now_ms
        self._records: list[Record] = []
        self._durable = False
        self._orders: list[Effect] = []
        self._replies: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Fields of the state."""
        self.state = replace(self.state, **changes)

    def set_job(self, **changes: Any) -> None:
        assert self.state.job is not None
        self.set(job=replace(self.state.job, **changes))

    def note(self, *records: Record, durable: bool = False) -> None:
        """Write these down in this step's one commit."""
        books = self.state.books
        for record in records:
            books = fold(books, record)
        self.set(books=books)
        self._records.extend(records)
        self._durable = self._durable or durable

    def order(self, order: Order) -> None:
        assert self.state.order is None, "the host does one order at a time"
        self.set(order=order, due_ms=self.now_ms + self.setup.machine.answer_ms + LATE_MS)
        self._orders.append(Do(order))

    def answer(self, asker: int, reply: Reply) -> None:
        self._replies.append(Answer(asker, reply))

    def answer_all(self, reply: Reply) -> None:
        """The end of what everybody waiting had asked for."""
        for asker in self.state.askers:
            self.answer(asker, reply)
        self.set(askers=())

    def stage(self, reply: Reply) -> None:
        self._replies.extend(Answer(asker, reply, last=False) for asker in self.state.askers)

    def refuse(self, asker: int, code: str, detail: str = "") -> None:
        self.answer(asker, VaultRefused(code, detail))

    def tell(self, reply: Reply) -> None:
        self._replies.append(Tell(reply))

    def hand(self, asker: int, numbers: tuple[int, ...], waiting: int) -> None:
        self._replies.append(Hand(asker, numbers, waiting))

    def effects(self) -> tuple[Effect, ...]:
        """The commit first, then orders, then words."""
        writes = (Write(tuple(self._records), self._durable),) if self._records else ()
        return (*writes, *self._orders, *self._replies)
