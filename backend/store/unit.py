"""Unit: an open unit of work, handed to a desk.

On the writer it is one savepoint inside a group commit; on a reader it is one snapshot. A desk reads and writes
through it and calls nothing else: no clock, no network, no other thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

Row = tuple[Any, ...]
NOTES_MAX = 64  # notes one work may leave; more means a loop that tells every row it touches


class Unit:
    """Statements in, rows out. Rows are plain tuples in the order of the select list."""

    __slots__ = ("_connection", "notes")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
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

    def tell(self, topic: str, value: object) -> None:
        """Leave a note for the store's listeners. It is passed on after the commit, and never if there is none."""
        assert len(self.notes) < NOTES_MAX, "a unit of work tells too much"
        self.notes.append((topic, value))
