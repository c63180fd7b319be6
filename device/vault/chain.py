"""The hash chain of the cash ledger's records: ``hash = sha256(hash before || JSON of [seq, kind, body])``.

A record that was changed, dropped or moved is found by whoever counts again, with nothing but SQLite and sha256.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Final

from core.codec import BadMessage, from_plain, to_plain
from device.vault import codes, records
from device.vault.records import Record
from device.vault.store import BookFault

GENESIS: Final = bytes(32)
PAGE: Final = 500  # rows fetched at a time

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x544D5631  # "TMV1"
SCHEMA: Final = f"""
CREATE TABLE record (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TABLE statement (number INTEGER PRIMARY KEY, txn TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL);
CREATE INDEX snapshot ON record (seq) WHERE kind = 'Snapshot';
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


class Damaged(BookFault):
    """Record `seq` is not what was written."""

    def __init__(self, seq: int, problem: str) -> None:
        super().__init__(codes.LEDGER_DAMAGED, f"record {seq}: {problem}")
        self.seq = seq


@cache
def _kinds() -> dict[str, type[Record]]:
    return {kind.__name__: kind for kind in records.Record.__args__}


def body_of(record: Record) -> str:
    return json.dumps(to_plain(record), separators=(",", ":"))


def record_of(seq: int, kind: str, body: str) -> Record:
    """Raises `Damaged` for what this version cannot read."""
    try:
        return from_plain(_kinds()[kind], json.loads(body))
    except (KeyError, BadMessage, ValueError) as error:
        raise Damaged(seq, f"cannot be read: {error}") from None


def digest(seq: int, kind: str, body: str, before: bytes) -> bytes:
    return hashlib.sha256(before + json.dumps([seq, kind, body], separators=(",", ":")).encode()).digest()


def last_seq(base: sqlite3.Connection) -> int:
    return int(base.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0])


def hash_at(base: sqlite3.Connection, seq: int) -> bytes:
    """Raises `Damaged`."""
    if seq == 0:
        return GENESIS
    row = base.execute("SELECT hash FROM record WHERE seq = ?", (seq,)).fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise Damaged(seq, "is missing")
    return row[0]


def chained(base: sqlite3.Connection, after: int) -> Iterator[tuple[int, str, str, bytes]]:
    """(seq, kind, body, hash) of every record after `after`, each checked against the one before. Raises `Damaged`."""
    before, expected = hash_at(base, after), after + 1
    query = "SELECT seq, kind, body, hash FROM record WHERE seq >= ? ORDER BY seq LIMIT ?"
    while rows := base.execute(query, (expected, PAGE)).fetchall():
        for seq, kind, body, written in rows:
            if seq != expected:
                raise Damaged(expected, "is missing")
            if written != digest(seq, kind, body, before):
                raise Damaged(seq, "is not what was written")
            yield seq, kind, body, written
            before, expected = written, expected + 1


def last_snapshot(base: sqlite3.Connection) -> int:
    """The newest snapshot's number; 0 for none."""
    row = base.execute("SELECT coalesce(max(seq), 0) FROM record WHERE kind = 'Snapshot'").fetchone()
    return int(row[0])
