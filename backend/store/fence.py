"""The fence: one writer per store, proven twice.

An exclusive lock on a file beside the database keeps a second server on the same host out; a row with an epoch,
raised by each opening and read in each commit, stops a writer that lost its lock without noticing (a copied or
network file system, a lock file deleted under its feet).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from backend.refused import Refused
from core.faults.money import STORE_DAMAGED, STORE_TAKEN, STORE_UNREADABLE

_CLOSED = (
    "CREATE TABLE IF NOT EXISTS store_closed(only INTEGER PRIMARY KEY CHECK(only = 1), epoch INTEGER NOT NULL) STRICT"
)


class Fence:
    """Holds the lock from construction to `close`. Raises `Refused` (STORE_TAKEN, STORE_UNREADABLE)."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".writer")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused.by(STORE_UNREADABLE, f"{path}: {error.strerror}", status=503) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Refused.by(STORE_TAKEN, str(database), status=503) from None

    def close(self) -> None:
        os.close(self._file)


def raise_epoch(connection: sqlite3.Connection) -> int:
    """Begin a new epoch; every older writer will notice at its next commit."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS store_epoch("
        "only INTEGER PRIMARY KEY CHECK(only = 1), epoch INTEGER NOT NULL) STRICT"
    )
    connection.execute(
        "INSERT INTO store_epoch VALUES(1, 1) ON CONFLICT(only) DO UPDATE SET epoch = store_epoch.epoch + 1"
    )
    epoch: int = connection.execute("SELECT epoch FROM store_epoch").fetchone()[0]
    connection.execute("COMMIT")
    return epoch


def say_closed(connection: sqlite3.Connection, epoch: int) -> None:
    """The last act of a writer that ends in order."""
    connection.execute(_CLOSED)
    connection.execute("INSERT OR REPLACE INTO store_closed VALUES(1, ?)", (epoch,))


def closed_in_order(connection: sqlite3.Connection) -> bool:
    """Did the last writer end in order? A new store has had none. Ask before `raise_epoch`."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "store_epoch" not in tables:
        return True
    if "store_closed" not in tables:
        return False
    row = connection.execute(
        "SELECT 1 FROM store_closed JOIN store_epoch ON store_closed.epoch = store_epoch.epoch"
    ).fetchone()
    return row is not None


def assert_whole(connection: sqlite3.Connection) -> None:
    """Read every page of a store that was not closed in order. Raises `Refused` (STORE_DAMAGED)."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise Refused.by(STORE_DAMAGED, str(found[0])[:120] if found else "no answer", status=503)


def still_ours(connection: sqlite3.Connection, epoch: int) -> bool:
    row = connection.execute("SELECT epoch FROM store_epoch").fetchone()
    return row is not None and row[0] == epoch
