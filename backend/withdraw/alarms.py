"""Alarms: what a person must look at. They ring once for one thing, and an operator puts them away by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.store import Unit
from core.faults.withdrawal import IN_DOUBT, REPORT_MISSING
from core.moment import Moment

SHOWN_MAX: Final = 100  # alarms of one page: more than these is one big trouble, not many


@dataclass(frozen=True, slots=True)
class Alarm:
    """`id` 0: it stands by itself and goes away by itself (a missing report, a withdrawal in doubt). `about` a txn or
    number; `minor` how much it is about, where that is an amount."""

    id: int
    terminal: str
    code: str
    about: str
    minor: int
    at: Moment


def ring(unit: Unit, terminal: str, code: str, about: str, minor: int, at: Moment) -> None:
    """Once for each thing it is about; again after it was put away, if it happens again."""
    unit.run(
        "INSERT INTO cash_alarm(terminal, code, about, minor, at) VALUES(?, ?, ?, ?, ?)"
        " ON CONFLICT(terminal, code, about) DO UPDATE SET"
        " minor = excluded.minor, at = excluded.at, closed_at = NULL, closed_by = ''",
        (terminal, code, about, minor, at.ms),
    )


def close(unit: Unit, alarm: int, operator: str, at: Moment) -> bool:
    """An operator has looked at it. What stands by itself cannot be put away."""
    changed = unit.run(
        "UPDATE cash_alarm SET closed_at = ?, closed_by = ? WHERE id = ? AND closed_at IS NULL",
        (at.ms, operator, alarm),
    )
    return changed == 1


def open_alarms(unit: Unit, doubt_ms: int, at: Moment) -> tuple[Alarm, ...]:
    """What rings now, newest first."""
    rung = unit.all(
        "SELECT id, terminal, code, about, minor, at FROM cash_alarm WHERE closed_at IS NULL ORDER BY at DESC LIMIT ?",
        (SHOWN_MAX,),
    )
    doubt = unit.all(
        "SELECT 0, terminal, ?, txn, amount, authorised_at FROM withdrawal"
        " WHERE state = 'authorised' AND authorised_at <= ? ORDER BY authorised_at DESC LIMIT ?",
        (IN_DOUBT.code, at.ms - doubt_ms, SHOWN_MAX),
    )
    gaps = unit.all(
        "SELECT 0, (SELECT terminal FROM cash_report AS last WHERE last.vault = every.vault ORDER BY number DESC"
        " LIMIT 1), ?, vault || ': ' || (max(number) - count(*)), 0, max(at) FROM cash_report AS every"
        " GROUP BY vault HAVING max(number) > count(*) LIMIT ?",
        (REPORT_MISSING.code, SHOWN_MAX),
    )
    found = [
        Alarm(id, terminal, code, about, minor, Moment(ms))
        for id, terminal, code, about, minor, ms in (*doubt, *gaps, *rung)
    ]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN_MAX])
