"""The diary for people: one line or one JSON object for each record, read beside a running device.

Nothing secret can come out: secrets were masked before they were written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from core.moment import BadMoment, Moment
from sync.journal_errors import JournalDamaged
from sync.journal_record import NOTE, Record
from sync.journal_verify import walk

TEXT_MAX = 100  # characters of a record's fields in one line; the export has everything


def last_seq(base: sqlite3.Connection) -> int:
    """Raises `JournalDamaged` when even that cannot be read."""
    try:
        return int(base.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(0, str(error)) from None


def records(base: sqlite3.Connection, txn: str = "", last: int = 0) -> list[Record | JournalDamaged]:
    """The `last` newest records (0: all), of one transaction if `txn` (its beginning or end) is given; oldest first."""
    found = [one for one in walk(base, last_seq(base)) if isinstance(one, JournalDamaged) or _is_of(one, txn)]
    return found[-last:] if last else found


def as_object(record: Record) -> dict[str, Any]:
    """Everything of a record. `hash` is that of `sync.journal_record`: who has the export can count it again."""
    return {
        "seq": record.seq,
        "txn": record.txn,
        "at": _when(record.at_ms),
        "at_ms": record.at_ms,
        "kind": record.kind,
        "event": json.loads(record.body),
        "answers": record.answers,
        "orders": json.loads(record.orders) if record.orders else [],
        "closes": record.closes,
        "hash": record.hash.hex(),
    }


def as_line(record: Record) -> str:
    """One line: number, time, transaction, what happened, what was ordered, how it ended."""
    content = json.loads(record.body)
    if record.kind == NOTE:
        return f"{record.seq:>7}  {'':24}  {'':6}  {NOTE} {content[0]}"
    fields = " ".join(_fields(content or {}))
    if len(fields) > TEXT_MAX:
        fields = fields[: TEXT_MAX - 1] + "…"
    parts = [f"{record.seq:>7}", f"{_when(record.at_ms):24}", record.txn[-6:], f"{record.kind} {fields}".rstrip()]
    parts += [f"! {order['is']}" for order in (json.loads(record.orders) if record.orders else [])]
    if record.closes:
        parts.append(f"= {record.closes}")
    return "  ".join(parts)


def _fields(content: dict[str, Any]) -> Iterator[str]:
    for name, value in content.items():
        if isinstance(value, str | int) and value != "" and name not in ("is", "nonce"):
            yield f"{name}={value}"
        elif isinstance(value, dict) and "amount" in value:
            yield f"{name}={value['amount']} {value['asset']}"


def _is_of(record: Record, txn: str) -> bool:
    return not txn or record.txn.startswith(txn.upper()) or record.txn.endswith(txn.upper())


def _when(ms: int) -> str:
    if not ms:
        return ""  # a note has no moment
    try:
        return Moment(ms).rfc3339()
    except BadMoment:
        return str(ms)
