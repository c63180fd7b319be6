"""The cash ledger on disk: SQLite in WAL mode, records append-only and hash-chained, one program at a time.

A durable commit is one fsync (of the log). Between withdrawals `rest` copies the log back and, now and then, writes a
snapshot, so that a start reads the records behind it only. After a failed write nothing is written any more: what is
on the disk is not known until it is read again, by a new program.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.codec import BadMessage
from core.ids import TxnId
from device.vault import books as books_of
from device.vault import codes
from device.vault.books import Books, fold
from device.vault.chain import (
    SCHEMA,
    SCHEMA_VERSION,
    Damaged,
    body_of,
    chained,
    digest,
    hash_at,
    last_seq,
    last_snapshot,
    record_of,
)
from device.vault.records import Record, Reported, Snapshot
from device.vault.state import Known
from device.vault.store import BookFault

FILE: Final = "vault.db"
ROOM_BYTES: Final = 16 << 20  # below this no withdrawal begins: a thousand of what is open would still fit
SNAPSHOT_RECORDS: Final = 2_000  # what a start reads and folds at most, some 0.2 s
LOG_RECORDS: Final = 200  # copied back after so many: each time costs two more syncs
BUSY_TIMEOUT_S: Final = 1.0


class DiskBook:
    """See the module. Open it with `DiskBook.open`."""

    def __init__(self, base: sqlite3.Connection, folder: Path, lock: int) -> None:
        self._base = base
        self._folder = folder
        self._lock = lock
        self._seq = 0
        self._head = b""
        self._since_snapshot = 0
        self._in_log = 0
        self._level = "FULL"
        self._broken = False
        self._fsyncs = 0

    @classmethod
    def open(cls, folder: Path) -> DiskBook:
        """The ledger in `folder`, made if it is not there. Raises `BookFault`."""
        path = folder / FILE
        lock = _locked(folder)
        try:
            made = not path.exists()
            if made:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            base = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
        except BaseException:
            os.close(lock)
            raise
        book = cls(base, folder, lock)
        try:
            _prepare(base)
            if made:
                _sync_folder(folder)
        except sqlite3.DatabaseError as error:
            book.close()
            raise BookFault(codes.LEDGER_DAMAGED, str(error)) from None
        except BaseException:
            book.close()
            raise
        return book

    @property
    def fsyncs(self) -> int:
        return self._fsyncs

    def load(self) -> Books:
        """Raises `Damaged` at the first record that is not what was written."""
        try:
            books, after = _from_snapshot(self._base)
            seq = after
            for seq, kind, body, _ in chained(self._base, after):
                books = fold(books, record_of(seq, kind, body))
            self._seq, self._head = seq, hash_at(self._base, seq)
        except sqlite3.DatabaseError as error:
            raise Damaged(0, str(error)) from None
        self._since_snapshot = seq - after
        return books

    def append(self, records: tuple[Record, ...], *, durable: bool) -> None:
        if self._broken:
            raise BookFault(codes.LEDGER_BROKEN, "a write failed before")
        seq, head = self._seq, self._head
        rows, statements = [], []
        for record in records:
            seq += 1
            kind, body = type(record).__name__, body_of(record)
            head = digest(seq, kind, body, head)
            rows.append((seq, kind, body, head))
            if isinstance(record, Reported):
                statements.append((record.number, record.txn.text, seq))
        try:
            self._commit(rows, statements, durable=durable)
        except sqlite3.DatabaseError as error:
            self._broken = True
            raise BookFault(codes.LEDGER_BROKEN, str(error)) from None
        self._seq, self._head = seq, head
        self._since_snapshot += len(rows)
        self._in_log += len(rows)
        self._fsyncs += durable

    def _commit(
        self, rows: list[tuple[int, str, str, bytes]], statements: list[tuple[int, str, int]], *, durable: bool
    ) -> None:
        level = "FULL" if durable else "NORMAL"
        if level != self._level:
            self._base.execute(f"PRAGMA synchronous={level}")
            self._level = level
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows)
        if statements:
            self._base.executemany("INSERT INTO statement VALUES (?, ?, ?)", statements)
        self._base.execute("COMMIT")

    def known(self, txn: TxnId) -> Known | None:
        row = self._base.execute("SELECT number, seq FROM statement WHERE txn = ?", (txn.text,)).fetchone()
        return None if row is None else Known(row[0], self._statement(row[1]))

    def sealed(self, number: int) -> str:
        row = self._base.execute("SELECT seq FROM statement WHERE number = ?", (number,)).fetchone()
        assert row is not None, "only numbers of the books are asked for"
        return self._statement(row[0])

    def _statement(self, seq: int) -> str:
        """Read with its record's own hash: a statement somebody changed on the disk is not handed out."""
        row = self._base.execute("SELECT kind, body, hash FROM record WHERE seq = ?", (seq,)).fetchone()
        if row is None or row[2] != digest(seq, row[0], row[1], hash_at(self._base, seq - 1)):
            raise Damaged(seq, "is not what was written")
        record = record_of(seq, row[0], row[1])
        if not isinstance(record, Reported):
            raise Damaged(seq, "is no statement")
        return record.sealed

    def has_room(self) -> bool:
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize >= ROOM_BYTES

    def rest(self, books: Books) -> None:
        if self._since_snapshot >= SNAPSHOT_RECORDS:
            self.append((Snapshot(books_of.written(books)),), durable=False)
            self._since_snapshot = 0
        if self._in_log >= LOG_RECORDS:
            self._in_log = 0
            try:
                self._base.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except sqlite3.DatabaseError as error:
                self._broken = True
                raise BookFault(codes.LEDGER_BROKEN, str(error)) from None

    def close(self) -> None:
        """What was committed stays. A second close does nothing."""
        if self._lock >= 0:
            self._base.close()
            os.close(self._lock)
            self._lock = -1


def _locked(folder: Path) -> int:
    """A file of its own: closing the database's would drop SQLite's locks."""
    try:
        descriptor = os.open(folder / "vault.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BookFault(codes.LEDGER_BROKEN, f"{folder}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise BookFault(codes.LEDGER_IN_USE, str(folder)) from None
    return descriptor


def _prepare(base: sqlite3.Connection) -> None:
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA wal_autocheckpoint=0")  # copying back happens in `rest`, when nobody waits
    base.execute("PRAGMA synchronous=FULL")
    # Written once more and synced: what a killed program had not synced, or a failed sync left looking clean, must not
    # be told to anybody and then be taken back by a power cut.
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    version = int(base.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        base.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    elif version != SCHEMA_VERSION:
        raise BookFault(codes.LEDGER_DAMAGED, f"written by another version of this program ({version})")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _from_snapshot(base: sqlite3.Connection) -> tuple[Books, int]:
    """The newest snapshot's books and its number; empty books and 0 without one."""
    seq = last_snapshot(base)
    if seq == 0:
        return Books(), 0
    kind, body, written = base.execute("SELECT kind, body, hash FROM record WHERE seq = ?", (seq,)).fetchone()
    record = record_of(seq, kind, body)
    if written != digest(seq, kind, body, hash_at(base, seq - 1)) or not isinstance(record, Snapshot):
        raise Damaged(seq, "is not what was written")
    try:
        return books_of.read(record.state), seq
    except (BadMessage, ValueError) as error:
        raise Damaged(seq, f"cannot be read: {error}") from None


def read_only(folder: Path) -> tuple[Books, int]:
    """The books as every single record says, none left out, and how many records there are; also while the program
    runs. For `tillmark vault show`. Raises `BookFault`."""
    path = folder / FILE
    if not path.exists():
        raise BookFault(codes.LEDGER_DAMAGED, f"{path} is not there")
    base = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
    try:
        base.execute("BEGIN")
        books = Books()
        for seq, kind, body, _ in chained(base, 0):
            books = fold(books, record_of(seq, kind, body))
        return books, last_seq(base)
    except sqlite3.DatabaseError as error:
        raise Damaged(0, str(error)) from None
    finally:
        base.close()
