"""The exchange's store without its thread: the same writer, fence and commits; whoever writes waits for the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from backend.refused import Refused
from backend.store import Migration, Store, Unit
from backend.store.replies import Waiting, begun, hand_out
from backend.store.writer import Work, Writer, broken_store
from sim.bench.crash import Life
from sim.bench.disk import Disk

T = TypeVar("T")


class WriterInTurn(Writer):
    """Commits each work at once, in the caller's own thread."""

    def _begin(self) -> None:
        """No thread: `submit` does the work."""

    def submit(self, work: Work, waiting: Waiting) -> None:
        if self._broken:
            raise broken_store(self._broken)
        if not begun(waiting):
            return
        replies = self._commit([(work, waiting)])
        hand_out([reply[:3] for reply in replies])
        notes = [note for reply in replies for note in reply[3]]
        if notes:
            self._heard(notes)

    def close(self) -> None:
        if not self._broken:
            self._say_closed()
        self._connection.close()

    def look(self, work: Callable[[Unit], T]) -> T:
        """A read between two commits: nothing else runs, so it is a snapshot."""
        return work(Unit(self._connection))


class StoreInTurn(Store):
    """As `Store`, on one disk of a world, for one life of its program."""

    @classmethod
    def on(cls, disk: Disk, life: Life, migrations: Sequence[Migration]) -> Store:
        return cls.open(":memory:", migrations, connection=disk.kind(life), writer=WriterInTurn)

    def read(self, work: Callable[[Unit], T]) -> T:
        assert isinstance(self._writer, WriterInTurn)
        return self._writer.look(work)


def is_down(refused: Refused) -> bool:
    """Does the store refuse everything since a failed write? Then its program ends and is started again."""
    return refused.code == "TM-STO-002"


def alone() -> bool:
    """Is this the only thread? A world is one thread and nothing else."""
    return threading.active_count() == 1
