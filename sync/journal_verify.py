"""Count the whole diary again: the chain of records, then the indexes made from them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync.journal_errors import JournalDamaged
from sync.journal_record import ANSWERED, NOTE, PLACES, UNDONE, Record, chained, hash_at


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`records` were counted. `first_bad` is the first record that is not what was written (0: none), `bad` how many.

    `problem` says what is wrong, also when it is an index and no record. `head` is the last record's hash in hex:
    two copies with the same head are the same history.
    """

    records: int
    first_bad: int
    bad: int
    problem: str
    head: str

    @property
    def sound(self) -> bool:
        return not self.problem


PROBES_MAX: Final = 10_000  # unreadable records in a row before giving the rest up: a damaged file must not hang us


class Expected:
    """What the indexes must say, gathered from the records, all of them or those after a place."""

    def __init__(self) -> None:
        self.tickets: dict[str, tuple[int, str]] = {}
        self.effects: dict[str, tuple[int, bool]] = {}
        self.facts: dict[str, int] = {}
        self.problem = ""

    def add(self, record: Record) -> None:
        try:
            self._add(record)
        except (ValueError, TypeError, KeyError, IndexError):  # whole, but of another version
            self.problem = self.problem or f"record {record.seq}: its content cannot be read"

    def _add(self, record: Record) -> None:
        if record.orders:
            for place, order in enumerate(json.loads(record.orders)):
                self.effects.setdefault(order["key"], (record.seq * PLACES + place, False))
        if record.answers in self.effects:
            self.effects[record.answers] = (self.effects[record.answers][0], True)
        if record.kind == "TicketOpened":
            self.tickets[record.txn] = (record.seq, "")
        if record.closes and record.txn in self.tickets:
            self.tickets[record.txn] = (self.tickets[record.txn][0], record.closes)
        if record.kind == NOTE:
            self.facts[json.loads(record.body)[0]] = record.seq

    def differs(self, base: sqlite3.Connection, after_seq: int = 0) -> str:
        """Which index does not say the same of what came after a record; "" when all do."""
        if self.problem:
            return self.problem
        found_tickets = base.execute("SELECT txn, first_seq, outcome FROM ticket WHERE first_seq > ?", (after_seq,))
        tickets = {row[0]: (row[1], row[2]) for row in found_tickets}
        if tickets != self.tickets:
            return "the index of tickets does not fit the records"
        first_place = (after_seq + 1) * PLACES if after_seq else 0
        found_effects = base.execute("SELECT key, id, state FROM effect WHERE id >= ?", (first_place,))
        effects = {row[0]: (row[1], row[2]) for row in found_effects}
        if effects.keys() != self.effects.keys():
            return "the index of effects does not fit the records"
        for key, (place, answered) in self.effects.items():
            found, state = effects[key]
            if found != place or (state == ANSWERED) != answered or state < UNDONE:
                return f"the index says something else of {key}"
        if dict(base.execute("SELECT name, seq FROM fact WHERE seq > ?", (after_seq,))) != self.facts:
            return "the index of notes does not fit the records"
        return ""


def verify(base: sqlite3.Connection) -> VerifyReport:
    """Never raises for damage: it is what the report is about."""
    try:
        last = base.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return VerifyReport(0, 0, 0, str(error), "")
    expected, bad, problem = Expected(), 0, ""
    first_bad = 0
    for found in walk(base, last):
        if isinstance(found, Record):
            expected.add(found)
        else:
            first_bad, problem = first_bad or found.seq, problem or str(found)
            bad += 1
    if not problem:
        try:
            problem = expected.differs(base) or _broken_pages(base)
        except sqlite3.DatabaseError as error:
            problem = f"an index cannot be read: {error}"
    return VerifyReport(last, first_bad, bad, problem, _head(base, last))


def walk(base: sqlite3.Connection, last: int) -> Iterator[Record | JournalDamaged]:
    """Every record up to `last`, each checked; in the place of a bad one, what is wrong with it."""
    counted = 0
    while counted < last:
        try:
            for record in chained(base, counted, last):
                counted = record.seq
                yield record
        except JournalDamaged as damage:
            bad_seq = max(damage.seq, counted + 1)
            yield JournalDamaged(bad_seq, damage.problem)
            counted = _next_readable(base, bad_seq, last)


def _next_readable(base: sqlite3.Connection, bad_seq: int, last: int) -> int:
    """The first record from `bad_seq` on that can be read at all, to go on counting after it."""
    query = "SELECT seq FROM record WHERE seq >= ? ORDER BY seq LIMIT 1"
    for seq in range(bad_seq, min(last, bad_seq + PROBES_MAX)):
        try:
            row = base.execute(query, (seq,)).fetchone()
        except sqlite3.DatabaseError:
            continue
        return int(row[0]) if row else last
    return last


def _broken_pages(base: sqlite3.Connection) -> str:
    """What SQLite finds wrong with its own pages, also those that no record stands on."""
    found = str(base.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else f"the file is damaged: {found}"


def _head(base: sqlite3.Connection, last: int) -> str:
    try:
        return hash_at(base, last).hex()
    except JournalDamaged:
        return ""
