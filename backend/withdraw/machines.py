"""The machines as their operator sees them: cash by place, suspense, missing reports, and whether the books agree.

The ledger's account of a machine is checked against the cash side's own statements, added up apart from the postings.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Final

from backend.store import Unit
from backend.withdraw import books
from backend.withdraw.finding import COLUMNS, WithdrawalRow
from backend.withdraw.rules import face_value, missing
from core.asset import Asset
from core.cash import Count
from core.cash_report import SERVICE_REPORT, Act, PaidReport, ServiceReport
from core.codec import from_plain
from core.fingerprint import fingerprint, vault_id
from core.moment import Moment
from core.money import Money

MACHINES_MAX: Final = 200
STATEMENTS_MAX: Final = 20_000  # since the last count; a machine that pays 200 times a day is counted far more often
DOUBTFUL_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Notes of one value in one place, as people last said, and `given` from this value since then."""

    place: str
    face: Money
    notes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """`book` what the ledger says is inside, `told` what the cash side's statements add up to; they are equal, or a
    report is missing. `given` notes by value since the last count. `whole` False: too many statements to add up."""

    terminal: str
    name: str
    mode: str
    active: bool
    mark: str
    book: Money
    told: Money
    suspense: Money
    difference: Money
    places: tuple[Place, ...]
    given: tuple[tuple[Money, Count], ...]
    doubtful: tuple[WithdrawalRow, ...]
    last: int
    missing: int
    heard_at: Moment | None
    whole: bool = True

    @property
    def agrees(self) -> bool:
        return self.book == self.told and self.suspense.minor == sum(row.in_doubt for row in self.doubtful)

    @property
    def suspended(self) -> bool:
        """Notes are in doubt: the machine pays nobody until two persons have counted."""
        return any(row.in_doubt for row in self.doubtful)


def machines(unit: Unit, fiat: Asset) -> tuple[Machine, ...]:
    """Every machine with a cash side, active ones first; one that was paired anew under its newest terminal."""
    rows = unit.all(
        "SELECT id FROM terminal AS one WHERE vault_key <> '' AND NOT EXISTS (SELECT 1 FROM terminal AS other"
        " WHERE other.vault_key = one.vault_key AND (other.state = 'active', other.paired_at, other.id)"
        " > (one.state = 'active', one.paired_at, one.id)) ORDER BY state, paired_at DESC LIMIT ?",
        (MACHINES_MAX,),
    )
    found = (machine(unit, row[0], fiat) for row in rows)
    return tuple(one for one in found if one is not None)


def machine(unit: Unit, terminal: str, fiat: Asset) -> Machine | None:
    """One machine by a terminal it is or was paired as, or None for a terminal without a cash side."""
    row = unit.one("SELECT shop, mode, state, vault_key FROM terminal WHERE id = ? AND vault_key <> ''", (terminal,))
    if row is None:
        return None
    vault = vault_id(row[3])
    counted = unit.one("SELECT coalesce(max(number), 0), count(*), max(at) FROM cash_report WHERE vault = ?", (vault,))
    assert counted is not None, "a count has one row"
    sum_ = _added(unit, vault)
    return Machine(
        terminal,
        row[0],
        row[1],
        row[2] == "active",
        fingerprint(row[3]),
        -books.balance(unit, books.machine(vault), fiat),
        Money(sum_.total, fiat),
        books.balance(unit, books.suspense(vault), fiat),
        books.balance(unit, books.difference(vault), fiat),
        tuple(Place(place, Money(face, fiat), notes) for (place, face), notes in sorted(sum_.places.items()) if notes),
        tuple((Money(face, fiat), count) for face, count in sorted(sum_.given.items())),
        _doubtful(unit, vault),
        counted[0],
        missing(counted[1], counted[0]),
        None if counted[2] is None else Moment(counted[2]),
        sum_.whole,
    )


@dataclass
class _Sum:
    """Statements added up, oldest first."""

    total: int = 0
    places: dict[tuple[str, int], int] = field(default_factory=dict)
    given: dict[int, Count] = field(default_factory=dict)
    whole: bool = True

    def add(self, one: PaidReport | ServiceReport) -> None:
        if isinstance(one, PaidReport):
            self.total -= one.least.money().minor
            for notes in one.notes:
                face = notes.face.money().minor
                self.given[face] = self.given.get(face, Count.exact(0)) + notes.given
            return
        notes_at = [((at.place, at.face.money().minor), at.count.low) for at in one.notes]
        match one.act:
            case Act.LOADED | Act.REMOVED:
                sign = 1 if one.act is Act.LOADED else -1
                self.total += sign * face_value((key[1], count) for key, count in notes_at)
                for key, count in notes_at:
                    self.places[key] = self.places.get(key, 0) + sign * count
            case Act.COUNTED:
                if one.found is not None:
                    self.total = one.found.money().minor
                self.places, self.given = dict(notes_at), {}
            case Act.TESTED | Act.CLEARED:
                pass


def _added(unit: Unit, vault: str) -> _Sum:
    """All statements since the last count, by number: a late one takes its own place in the order."""
    last = unit.one("SELECT max(number) FROM cash_report WHERE vault = ? AND kind = ?", (vault, Act.COUNTED.value))
    since = 0 if last is None or last[0] is None else last[0]
    rows = unit.all(
        "SELECT body FROM cash_report WHERE vault = ? AND number >= ? ORDER BY number LIMIT ?",
        (vault, since, STATEMENTS_MAX),
    )
    made = _Sum(whole=len(rows) < STATEMENTS_MAX)
    for (body,) in rows:
        made.add(_stated(body))
    return made


def _stated(sealed: str) -> PaidReport | ServiceReport:
    """A statement whose signature was checked before it was kept."""
    kind, _, text, _ = sealed.split(".")
    plain = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return from_plain(ServiceReport, plain) if kind == SERVICE_REPORT else from_plain(PaidReport, plain)


def _doubtful(unit: Unit, vault: str) -> tuple[WithdrawalRow, ...]:
    rows = unit.all(
        f"SELECT {COLUMNS} FROM withdrawal WHERE state IN ('authorised', 'suspense') AND vault = ?"  # noqa: S608
        " ORDER BY id LIMIT ?",
        (vault, DOUBTFUL_MAX),
    )
    return tuple(WithdrawalRow(*row) for row in rows)
