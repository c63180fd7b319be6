"""Opening the diary's file: one writer, the right pragmas, the right tables; or read-only for a technician."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sync.journal_errors import JournalBroken, JournalDamaged, JournalFull, JournalInUse
from sync.journal_record import SCHEMA, SCHEMA_VERSION

BUSY_TIMEOUT_S: Final = 1.0  # a technician's reader holds the file for microseconds; longer means something is wrong


def lock(path: Path) -> int:
    """Hold the diary at `path` for this program. A file of its own: closing the database's would drop SQLite's locks.

    Returns the descriptor that holds the lock. Raises `JournalInUse`.
    """
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise JournalInUse(f"{path} is held by another program") from None
    return descriptor


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The diary's database, made if it is not there. Raises `JournalDamaged`, `JournalFull` or `JournalBroken`."""
    made = not path.exists()
    if made:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    base = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    try:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA wal_autocheckpoint=0")  # copying back happens when nobody waits: `Journal.checkpoint`
        base.execute("PRAGMA foreign_keys=OFF")
        base.execute("PRAGMA synchronous=FULL")
        version = _version(base)
        if version == 0:
            base.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    except sqlite3.DatabaseError as error:
        base.close()
        raise _named(error) from None
    if version not in (0, SCHEMA_VERSION):
        base.close()
        raise JournalDamaged(0, f"{path} was written by another version of this program ({version})")
    if made:
        _sync_folder(path.parent)
    return base


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The same file for `show`, `verify` and `export`, also while the device is running. Raises `JournalDamaged`."""
    if not path.exists():
        raise JournalDamaged(0, f"{path} is not there")
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    base = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    try:
        base.execute("BEGIN")  # one picture of the diary, however much is written while it is read
        version = _version(base)
    except sqlite3.DatabaseError as error:
        base.close()
        raise JournalDamaged(0, f"{path}: {error}") from None
    if version != SCHEMA_VERSION:
        base.close()
        raise JournalDamaged(0, f"{path} is not a diary of this version")
    return base


def is_full(error: sqlite3.Error) -> bool:
    """ENOSPC, as SQLite reports it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def _version(base: sqlite3.Connection) -> int:
    """The schema's version; 0 for an empty file."""
    version = int(base.execute("PRAGMA user_version").fetchone()[0])
    base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return version


def _named(error: sqlite3.Error) -> JournalFull | JournalBroken | JournalDamaged:
    if is_full(error):
        return JournalFull(str(error))
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
        return JournalBroken(str(error))
    return JournalDamaged(0, str(error))


def _sync_folder(folder: Path) -> None:
    """A new file is not on the disk until its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
