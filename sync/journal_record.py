"""One record of the diary: its columns, its hash, and what stands in it.

A record is written once and never changed. ``hash = sha256(hash of the record before || canonical form)``, the
canonical form being the JSON array of all columns but the hash, so a changed, dropped or moved record is found by
whoever counts again, with nothing but SQLite and sha256. Everything else in the file (which tickets are open, which
effects are done) is an index that can be made again from the records.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.codec import BadMessage, from_tagged, tagged
from core.effects import KeyedEffect
from core.events import Event
from sync.journal_errors import JournalDamaged

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x544D4A31  # "TMJ1": `file` and a technician can tell what this is
GENESIS: Final = bytes(32)  # what stands before the first record
PLACES: Final = 100  # effects one event may order; an effect's row id is seq * PLACES + its place
PAGE_RECORDS: Final = 500  # records fetched at a time: bounds memory, and no cursor stays open over a commit

# Kinds of record that are no event of a ticket.
NOTE: Final = "Note"
DONE: Final = "Done"

# State of an ordered effect.
UNDONE: Final = 0
ANSWERED: Final = 1
DROPPED: Final = 2  # its ticket was closed and nobody needs the answer any more

SCHEMA: Final = f"""
CREATE TABLE record (seq INTEGER PRIMARY KEY, txn TEXT NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
  body TEXT NOT NULL, answers TEXT NOT NULL, orders TEXT NOT NULL, closes TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TABLE ticket (first_seq INTEGER PRIMARY KEY, txn TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL);
CREATE TABLE effect (id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL);
CREATE TABLE fact (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX open_ticket ON ticket (outcome) WHERE outcome = '';
CREATE INDEX undone_effect ON effect (state) WHERE state = {UNDONE};
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

COLUMNS: Final = "seq, txn, at_ms, kind, body, answers, orders, closes, hash"
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Record(NamedTuple):
    """One row. `body` and `orders` are JSON texts; `answers` a key; `closes` an outcome word; "" where nothing."""

    seq: int
    txn: str
    at_ms: int
    kind: str
    body: str
    answers: str
    orders: str
    closes: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a record is about, before it has a place in the chain."""

    txn: str
    at_ms: int
    kind: str
    body: str
    answers: str = ""
    orders: str = ""
    closes: str = ""

    def sealed(self, seq: int, before: bytes) -> Record:
        columns = (seq, self.txn, self.at_ms, self.kind, self.body, self.answers, self.orders, self.closes)
        return Record(*columns, digest(columns, before))


def digest(columns: tuple[Any, ...], before: bytes) -> bytes:
    """The hash of a record whose first eight columns these are. Raises TypeError for a column of a wrong kind."""
    return hashlib.sha256(before + _encode(columns).encode()).digest()


def written(event: Event) -> str:
    """An event as it stands on disk: JSON, ASCII, secrets masked."""
    return _encode(tagged(event, mask=True))


def ordered(effects: tuple[KeyedEffect, ...]) -> str:
    """The effects of one record as they stand on disk; "" for none."""
    return _encode([tagged(effect, mask=True) for effect in effects]) if effects else ""


def as_text(effect: KeyedEffect) -> str:
    """One effect as it stands on disk: what "the same order" is compared by."""
    return _encode(tagged(effect, mask=True))


def noted(name: str, value: str) -> str:
    return _encode([name, value])


def event_of(record: Record) -> Event:
    """Raises `JournalDamaged` for what this version cannot read (a newer one may have written it)."""
    try:
        event: Event = from_tagged(Event, json.loads(record.body))
    except (BadMessage, ValueError) as error:
        raise JournalDamaged(record.seq, f"its event cannot be read: {error}") from None
    return event


def effects_of(record: Record) -> tuple[KeyedEffect, ...]:
    """The effects a record ordered, in their places. Raises `JournalDamaged`."""
    try:
        orders = json.loads(record.orders) if record.orders else []
        return tuple(from_tagged(KeyedEffect, one) for one in orders)
    except (BadMessage, ValueError) as error:
        raise JournalDamaged(record.seq, f"its effects cannot be read: {error}") from None


def note_of_body(body: str) -> tuple[str, str]:
    name, value = json.loads(body)
    return str(name), str(value)


def hash_at(base: sqlite3.Connection, seq: int) -> bytes:
    """The stored hash of one record; `GENESIS` before the first. Raises `JournalDamaged` when it is not there."""
    if seq == 0:
        return GENESIS
    try:
        row = base.execute("SELECT hash FROM record WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(seq, str(error)) from None
    if row is None or not isinstance(row[0], bytes):
        raise JournalDamaged(seq, "is missing")
    return row[0]


def chained(base: sqlite3.Connection, after_seq: int, last_seq: int) -> Iterator[Record]:
    """The records after `after_seq` up to `last_seq`, each checked against the one before.

    Raises `JournalDamaged` at the first that is missing, out of order or not what was written.
    """
    before, expected = hash_at(base, after_seq), after_seq + 1
    while expected <= last_seq:
        rows = _page(base, expected, last_seq)
        for row in rows:
            record = Record._make(row)
            problem = wrong_with(record, expected, before)
            if problem:
                raise JournalDamaged(expected, problem)
            before, expected = record.hash, expected + 1
            yield record


def wrong_with(record: Record, expected: int, before: bytes) -> str:
    """Why this cannot be record `expected` after a record with hash `before`; "" when it is."""
    if record.seq != expected:
        return "is missing"
    try:
        return "" if record.hash == digest(record[:8], before) else "is not what was written"
    except TypeError:
        return "has a column of a wrong kind"


def _page(base: sqlite3.Connection, first_seq: int, last_seq: int) -> list[tuple[Any, ...]]:
    """At least one row, or `JournalDamaged`. Where a whole page cannot be read, its rows come one by one."""
    query = f"SELECT {COLUMNS} FROM record WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?"  # noqa: S608
    problem = "is missing"
    for count in (PAGE_RECORDS, 1):
        try:
            rows = base.execute(query, (first_seq, last_seq, count)).fetchall()
        except sqlite3.DatabaseError as error:
            problem = str(error)
        else:
            if rows:
                return rows
    raise JournalDamaged(first_seq, problem)
