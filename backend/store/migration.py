"""Migrations: how the tables of each area come to be, in order, each exactly once.

An area (``ledger``, ``settle``) numbers its migrations from 1. What was applied is recorded with a checksum of its
text: a store made from other text, or by a newer program, is refused by name instead of being guessed at.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.refused import Refused
from core.faults.money import STORE_CHANGED, STORE_NEWER

_TABLE = """CREATE TABLE IF NOT EXISTS store_migration(
  area TEXT NOT NULL, number INTEGER NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY(area, number)
) STRICT, WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Migration:
    """`sql` one or more statements; `number` counts from 1 within the area."""

    area: str
    number: int
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def apply(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> int:
    """Bring the store up to date; how many were new. All in one transaction: either every one or none.

    Raises `Refused` (STORE_CHANGED, STORE_NEWER). Asserts that each area is numbered without a gap.
    """
    _assert_numbered(migrations)
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        done = {(area, number): sum for area, number, sum in connection.execute("SELECT * FROM store_migration")}
        new = [one for one in migrations if _is_new(one, done)]
        known = {(one.area, one.number) for one in migrations}
        areas = {one.area for one in migrations}
        for area, number in done:
            if area in areas and (area, number) not in known:
                raise Refused.by(STORE_NEWER, f"{area} {number} is not known to this program", status=503)
        for one in new:
            for statement in statements(one.sql):
                connection.execute(statement)
            connection.execute("INSERT INTO store_migration VALUES(?, ?, ?)", (one.area, one.number, one.checksum))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return len(new)


def statements(sql: str) -> Iterator[str]:
    """Split a text into statements; semicolons inside triggers and strings do not end one."""
    part = ""
    for line in sql.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part.strip()
            part = ""
    assert not part.strip(), f"a migration ends in the middle of a statement: {part.strip()[:60]!r}"


def _is_new(one: Migration, done: dict[tuple[str, int], str]) -> bool:
    recorded = done.get((one.area, one.number))
    if recorded is not None and recorded != one.checksum:
        raise Refused.by(STORE_CHANGED, f"{one.area} {one.number} differs from what made this store", status=503)
    return recorded is None


def _assert_numbered(migrations: Sequence[Migration]) -> None:
    last: dict[str, int] = {}
    for one in migrations:
        assert one.number == last.get(one.area, 0) + 1, f"{one.area} jumps to {one.number}"
        last[one.area] = one.number
