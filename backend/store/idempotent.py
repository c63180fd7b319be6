"""Idempotency: the same key always gets the original answer (Idempotency-Key, IETF draft 07; ``docs/signing.md``).

Two shapes. `once` for a use case that is one unit of work: the answer is stored in the same commit as the effect.
`begin` and `finish` for one that calls another server between two units; there a repeat finds the key *running* or,
after a restart, may take it up again, because the call in between carries the same key.

A final refusal is an answer too and is stored: a late copy of a declined request must not succeed an hour later.
A retryable refusal (busy, stale price) is not stored; the same key may try again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from backend.refused import Refused
from backend.store.migration import Migration
from backend.store.unit import Again, Unit
from core.faults import Refusal
from core.moment import Moment

RUNNING: Final = "TM-HTTP-021"
OTHER_BODY: Final = "TM-HTTP-022"
KEPT_MS = 48 * 3600 * 1000  # at least a day is promised; two, so that a shop closed on Sunday still gets its answer
RUNNING_MS = 60_000  # a call to another server is given up well before; then the key may be taken up again
KEY_MAX = 128  # characters, as docs/signing.md promises
PRUNE_MAX = 1000  # rows a sweep deletes in one unit, so that no sale waits behind it

MIGRATIONS: Final = (
    Migration(
        "idempotent",
        1,
        """
        CREATE TABLE api_request(
          id INTEGER PRIMARY KEY,
          principal TEXT NOT NULL, key TEXT NOT NULL, body_hash TEXT NOT NULL,
          status INTEGER NOT NULL, body TEXT NOT NULL, refusal TEXT NOT NULL, at INTEGER NOT NULL,
          UNIQUE(principal, key)
        ) STRICT;
        CREATE INDEX api_request_at ON api_request(at);
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: either `body` (JSON text) with `status`, or `refused`. `replayed`: it was given before."""

    status: int
    body: str
    refused: Refused | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """The key is ours to work under; `again` when an earlier attempt was begun and never finished."""

    again: bool


def once(
    unit: Unit,
    principal: str,
    key: str,
    body_hash: str,
    at: Moment,
    work: Callable[[Unit], str],
    *,
    status: int = 200,
) -> Answer:
    """Run `work` once for this principal and key, and store its JSON answer in the same commit.

    `principal` who signed; `body_hash` over method, route and body. Returns the stored answer for a repeat. Raises
    `Refused` 422 for the same key with another body, and what `work` refuses when that is retryable; a final
    refusal comes back inside the `Answer`, so that it can be stored.
    """
    stored = _find(unit, principal, key, body_hash, at)
    if isinstance(stored, Answer):
        return stored
    if unit.careful:
        unit.run("SAVEPOINT once")
    told, before = len(unit.notes), unit.changes
    try:
        answer = Answer(status, work(unit))
    except Refused as refused:
        if refused.retryable:
            raise
        if unit.careful:
            unit.run("ROLLBACK TO once")
        elif unit.changes != before:
            raise Again from None
        del unit.notes[told:]
        answer = Answer(refused.status, "", refused)
    if unit.careful:
        unit.run("RELEASE once")
    _store(unit, principal, key, body_hash, at, answer)
    return answer


def begin(unit: Unit, principal: str, key: str, body_hash: str, at: Moment) -> Answer | Begun:
    """Take the key before calling another server, or get the stored answer.

    Raises `Refused` 409 (retryable) while an earlier attempt runs, 422 for another body.
    """
    stored = _find(unit, principal, key, body_hash, at)
    if isinstance(stored, Answer):
        return stored
    _store(unit, principal, key, body_hash, at, Answer(0, ""))
    return Begun(again=stored is not None)


def finish(unit: Unit, principal: str, key: str, answer: Answer) -> None:
    """Store the answer of a key that `begin` took; a retryable refusal gives the key back instead."""
    if answer.refused is not None and answer.refused.retryable:
        unit.run(
            "DELETE FROM api_request WHERE principal = ? AND key = ? AND status = 0",
            (principal, key),
        )
        return
    unit.run(
        "UPDATE api_request SET status = ?, body = ?, refusal = ? WHERE principal = ? AND key = ? AND status = 0",
        (answer.status, answer.body, _pack(answer.refused), principal, key),
    )


def interrupted(unit: Unit) -> int:
    """Call it once when the server starts: what was running then died with the program before, so a repeat may take
    it up at once instead of waiting until `RUNNING_MS` have passed; how many."""
    return unit.run("UPDATE api_request SET at = at - ? WHERE status = 0", (RUNNING_MS,))


def prune(unit: Unit, at: Moment) -> int:
    """Forget answers older than `KEPT_MS`; how many."""
    return unit.run(
        "DELETE FROM api_request WHERE id IN (SELECT id FROM api_request WHERE at < ? ORDER BY at LIMIT ?)",
        (at.ms - KEPT_MS, PRUNE_MAX),
    )


def _find(unit: Unit, principal: str, key: str, body_hash: str, at: Moment) -> Answer | int | None:
    """The stored answer; or when an unfinished attempt began (milliseconds), long enough ago; or None."""
    assert 0 < len(key) <= KEY_MAX, "the HTTP face checks the key's length"
    row = unit.one(
        "SELECT body_hash, status, body, refusal, at FROM api_request WHERE principal = ? AND key = ?",
        (principal, key),
    )
    if row is None:
        return None
    known_hash, status, body, refusal, began = row
    if known_hash != body_hash:
        raise Refused(Refusal(OTHER_BODY, "this idempotency key was used with another request"), 422)
    if status == 0:
        if at.ms - began < RUNNING_MS:
            raise Refused(Refusal(RUNNING, "the same request is still running"), 409, retryable=True)
        return int(began)
    return Answer(status, body, _unpack(refusal, status), replayed=True)


def _store(unit: Unit, principal: str, key: str, body_hash: str, at: Moment, answer: Answer) -> None:
    unit.run(
        "INSERT INTO api_request(principal, key, body_hash, status, body, refusal, at) VALUES(?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(principal, key) DO UPDATE SET at = excluded.at, status = excluded.status",
        (principal, key, body_hash, answer.status, answer.body, _pack(answer.refused), at.ms),
    )


def _pack(refused: Refused | None) -> str:
    return "" if refused is None else f"{refused.code} {refused.refusal.detail}"


def _unpack(text: str, status: int) -> Refused | None:
    if not text:
        return None
    code, _, detail = text.partition(" ")
    return Refused(Refusal(code, detail), status)
