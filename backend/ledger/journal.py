"""Booking records: append-only, once per business key, balances maintained in the same commit.

Corrections are new records. A reversal of a key nobody has seen leaves a tombstone, and a late original loses.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from backend.ledger import accounts
from backend.ledger.rules import Account, Posting, Record, mirrored, why_not
from backend.refused import Refused
from backend.store.unit import Unit
from core.faults.money import BURIED, KEY_REUSED, NOT_ENOUGH, TOO_LARGE
from core.moment import Moment

_INSERT = (
    "INSERT INTO journal(key, kind, txn, terminal, actor, at, reverses, meta)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE key = ?1)"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_MOVE = (
    "UPDATE account SET posted = posted + ?1 WHERE id = ?2 AND asset = ?3"
    " AND (floor IS NULL OR ?1 > 0 OR posted + ?1 - held >= floor)"
)


@dataclass(frozen=True, slots=True)
class Posted:
    """`journal` the record's row; `new` is false when it had been booked before."""

    journal: int
    new: bool


def post(unit: Unit, record: Record, *, reverses: int | None = None) -> Posted:
    """Book `record`, or find that it was booked before under its key.

    Raises `Refused`: UNBALANCED, NOT_ENOUGH (a floor), TOO_LARGE (63 bits), KEY_REUSED (another record under this
    key, or a second reversal of one record), BURIED. After a refusal the unit is rolled back, never used further.
    """
    refusal = why_not(record)
    if refusal is not None:
        raise Refused(refusal, 500)
    row = unit.one(
        _INSERT,
        (record.key, record.kind, record.txn, record.terminal, record.actor, record.at.ms, reverses, record.meta),
    )
    if row is None:
        return _booked_before(unit, record)
    journal: int = row[0]
    moves = [(posting.minor, posting.account.id, posting.account.asset.code) for posting in record.postings]
    try:
        moved = unit.many(_MOVE, moves)
    except sqlite3.IntegrityError as error:
        raise Refused.by(TOO_LARGE, f"{record.kind} {record.key}: {error}", status=422) from None
    except OverflowError:
        raise Refused.by(TOO_LARGE, f"{record.kind} {record.key} passes 63 bits", status=422) from None
    if moved != len(moves):
        raise Refused.by(NOT_ENOUGH, f"{record.kind} {record.key}", status=402)
    unit.many(
        "INSERT INTO entry VALUES(?, ?, ?, ?)",
        [(journal, seq, posting.account.id, posting.minor) for seq, posting in enumerate(record.postings)],
    )
    return Posted(journal, new=True)


def postings_of(unit: Unit, key: str) -> tuple[int, tuple[Posting, ...]] | None:
    """The record booked under `key`: its row and its postings; None if there is none."""
    row = unit.one("SELECT id FROM journal WHERE key = ?", (key,))
    if row is None:
        return None
    rows = unit.all("SELECT account, amount FROM entry WHERE journal = ? ORDER BY seq", (row[0],))
    return row[0], tuple(Posting(accounts.by_id(unit, account), minor) for account, minor in rows)


def reverse(unit: Unit, key: str, *, kind: str, at: Moment, txn: str = "", terminal: str = "") -> Posted | None:
    """Take the record under `key` back with a mirrored one, once; None when the key is unknown: it is buried then.

    Raises `Refused` NOT_ENOUGH when an account that must give back has not enough.
    """
    found = postings_of(unit, key)
    if found is None:
        bury(unit, key, at, kind)
        return None
    journal, postings = found
    record = Record(kind, f"{key}/reversed", at, mirrored(postings), txn, terminal)
    return post(unit, record, reverses=journal)


def bury(unit: Unit, key: str, at: Moment, reason: str) -> bool:
    """Remember that `key` must never happen; false if that was known. Asserts that it has not happened."""
    assert unit.one("SELECT 1 FROM journal WHERE key = ?", (key,)) is None, f"{key} has happened"
    return unit.run("INSERT OR IGNORE INTO tombstone VALUES(?, ?, ?)", (key, at.ms, reason)) == 1


def is_buried(unit: Unit, key: str) -> bool:
    return unit.one("SELECT 1 FROM tombstone WHERE key = ?", (key,)) is not None


def _booked_before(unit: Unit, record: Record) -> Posted:
    """Why the insert found no place: buried, the same record again, or something else under this key."""
    if is_buried(unit, record.key):
        raise Refused.by(BURIED, f"{record.kind} {record.key}")
    row = unit.one("SELECT id, kind FROM journal WHERE key = ?", (record.key,))
    if row is None:
        raise Refused.by(KEY_REUSED, f"{record.kind} {record.key}: the record was reversed before", status=422)
    booked = unit.all("SELECT account, amount FROM entry WHERE journal = ? ORDER BY seq", (row[0],))
    same = [(posting.account.id, posting.minor) for posting in record.postings]
    if row[1] != record.kind or booked != same:
        raise Refused.by(KEY_REUSED, f"{record.kind} {record.key}", status=422)
    return Posted(row[0], new=False)


def give(account: Account, minor: int) -> Posting:
    """`account` gives `minor` units (above zero)."""
    return Posting(account, -minor)


def get(account: Account, minor: int) -> Posting:
    """`account` gets `minor` units (above zero)."""
    return Posting(account, minor)
