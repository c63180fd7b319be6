"""The writer: one thread that owns the only writing connection.

It gathers whatever is waiting (at most `BATCH_MAX`), runs it, commits once and only then replies: group commit without
a linger timer, so one caller alone waits for one commit and a crowd shares one.

A work that refuses is rolled back alone. Most refuse before they have written anything, and then there is nothing to
roll back. When one fails after writing, the whole group is rolled back and run again, each work in a savepoint of its
own. Savepoints for everybody would cost about as much as the work itself (each copies every page it touches).

A commit that fails leaves the outcome unknown, and unknown is never
guessed: from then on everything is refused until the store has been opened again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from backend.refused import Refused
from backend.store.fence import say_closed, still_ours
from backend.store.replies import Waiting, begun, hand_out
from backend.store.unit import Again, Unit
from core.faults.money import STORE_BROKEN, STORE_BUSY, STORE_CLOSED, STORE_FULL

BATCH_MAX = 512  # works in one commit: beyond it the commit gets longer, not cheaper (measured), and callers wait
Work = Callable[[Unit], Any]
Note = tuple[str, object]


class Writer:
    """Takes work from any thread; runs it on its own."""

    def __init__(
        self, connection: sqlite3.Connection, epoch: int, *, queue_max: int, heard: Callable[[list[Note]], None]
    ) -> None:
        self._connection = connection
        self._epoch = epoch
        self._queue_max = queue_max
        self._heard = heard
        self._waiting: deque[tuple[Work, Waiting]] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._closing = False
        self._broken: str = ""
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._begin()

    def _begin(self) -> None:
        self._thread.start()

    @property
    def broken(self) -> str:
        """Why this writer refuses everything, or empty."""
        return self._broken

    def submit(self, work: Work, waiting: Waiting) -> None:
        """Raises `Refused` at once when the queue is full, the store broken or closing."""
        with self._changed:
            if self._broken:
                raise broken_store(self._broken)
            if self._closing:
                raise Refused.by(STORE_CLOSED, status=503, retryable=True)
            if len(self._waiting) >= self._queue_max:
                raise Refused.by(STORE_BUSY, f"{self._queue_max} waiting", status=503, retryable=True)
            self._waiting.append((work, waiting))
            if len(self._waiting) == 1:
                self._changed.notify()

    def close(self) -> None:
        """Finish what is waiting, then end the thread and the connection."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._gather():
            replies = self._commit(batch)
            # The listeners first: whoever is told that a terminal is revoked must find it so with the next request.
            notes = [note for reply in replies for note in reply[3]]
            if notes:
                self._heard(notes)
            hand_out([reply[:3] for reply in replies])
        if not self._broken:
            self._say_closed()
        self._connection.close()

    def _say_closed(self) -> None:
        """Only the one writer may say so; whoever lost the fence leaves the file as it is."""
        try:
            if still_ours(self._connection, self._epoch):
                say_closed(self._connection, self._epoch)
        except sqlite3.Error as error:
            # The next opening finds no such word and checks the whole file.
            self._broken = f"{type(error).__name__}: {error}"

    def _gather(self) -> list[tuple[Work, Waiting]]:
        """Wait for work; an empty list means the end."""
        taken: list[tuple[Work, Waiting]] = []
        while not taken:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MAX))]
            if not batch:
                break
            # A caller that has given up before its turn is left out here; afterwards it is too late to cancel.
            taken = [one for one in batch if begun(one[1])]
        return taken

    def _commit(self, batch: list[tuple[Work, Waiting]]) -> list[_Reply]:
        if self._broken:
            return [(future, None, broken_store(self._broken), []) for _, future in batch]
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            if not still_ours(connection, self._epoch):
                raise _Lost("another writer has begun a newer epoch")
            replies = self._quick(batch)
            if replies is None:
                connection.execute("ROLLBACK")
                connection.execute("BEGIN IMMEDIATE")
                replies = [self._attempt(work, future) for work, future in batch]
            connection.execute("COMMIT")
        except (sqlite3.Error, _Lost) as error:
            refused = self._failed(error)
            return [(future, None, refused, []) for _, future in batch]
        return replies

    def _quick(self, batch: list[tuple[Work, Waiting]]) -> list[_Reply] | None:
        """Run every work without savepoints; None when one failed after it had written."""
        connection = self._connection
        replies: list[_Reply] = []
        for work, future in batch:
            unit = Unit(connection, careful=False)
            before = connection.total_changes
            try:
                replies.append((future, work(unit), None, unit.notes))
            except Exception as error:
                if _is_over(connection, error):
                    raise
                if isinstance(error, Again) or connection.total_changes != before:
                    return None
                replies.append((future, None, error, []))
        return replies

    def _attempt(self, work: Work, future: Waiting) -> _Reply:
        """Run one work in its savepoint. An error is the caller's reply, unless it ended the whole transaction."""
        connection = self._connection
        unit = Unit(connection)
        connection.execute("SAVEPOINT work")
        try:
            value = work(unit)
        except Exception as error:
            if _is_over(connection, error):
                raise
            connection.execute("ROLLBACK TO work")
            connection.execute("RELEASE work")
            return future, None, error, []
        connection.execute("RELEASE work")
        return future, value, None, unit.notes

    def _failed(self, error: sqlite3.Error | _Lost) -> Refused:
        """The batch did not commit. A full disk is rolled back and survived; anything else breaks the store."""
        connection = self._connection
        full = isinstance(error, sqlite3.Error) and primary(error) == sqlite3.SQLITE_FULL
        if full:
            try:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return Refused.by(STORE_FULL, str(error), status=507, retryable=True)
            except sqlite3.Error as second:
                error = second
        with self._changed:
            self._broken = f"{type(error).__name__}: {error}"
        if connection.in_transaction:
            # Nothing is retried on this connection (a failed fsync may have lost pages that now look clean); closing
            # it drops the open transaction, and the next opening reads only what the log really holds.
            connection.close()
        return broken_store(self._broken)


_Reply = tuple[Waiting, Any, BaseException | None, list[Note]]


class _Lost(Exception):
    """This writer is no longer the one writer."""


def broken_store(why: str) -> Refused:
    return Refused.by(STORE_BROKEN, why, status=503, retryable=True)


def _is_over(connection: sqlite3.Connection, error: Exception) -> bool:
    """Did this error of one work end the whole transaction, or the trust in the disk?"""
    return isinstance(error, sqlite3.Error) and (not connection.in_transaction or _is_disk(error))


def primary(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error; 0 where the library made it up itself."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return int(code) & 0xFF


def _is_disk(error: sqlite3.Error) -> bool:
    """Errors after which nothing on this connection can be trusted, whatever the work meant to do about them."""
    return primary(error) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    )
