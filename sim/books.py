"""The exchange's books, opened beside it: what a business posted, and whether everything sums to zero.

Opens the store read-only as a file, so it may be looked at while the exchange runs.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.asset import Asset
from core.money import Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting: `account` as people would name it."""

    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class Books:
    """A look at one moment. `sums` per asset over all accounts: right only when every one is zero."""

    entries: tuple[Entry, ...]
    sums: tuple[Money, ...]
    open_holds: int
    derived: bool

    @property
    def balanced(self) -> bool:
        """Every asset sums to zero, every balance is the sum of its entries, and nothing is left on hold."""
        return all(money.minor == 0 for money in self.sums) and self.derived and self.open_holds == 0


def read_books(store: Path, txn: str) -> Books:
    """The entries that `txn` posted, in order, and the state of the whole ledger."""
    base = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5)
    try:
        base.execute("BEGIN")
        scales = {code: Asset(code, scale) for code, scale in base.execute("SELECT code, scale FROM asset")}
        rows = base.execute(
            "SELECT owner_kind, owner, wallet, asset, amount FROM journal JOIN entry ON entry.journal = journal.id "
            "JOIN account ON account.id = entry.account WHERE journal.txn = ? ORDER BY journal.id, seq",
            (txn,),
        )
        entries = tuple(
            Entry(_account(kind, owner, wallet), Money(amount, scales[asset]))
            for kind, owner, wallet, asset, amount in rows
        )
        totals = base.execute("SELECT asset, sum(posted) FROM account GROUP BY asset ORDER BY asset")
        sums = tuple(Money(total, scales[asset]) for asset, total in totals)
        wrong = base.execute(
            "SELECT count(*) FROM account WHERE posted <> "
            "(SELECT coalesce(sum(amount), 0) FROM entry WHERE entry.account = account.id)"
        ).fetchone()[0]
        held = base.execute("SELECT count(*) FROM hold WHERE state = 'open'").fetchone()[0]
        return Books(entries, sums, held, wrong == 0)
    finally:
        base.close()


def _account(kind: str, owner: str, wallet: int) -> str:
    short = owner if len(owner) <= 12 else f"{owner[:4]}..{owner[-4:]}"
    return f"{kind}:{short}" + (f"/{wallet}" if wallet else "")
