"""The books in memory, with the crash semantics of a disk: a power cut keeps all that was synced, and some prefix of
the commits behind it. For simulations and tests; the product keeps its ledger in `device.vault.book`."""

from __future__ import annotations

from core.ids import TxnId
from device.vault.books import Books, fold
from device.vault.records import Record, Reported
from device.vault.state import Known


class MemoryBook:
    """Outlives the program: a new `Vault` on the same book is a restart."""

    def __init__(self) -> None:
        self.commits: list[tuple[Record, ...]] = []
        self.room = True
        self.syncs = 0
        self._synced = 0
        self._statements: dict[int, str] = {}
        self._by_txn: dict[str, int] = {}

    @property
    def fsyncs(self) -> int:
        return self.syncs

    @property
    def unsynced(self) -> int:
        """Commits a power cut may lose."""
        return len(self.commits) - self._synced

    def cut(self, kept: int) -> None:
        """The power is gone: of the unsynced commits the first `kept` were on the disk by chance."""
        del self.commits[self._synced + kept :]
        self._synced = len(self.commits)
        self._statements.clear()
        self._by_txn.clear()
        for commit in self.commits:
            self._index(commit)

    def load(self) -> Books:
        books = Books()
        for commit in self.commits:
            for record in commit:
                books = fold(books, record)
        return books

    def append(self, records: tuple[Record, ...], *, durable: bool) -> None:
        self.commits.append(records)
        self._index(records)
        if durable:
            self.syncs += 1
            self._synced = len(self.commits)

    def known(self, txn: TxnId) -> Known | None:
        number = self._by_txn.get(txn.text)
        return None if number is None else Known(number, self._statements[number])

    def sealed(self, number: int) -> str:
        return self._statements[number]

    def has_room(self) -> bool:
        return self.room

    def rest(self, books: Books) -> None:
        """Nothing to copy back."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _index(self, records: tuple[Record, ...]) -> None:
        for record in records:
            if isinstance(record, Reported):
                self._statements[record.number] = record.sealed
                self._by_txn[record.txn.text] = record.number
