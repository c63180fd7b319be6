"""What the cash side keeps: records in order, and a way back to its signed statements. The shape of both storages."""

from __future__ import annotations

from typing import Protocol

from core.ids import TxnId
from device.vault.books import Books
from device.vault.records import Record
from device.vault.state import Known


class BookFault(Exception):
    """The ledger's storage cannot do its work: stop paying, start again, verify. `code` is a catalogue code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code


class Book(Protocol):
    """Owned by one program at a time. Every call may raise `BookFault`."""

    @property
    def fsyncs(self) -> int:
        """Syncs for commits so far."""
        ...

    def load(self) -> Books:
        """The books as all records say that are still there."""
        ...

    def append(self, records: tuple[Record, ...], *, durable: bool) -> None:
        """One commit, whole or not at all. `durable`: it, and everything before, is on the disk on return; else a
        power cut may lose it, with everything after it."""
        ...

    def known(self, txn: TxnId) -> Known | None:
        """The statement that ended `txn`."""
        ...

    def sealed(self, number: int) -> str:
        """Statement `number`, which exists."""
        ...

    def has_room(self) -> bool:
        """May another withdrawal begin?"""
        ...

    def rest(self, books: Books) -> None:
        """Nothing is open: the time to copy back and to write a snapshot."""
        ...

    def close(self) -> None: ...
