"""The device's diary: what happened, what was ordered because of it, and what of that is done.

One commit holds an event, the done mark of the effect it answers, and the effects it caused; only then are they
performed. After a power cut the events of open tickets are folded again through the same steps, and the effects
without a mark are in doubt. SQLite in WAL mode; records append-only and hash-chained (`sync.journal_record`); one
program at a time. Owned by the thread that decides.

Syncs: a commit that orders an effect with `durable_before`, or closes a ticket, is on the disk when it returns. The
others are written in order behind it, so a power cut keeps a prefix of whole commits, never a hole.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.effects import KeyedEffect
from core.events import Event, TicketOpened
from core.ids import TxnId
from core.moment import Moment
from sync import journal_file, journal_record
from sync.journal_errors import (
    JournalBroken,
    JournalContradiction,
    JournalDamaged,
    JournalFault,
    JournalFull,
    JournalInUse,
)
from sync.journal_memory import Known, Memory, has_secret
from sync.journal_record import ANSWERED, DONE, GENESIS, NOTE, PLACES, UNDONE, Content, Record, chained
from sync.journal_reserve import RESERVE_BYTES, Reserve, Room
from sync.journal_verify import Expected, VerifyReport, verify

__all__ = [
    "Journal",
    "JournalBroken",
    "JournalContradiction",
    "JournalDamaged",
    "JournalFault",
    "JournalFull",
    "JournalInUse",
    "OpenTicket",
    "VerifyReport",
]

TAIL_RECORDS: Final = 2_000  # counted again at every start: more than a day of one counter
LOG_RECORDS_MAX: Final = 1_000  # about 16 MiB: a diary that is never idle copies its log back then, bounding recovery


LOG_RECORDS_WORTH: Final = 100  # some ten sales: two more syncs for each of them would wear the card out sooner


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket the device did not finish: its events in order, and its effects without a done mark.

    `masked` are the keys of those whose secret was never on the disk: they can be answered, not performed.
    """

    txn: TxnId
    events: tuple[tuple[Moment, Event], ...]
    undone: tuple[KeyedEffect, ...]
    masked: frozenset[str]


class Journal:
    """See the module. Open it with `Journal.open`."""

    def __init__(self, base: sqlite3.Connection, lock: int, reserve: Room) -> None:
        self._base = base
        self._lock = lock
        self._reserve = reserve
        self._memory = Memory()
        self._sync_level = "FULL"
        self._broken = ""
        self._fsyncs = 0
        self._log_records = 0
        self._last, self._head = 0, GENESIS
        self._stan = self._stan_written = 0

    @classmethod
    def open(cls, path: Path, reserve_bytes: int = RESERVE_BYTES) -> Journal:
        """The diary at `path`, made if it is not there; its tail and everything still open is counted again.

        Raises `JournalInUse`, `JournalDamaged`, `JournalFull` (no room to make it) or `JournalBroken`.
        """
        lock = journal_file.lock(path)
        try:
            base = journal_file.open_for_writing(path)
        except BaseException:
            os.close(lock)
            raise
        return cls.on(base, lock, Reserve(path.with_name(path.name + ".reserve"), reserve_bytes))

    @classmethod
    def on(cls, base: sqlite3.Connection, lock: int, reserve: Room) -> Journal:
        """The same on a database that is open already and a lock that is held."""
        journal = cls(base, lock, reserve)
        try:
            journal._recover()
        except sqlite3.DatabaseError as error:
            journal.close()
            raise JournalDamaged(0, str(error)) from None
        except BaseException:
            journal.close()
            raise
        return journal

    # -- writing --------------------------------------------------------------------------------------

    def next_stan(self) -> int:
        """The terminal's next running number. It reaches the disk with the next commit, before it can be sent."""
        self._stan += 1
        return self._stan

    def commit(
        self,
        txn: TxnId,
        at: Moment,
        event: Event,
        *,
        answers: str = "",
        effects: tuple[KeyedEffect, ...] = (),
        closes: str = "",
    ) -> int:
        """One step of one ticket, whole or not at all; returns its number.

        `answers` the key of the effect this event answers; `effects` what the step ordered; `closes` the outcome
        word when the ticket has ended. A key ordered again with the same content is the same order. Raises
        `JournalFull` for a new ticket only, `JournalContradiction` for a programmer's error, else `JournalBroken`.
        """
        opens = isinstance(event, TicketOpened)
        self._memory.check(txn.text, opens=opens, answers=answers)
        new = self._memory.news(txn.text, effects)
        if opens and not self._reserve.keep():
            raise JournalFull("the reserve for open tickets cannot be made")
        body, orders = journal_record.written(event), journal_record.ordered(new)
        content = Content(txn.text, at.ms, type(event).__name__, body, answers, orders, closes)
        answered = self._memory.effects[answers].place if answers else 0
        durable = closes != "" or any(effect.durable_before for effect in effects)
        return self._write(content, new, answered, durable=durable, begins=opens)

    def done(self, key: str, at: Moment, event: Event | None = None) -> None:
        """An effect of an ended ticket was answered (`event`) or needs no answer any more. Twice is once."""
        known = self._memory.effects.get(key)
        place, state = (known.place, known.state) if known else self._find(key)
        if state == ANSWERED:
            return
        txn = self._load(place // PLACES).txn
        kind, body = (type(event).__name__, journal_record.written(event)) if event is not None else (DONE, "null")
        self._write(Content(txn, at.ms, kind, body, key), (), place, durable=False, begins=False)

    def note(self, name: str, value: str) -> None:
        """Keep a small fact, synced. Never a secret. The newest value of a name counts."""
        self._write(Content("", 0, NOTE, journal_record.noted(name, value)), (), 0, durable=True, begins=True)

    def checkpoint(self, at_least: int = LOG_RECORDS_WORTH) -> None:
        """Copy the log back into the database; call it whenever idle. Does nothing for less than so many records."""
        self._check_sound()
        if self._log_records < at_least:
            return
        try:
            self._base.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.DatabaseError as error:
            if not journal_file.is_full(error):
                raise self._break(error) from None
            return  # the log still holds everything; the next idle moment tries again
        self._fsyncs += 2  # the log, then the database
        self._log_records = 0

    def close(self) -> None:
        """Let go of the file. What was committed stays. A second close does nothing."""
        if self._lock >= 0:
            self._base.close()
            os.close(self._lock)
            self._lock = -1
            self._broken = self._broken or "it is closed"

    # -- reading --------------------------------------------------------------------------------------

    def noted(self, name: str) -> str:
        """The newest value noted under `name`; "" when there is none."""
        row = self._base.execute("SELECT seq FROM fact WHERE name = ?", (name,)).fetchone()
        return journal_record.note_of_body(self._load(row[0]).body)[1] if row else ""

    def open_tickets(self) -> tuple[OpenTicket, ...]:
        """What to fold again, oldest first."""
        told: dict[str, list[tuple[Moment, Event]]] = {txn: [] for txn in self._memory.tickets}
        first = min(self._memory.tickets.values(), default=self._last + 1)
        for record in chained(self._base, first - 1, self._last):
            if record.txn in told and record.kind != DONE:
                told[record.txn].append((Moment(record.at_ms), journal_record.event_of(record)))
        tickets = []
        for txn, events in told.items():
            undone = self._memory.undone(txn)
            masked = frozenset(effect.key for effect in undone if has_secret(effect))
            tickets.append(OpenTicket(TxnId(txn), tuple(events), undone, masked))
        return tuple(tickets)

    def owed(self) -> tuple[KeyedEffect, ...]:
        """What the far side must still hear of ended tickets (effects that `must_arrive`), oldest first."""
        return self._memory.owed()

    def owed_since(self) -> Moment | None:
        """When the oldest of them was ordered; None when nothing is owed."""
        place = self._memory.oldest_owed()
        return Moment(self._load(place // PLACES).at_ms) if place else None

    def events(self, kinds: tuple[type, ...], after_seq: int = 0) -> Iterator[tuple[int, TxnId, Moment, Event]]:
        """Events of these classes after a record, oldest first, each checked against the chain."""
        names = {kind.__name__ for kind in kinds}
        for record in chained(self._base, after_seq, self._last):
            if record.kind in names:
                yield record.seq, TxnId(record.txn), Moment(record.at_ms), journal_record.event_of(record)

    def effects(self, kinds: tuple[type, ...], last: int) -> tuple[tuple[TxnId, KeyedEffect, bool], ...]:
        """The `last` newest effects of these classes, newest first, each with whether it is done."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT id, state FROM effect WHERE kind IN ({marks}) ORDER BY id DESC LIMIT ?"  # noqa: S608
        found = []
        for place, state in self._base.execute(query, (*(kind.__name__ for kind in kinds), last)).fetchall():
            record = self._load(place // PLACES)
            found.append((TxnId(record.txn), journal_record.effects_of(record)[place % PLACES], state == ANSWERED))
        return tuple(found)

    @property
    def fsyncs(self) -> int:
        """Syncs of the disk this diary has asked for since it was opened."""
        return self._fsyncs

    @property
    def head(self) -> tuple[int, str]:
        """The last record's number and hash (hex): whoever knows it can tell whether the diary was cut short."""
        return self._last, self._head.hex()

    def verify(self) -> VerifyReport:
        """Count the whole diary again."""
        return verify(self._base)

    # -- inside ---------------------------------------------------------------------------------------

    def _recover(self) -> None:
        # Written once more and synced: what a killed program had not synced, or a failed sync left looking clean, must
        # not be believed and then be taken back by a power cut.
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        last = self._base.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0]
        tickets = self._base.execute("SELECT txn, first_seq FROM ticket WHERE outcome = '' ORDER BY first_seq")
        self._memory.tickets = dict(tickets.fetchall())
        first = min(self._memory.tickets.values(), default=last + 1)
        start = max(0, min(last - TAIL_RECORDS, first - 1))
        self._head = journal_record.hash_at(self._base, start)
        expected = Expected()
        for record in chained(self._base, start, last):
            self._head = record.hash
            expected.add(record)
        problem = expected.differs(self._base, start)
        if problem:
            raise JournalDamaged(0, problem)
        self._last = last
        row = self._base.execute("SELECT value FROM counter WHERE name = 'stan'").fetchone()
        self._stan = self._stan_written = row[0] if row else 0
        query = (
            "SELECT id, key, state FROM effect WHERE id >= ? UNION SELECT id, key, state FROM effect WHERE state = 0"
        )
        for place, key, state in self._base.execute(query, (first * PLACES,)).fetchall():
            record = self._load(place // PLACES)
            if record.txn in self._memory.tickets or state == UNDONE:
                effect = journal_record.effects_of(record)[place % PLACES]
                text = journal_record.as_text(effect)
                self._memory.effects[key] = Known(place, record.txn, effect, text, state)
        self._reserve.keep()

    def _write(
        self, content: Content, new: tuple[KeyedEffect, ...], answered: int, *, durable: bool, begins: bool
    ) -> int:
        """Commit one record with its indexes. `begins`: it starts something, so it has no claim to the reserve."""
        self._check_sound()
        try:
            try:
                self._insert(content, new, answered, durable)
            except sqlite3.OperationalError as error:
                if not journal_file.is_full(error):
                    raise
                self._roll_back()
                if begins:
                    raise JournalFull(str(error)) from None
                if not self._reserve.give_up():
                    raise
                self._insert(content, new, answered, durable)
        except sqlite3.IntegrityError as error:
            self._roll_back()
            raise JournalContradiction(f"{content.txn} was used before: {error}") from None
        except sqlite3.DatabaseError as error:
            self._roll_back()
            raise self._break(error) from None
        self._memory.committed(self._last, content, new)
        if self._log_records >= LOG_RECORDS_MAX:
            self.checkpoint(1)
        return self._last

    def _insert(self, content: Content, new: tuple[KeyedEffect, ...], answered: int, durable: bool) -> None:
        record = content.sealed(self._last + 1, self._head)
        level = "FULL" if durable else "NORMAL"
        if level != self._sync_level:
            self._base.execute(f"PRAGMA synchronous={level}")
            self._sync_level = level
        self._base.execute("BEGIN IMMEDIATE")
        self._base.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", record)
        for statement, values in self._memory.rows(record.seq, content, new, answered):
            self._base.execute(statement, values)
        if self._stan != self._stan_written:
            self._base.execute("INSERT OR REPLACE INTO counter VALUES ('stan', ?)", (self._stan,))
        self._base.execute("COMMIT")
        self._last, self._head, self._stan_written = record.seq, record.hash, self._stan
        self._log_records += 1
        self._fsyncs += durable

    def _load(self, seq: int) -> Record:
        """One record, checked against the one before. Raises `JournalDamaged`."""
        return next(chained(self._base, seq - 1, seq))

    def _find(self, key: str) -> tuple[int, int]:
        """Row id and state of an effect nobody remembers: a late answer, so rare that a scan will do."""
        row = self._base.execute("SELECT id, state FROM effect WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise JournalContradiction(f"{key} was never ordered")
        return row[0], row[1]

    def _roll_back(self) -> None:
        if self._base.in_transaction:
            self._base.execute("ROLLBACK")

    def _break(self, error: sqlite3.Error) -> JournalBroken:
        self._broken = str(error)
        return JournalBroken(self._broken)

    def _check_sound(self) -> None:
        if self._broken:
            raise JournalBroken(self._broken)
