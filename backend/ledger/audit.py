"""The books, checked: what must be true after every commit (invariants I2, I3 and I6a).

Nothing here repairs anything. A line of trouble means that money is not where the books say; stop and look.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.store.unit import Unit
from core.asset import Asset
from core.money import Money

_CHECKS = (
    (
        "I2",
        "a record does not sum to zero",
        (
            "SELECT 'journal ' || journal || ' ' || account.asset, sum(amount) FROM entry"
            " JOIN account ON account.id = entry.account GROUP BY journal, account.asset HAVING sum(amount) <> 0"
        ),
    ),
    ("I2", "an asset does not sum to zero", "SELECT asset, sum(posted) FROM account GROUP BY asset HAVING sum(posted)"),
    (
        "I2",
        "a record has no entries",
        "SELECT 'journal ' || id, 0 FROM journal WHERE NOT EXISTS (SELECT 1 FROM entry WHERE journal = journal.id)",
    ),
    (
        "I2",
        "a balance is not the sum of its entries",
        (
            "SELECT 'account ' || id, posted - entries FROM (SELECT account.id, posted,"
            " (SELECT coalesce(sum(amount), 0) FROM entry WHERE account = account.id) AS entries FROM account)"
            " WHERE posted <> entries"
        ),
    ),
    (
        "I3",
        "a balance is below its floor",
        "SELECT 'account ' || id, posted - held - floor FROM account WHERE floor IS NOT NULL AND posted - held < floor",
    ),
    (
        "I6",
        "what is held is not the sum of the open holds",
        (
            "SELECT 'account ' || id, held - open FROM (SELECT account.id, held,"
            " (SELECT coalesce(sum(amount), 0) FROM hold WHERE account = account.id AND state = 'open') AS open"
            " FROM account) WHERE held <> open"
        ),
    ),
)
TROUBLE_MAX = 100  # lines of each kind that are reported; one is enough to stop


@dataclass(frozen=True, slots=True)
class Trouble:
    """One violated invariant: its name, in words, where, and by how many minor units."""

    invariant: str
    problem: str
    where: str
    off_by: int


def check(unit: Unit) -> tuple[Trouble, ...]:
    """Every violation found (I2, I3, I6a); empty when the books are right. Reads everything: not for the hot path."""
    found: list[Trouble] = []
    for invariant, problem, sql in _CHECKS:
        rows = unit.all(f"{sql} LIMIT {TROUBLE_MAX}")
        found += [Trouble(invariant, problem, str(where), int(off_by)) for where, off_by in rows]
    return tuple(found)


def sums(unit: Unit) -> list[tuple[Money, int]]:
    """For each asset the sum over all entries (zero, if the books are right) and the number of accounts."""
    rows = unit.all(
        "SELECT account.asset, account.scale, coalesce(sum(entry.amount), 0), count(DISTINCT account.id) FROM account"
        " LEFT JOIN entry ON entry.account = account.id GROUP BY account.asset ORDER BY account.asset"
    )
    return [(Money(total, Asset(code, scale)), count) for code, scale, total, count in rows]
