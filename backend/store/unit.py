"""Unit: an open unit of work, handed to a desk.

On the writer it is one savepoint inside a group commit; on a reader it is one snapshot. A desk reads and writes
through it and calls nothing else: no clock, no network, no other thread. A work may be run twice before it counts
once, so whatever it does outside the unit would be done twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

Row = tuple[Any, ...]
NOTES_MAX = 1024  # notes one work may leave: a sweep of 256 sales tells member and seller of each


class Again(Exception):
    """Something must be taken back alone: run the whole group again, each work in a savepoint (see `writer`)."""


class Unit:
    """Statements in, rows out. Rows are plain tuples in the order of the select list.

    `careful`: this work runs in a savepoint, so part of it can be rolled back with a savepoint of its own; where it is
    false, raise `Again` instead.
    """

    __slots__ = ("_connection", "careful", "notes")

    def __init__(self, connection: sqlite3.Connection, *, careful: bool = True) -> None:
        self._connection = connection
        self.careful = careful
        self.notes: list[tuple[str, object]] = []

    def one(self, sql: str, params: Sequence[object] = ()) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, params).fetchone()
        return row

    def all(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        return self._connection.execute(sql, params).fetchall()

    def run(self, sql: str, params: Sequence[object] = ()) -> int:
        """Rows changed."""
        return self._connection.execute(sql, params).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """One statement for many rows; rows changed in sum."""
        return self._connection.executemany(sql, rows).rowcount

    def insert(self, sql: str, params: Sequence[object] = ()) -> int:
        """Run an INSERT; the row id it made."""
        made = self._connection.execute(sql, params).lastrowid
        assert made is not None
        return made

    @property
    def changes(self) -> int:
        """Rows changed so far on this connection; equal before and after means that nothing was written."""
        return self._connection.total_changes

    def tell(self, topic: str, value: object) -> None:
        """Leave a note for the store's listeners. It is passed on after the commit, and never if there is none."""
        assert len(self.notes) < NOTES_MAX, "a unit of work tells too much"
        self.notes.append((topic, value))
