"""The disk under one SQLite store: what is on it now, and what would be left of it without power.

The product's own SQL runs on a real SQLite whose pages lie in memory. Every COMMIT comes by here. What a power cut
leaves is decided by what was synced: all of it, and any number of the commits after it, in their order. That a torn
write-ahead log of a real file comes to exactly such a prefix, whatever its last bytes are, is not assumed: the crash
enumeration (`sim.bench.crashes`) tries it on files, at every frame, with clean, garbage, zero and stale tails.

A sync that fails leaves pages that look clean and are not on the disk (Rebello et al., ATC 2020): the program goes on
reading them, later syncs succeed, and the power cut after that takes all of it, until somebody writes them again. A
checkpoint does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sim.bench.crash import Cut, Life
from sim.bench.fate import Fate, Stroke


class Disk:
    """`image` what a program that starts now finds. `told` hears of each commit: store, whether it is synced."""

    def __init__(self, store: str, image: bytes, fate: Fate, choose: Callable[[str, int], int]) -> None:
        self.store = store
        self.fate = fate
        self.image = image
        self.commits = 0
        self.synced = 0
        self.fsyncs = 0
        self._choose = choose
        self._older: list[bytes] = []  # what a power cut may leave instead of the present, oldest first
        self._stuck: bytes | None = None  # all a power cut leaves since a sync failed
        self._open: SimConnection | None = None

    def kind(self, life: Life) -> type[sqlite3.Connection]:
        """The class of connection that a program of this life opens."""
        disk = self

        class Opened(SimConnection):
            def __init__(self, *_: Any, **more: Any) -> None:
                more["check_same_thread"] = False
                super().__init__(":memory:", **more)
                self.on(disk, life)

        return Opened

    @property
    def unsynced(self) -> bool:
        """Is there anything a power cut could take?"""
        return bool(self._older) or self._stuck is not None

    def died(self, *, power: bool) -> None:
        """The program is gone; without power also what was never synced."""
        if self._open is not None:
            self._open.let_go()
            self.image = self._open.picture()
            self._open.forget()
            self._open = None
        if not power:
            return
        if self._stuck is not None:
            self.image = self._stuck
        elif self._older:
            back = self._choose(f"cut.{self.store}.lost", len(self._older) + 1)
            if back:
                self.image = self._older[-back]
        self._older, self._stuck = [], None
        self.synced = self.commits

    # -- for the connection ---------------------------------------------------------------------------

    def opened(self, connection: SimConnection) -> None:
        self._open = connection

    def closed(self, connection: SimConnection) -> None:
        """Closed in order: SQLite copies its log back then."""
        if self._open is connection:
            connection.let_go()
            self.image = connection.picture()
            self._open = None
            connection.forget()
            self.checkpointed()

    def commit(self, connection: SimConnection, write: Callable[[], Any], *, durable: bool) -> Any:
        """One COMMIT of the program. Raises `Cut`, or what SQLite raises when a disk fails."""
        stroke = self.fate.commit(self.store)
        match stroke:
            case Stroke.CUT_BEFORE:
                connection.life.end()
                raise Cut(self.store)
            case Stroke.FULL:
                raise _error("database or disk is full", sqlite3.SQLITE_FULL)
            case Stroke.FAILED_LOST if durable:
                raise _error("disk I/O error", sqlite3.SQLITE_IOERR)
            case _:
                pass
        unsure = not durable or stroke in (Stroke.CUT_INSIDE, Stroke.FAILED_KEPT)
        before = connection.picture() if unsure else b""
        done = write()
        self.commits += 1
        if stroke is Stroke.FAILED_KEPT and durable:
            self._stuck = self._stuck or (self._older[0] if self._older else before)
            raise _error("disk I/O error", sqlite3.SQLITE_IOERR)
        if unsure:
            self._older.append(before)
        else:
            self._older, self.synced = [], self.commits
            self.fsyncs += 1
        if stroke in (Stroke.CUT_INSIDE, Stroke.CUT_AFTER):
            connection.life.end()
            raise Cut(self.store)
        return done

    def checkpointed(self) -> None:
        """Everything was written again and synced: also what a failed sync had left behind."""
        self._older, self._stuck = [], None
        self.synced = self.commits
        self.fsyncs += 2


class SimConnection(sqlite3.Connection):
    """A connection whose commits the disk decides. Nothing of it works in a life that is over."""

    disk: Disk
    life: Life

    def on(self, disk: Disk, life: Life) -> None:
        self.disk, self.life = disk, life
        self._durable = True
        if disk.image:
            self.deserialize(disk.image)
        sqlite3.Connection.execute(self, "PRAGMA journal_mode=MEMORY")
        disk.opened(self)

    def execute(self, sql: str, params: Any = (), /) -> sqlite3.Cursor:
        if sql == "COMMIT":
            self.life.check()
            cursor: sqlite3.Cursor = self.disk.commit(self, self._commit, durable=self._durable)
            return cursor
        if sql.startswith("PRAGMA "):
            return self._pragma(sql)
        self.life.check()
        return super().execute(sql, params)

    def picture(self) -> bytes:
        """The store as its last commit left it, also while another is open: SQLite keeps that in its cache."""
        return self.serialize()

    def let_go(self) -> None:
        """Dead in the middle of a transaction: it never was."""
        if self.in_transaction:
            sqlite3.Connection.execute(self, "ROLLBACK")

    def forget(self) -> None:
        sqlite3.Connection.close(self)

    def close(self) -> None:
        if not self.life.over:
            self.disk.closed(self)

    def _commit(self) -> sqlite3.Cursor:
        return super().execute("COMMIT")

    def _pragma(self, sql: str) -> sqlite3.Cursor:
        name, _, value = sql[7:].partition("=")
        match name.strip().split("(")[0]:
            case "synchronous":
                self._durable = value.strip() == "FULL"
                return super().execute("SELECT 0")
            case "journal_mode" | "wal_autocheckpoint" | "locking_mode" | "cache_size":
                return super().execute("SELECT 0")
            case "wal_checkpoint":
                self.disk.checkpointed()
                return super().execute("SELECT 0, 0, 0")
            case _:
                return super().execute(sql)


def _error(words: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error
