"""Holds: reserve now, move later. Hold -> capture (all or part) | release | expire, resolved once.

A hold with a dispense authority (`bind`) never ends by time, only by evidence of what the machine did.
"""

from __future__ import annotations

from backend.ledger.journal import Posted, is_buried, post
from backend.ledger.rules import Account, Hold, HoldState, Record
from backend.refused import Refused
from backend.store.unit import Unit
from core.faults.money import (
    BURIED,
    HOLD_EXPIRED,
    HOLD_RESOLVED,
    HOLD_UNKNOWN,
    KEY_REUSED,
    NOT_ENOUGH,
    TOO_LARGE,
    UNBALANCED,
)
from core.moment import Moment

EXPIRE_MAX = 256  # holds one sweep ends in one unit, so that no sale waits long behind it
_COLUMNS = "key, account, amount, captured, state, expires_at, bound"


def hold(
    unit: Unit,
    key: str,
    account: Account,
    minor: int,
    *,
    reason: str,
    at: Moment,
    expires_at: Moment | None,
    bound: bool = False,
) -> Hold:
    """Reserve `minor` units of `account` under the business key `key`; the same call again finds the same hold.

    `bound`: as after `bind`, from the first moment.

    Raises `Refused`: NOT_ENOUGH (and no balance is told), TOO_LARGE, BURIED, KEY_REUSED, HOLD_RESOLVED.
    """
    if not 0 < minor < 2**63:
        raise Refused.by(TOO_LARGE, f"a hold of {minor}", status=422)
    row = unit.one(
        "INSERT INTO hold(key, account, amount, state, reason, opened_at, expires_at, bound)"
        " SELECT ?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE key = ?1)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (key, account.id, minor, reason, at.ms, None if expires_at is None else expires_at.ms, bound),
    )
    if row is None:
        return _held_before(unit, key, account, minor)
    reserved = unit.run(
        "UPDATE account SET held = held + ?1 WHERE id = ?2 AND (floor IS NULL OR posted - held - ?1 >= floor)",
        (minor, account.id),
    )
    if not reserved:
        raise Refused.by(NOT_ENOUGH, f"hold {key}", status=402)
    return Hold(key, account.id, minor, 0, HoldState.OPEN, expires_at, bound=bound)


def capture(unit: Unit, key: str, record: Record, *, minor: int | None = None) -> Posted:
    """End the hold by booking `record`, which takes exactly `minor` (default: all) from the held account.

    What is not captured is free again. The same capture again finds its record. Raises `Refused`: HOLD_UNKNOWN,
    HOLD_EXPIRED, HOLD_RESOLVED, TOO_LARGE (more than held), UNBALANCED, and what `post` refuses.
    """
    held = find(unit, key)
    if held is None:
        raise Refused.by(HOLD_UNKNOWN, key, status=404)
    taken = held.minor if minor is None else minor
    if not 0 < taken <= held.minor:
        raise Refused.by(TOO_LARGE, f"capture of {key}", status=422)
    if taken != -sum(posting.minor for posting in record.postings if posting.account.id == held.account):
        raise Refused.by(UNBALANCED, f"{record.key} does not take what it captures of {key}", status=500)
    if held.state is HoldState.CAPTURED and held.captured == taken:
        return post(unit, record)
    _assert_open(held, record.at)
    _resolve(unit, held, HoldState.CAPTURED, record.at, captured=taken)
    posted = post(unit, record)
    if not posted.new:
        raise Refused.by(KEY_REUSED, f"{record.key} was booked without capturing {key}", status=422)
    return posted


def release(unit: Unit, key: str, at: Moment) -> Hold:
    """Give the hold back; again is fine. Raises `Refused`: HOLD_UNKNOWN, HOLD_RESOLVED (captured before)."""
    held = find(unit, key)
    if held is None:
        raise Refused.by(HOLD_UNKNOWN, key, status=404)
    if held.state is HoldState.CAPTURED:
        raise Refused.by(HOLD_RESOLVED, f"{key} was captured")
    return _resolve(unit, held, HoldState.RELEASED, at) if held.state is HoldState.OPEN else held


def bind(unit: Unit, key: str, at: Moment) -> None:
    """From now on only evidence ends this hold. Raises `Refused`: HOLD_UNKNOWN, HOLD_EXPIRED, HOLD_RESOLVED."""
    held = find(unit, key)
    if held is None:
        raise Refused.by(HOLD_UNKNOWN, key, status=404)
    _assert_open(held, at)
    unit.run("UPDATE hold SET bound = 1 WHERE key = ?", (key,))


def expire(unit: Unit, at: Moment) -> list[str]:
    """End holds whose time is over (at most `EXPIRE_MAX`, oldest first); their keys."""
    rows = unit.all(
        f"SELECT {_COLUMNS} FROM hold WHERE state = 'open' AND bound = 0 AND expires_at <= ?"  # noqa: S608
        " ORDER BY expires_at LIMIT ?",
        (at.ms, EXPIRE_MAX),
    )
    return [_resolve(unit, _read(row), HoldState.EXPIRED, at).key for row in rows]


def find(unit: Unit, key: str) -> Hold | None:
    row = unit.one(f"SELECT {_COLUMNS} FROM hold WHERE key = ?", (key,))  # noqa: S608
    return None if row is None else _read(row)


def _read(row: tuple[object, ...]) -> Hold:
    key, account, minor, captured, state, expires_at, bound = row
    assert isinstance(account, int)
    assert isinstance(minor, int)
    assert isinstance(captured, int)
    expiry = Moment(expires_at) if isinstance(expires_at, int) else None
    return Hold(str(key), account, minor, captured, HoldState(state), expiry, bool(bound))


def _assert_open(held: Hold, at: Moment) -> None:
    """Refuse unless the hold is open and alive by the clock; the sweep may simply not have come round yet."""
    late = held.state is HoldState.OPEN and not held.bound and held.expires_at is not None and held.expires_at <= at
    if late or held.state is HoldState.EXPIRED:
        raise Refused.by(HOLD_EXPIRED, held.key)
    if held.state is not HoldState.OPEN:
        raise Refused.by(HOLD_RESOLVED, f"{held.key} is {held.state.value}")


def _resolve(unit: Unit, held: Hold, state: HoldState, at: Moment, *, captured: int = 0) -> Hold:
    changed = unit.run(
        "UPDATE hold SET state = ?, captured = ?, resolved_at = ? WHERE key = ? AND state = 'open'",
        (state.value, captured, at.ms, held.key),
    )
    assert changed == 1, f"hold {held.key} was read open in this very unit"
    unit.run("UPDATE account SET held = held - ? WHERE id = ?", (held.minor, held.account))
    return Hold(held.key, held.account, held.minor, captured, state, held.expires_at, held.bound)


def _held_before(unit: Unit, key: str, account: Account, minor: int) -> Hold:
    held = find(unit, key)
    if held is None:
        assert is_buried(unit, key)
        raise Refused.by(BURIED, f"hold {key}")
    if (held.account, held.minor) != (account.id, minor):
        raise Refused.by(KEY_REUSED, f"hold {key}", status=422)
    if held.state is not HoldState.OPEN:
        raise Refused.by(HOLD_RESOLVED, f"{key} is {held.state.value}")
    return held
