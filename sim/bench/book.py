"""The vault's book on a disk that fate strikes: commits kept whole or not at all, syncs that fail, power that goes."""

from __future__ import annotations

from collections.abc import Callable

from device.vault.books import Books
from device.vault.memory_book import MemoryBook
from device.vault.records import Record
from device.vault.store import BookFault
from sim.bench.crash import Cut, Life
from sim.bench.fate import Fate, Stroke

FAILED = "TM-VAULT-016"


class TornBook(MemoryBook):
    """Outlives the program. `life` is that of the program that has it open now."""

    def __init__(self, fate: Fate, choose: Callable[[str, int], int]) -> None:
        super().__init__()
        self._fate = fate
        self._choose = choose
        self._stuck: int | None = None  # commits that were on the disk when a sync failed; what came after may be lost
        self.life = Life("vault", 0)

    def append(self, records: tuple[Record, ...], *, durable: bool) -> None:
        self.life.check()
        stroke = self._fate.commit("book")
        match stroke:
            case Stroke.CUT_BEFORE:
                self.life.end()
                raise Cut("book")
            case Stroke.FULL:
                raise BookFault(FAILED, "database or disk is full")
            case Stroke.FAILED_LOST if durable:
                raise BookFault(FAILED, "disk I/O error")
            case Stroke.FAILED_KEPT if durable:
                self._stuck = len(self.commits) - self.unsynced if self._stuck is None else self._stuck
                super().append(records, durable=False)
                raise BookFault(FAILED, "disk I/O error")
            case Stroke.CUT_INSIDE:
                super().append(records, durable=False)
                self.life.end()
                raise Cut("book")
            case _:
                super().append(records, durable=durable)
        if stroke is Stroke.CUT_AFTER:
            self.life.end()
            raise Cut("book")

    def died(self, *, power: bool) -> None:
        """The program is gone; without power also what was never synced, or was written after a sync that failed."""
        if not power:
            return
        if self._stuck is not None:
            self._synced = self._stuck
            self.cut(0)
        else:
            self.cut(self.unsynced - self._choose("cut.book.lost", self.unsynced + 1))
        self._stuck = None

    def load(self) -> Books:
        """A start copies the log back and syncs: what a killed program or a failed sync had left behind is written
        again before anybody believes it."""
        self._stuck = None
        self._synced = len(self.commits)
        return super().load()
