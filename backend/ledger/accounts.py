"""Assets and accounts: opening, finding, reading balances and statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from backend.ledger.rules import Account, Balance, Owner, OwnerKind
from backend.refused import Refused
from backend.store.unit import Unit
from core.asset import Asset, AssetKind
from core.faults.money import ASSET_UNKNOWN
from core.moment import Moment
from core.money import Money

STATEMENT_MAX = 200  # lines of one page of a statement


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: what one record did to the account."""

    journal: int
    at: Moment
    kind: str
    txn: str
    amount: Money


def enrol(unit: Unit, asset: Asset, kind: AssetKind) -> None:
    """Keep `asset` from now on; again is fine. Raises `Refused` when it is kept with another scale or kind."""
    unit.run("INSERT OR IGNORE INTO asset VALUES(?, ?, ?)", (asset.code, asset.scale, kind.value))
    if unit.one("SELECT scale, kind FROM asset WHERE code = ?", (asset.code,)) != (asset.scale, kind.value):
        raise Refused.by(ASSET_UNKNOWN, f"{asset.code} is kept with another scale or kind", status=422)


def assets(unit: Unit) -> list[tuple[Asset, AssetKind]]:
    rows = unit.all("SELECT code, scale, kind FROM asset ORDER BY code")
    return [(Asset(code, scale), AssetKind(kind)) for code, scale, kind in rows]


def account(unit: Unit, owner: Owner, asset: Asset) -> Account:
    """The owner's account in `asset`, opened now if need be. Raises `Refused` for an asset not kept here."""
    found = find(unit, owner, asset)
    if found is not None:
        return found
    kept = unit.one("SELECT scale FROM asset WHERE code = ?", (asset.code,))
    if kept != (asset.scale,):
        raise Refused.by(ASSET_UNKNOWN, f"{asset.code} with {asset.scale} decimals", status=422)
    made = unit.insert(
        "INSERT INTO account(owner_kind, owner, wallet, asset, scale, floor) VALUES(?, ?, ?, ?, ?, ?)",
        (owner.kind.value, owner.id, owner.wallet, asset.code, asset.scale, owner.floor),
    )
    return Account(made, owner, asset)


def find(unit: Unit, owner: Owner, asset: Asset) -> Account | None:
    """The owner's account in `asset`, or None if it was never opened."""
    row = unit.one(
        "SELECT id, scale FROM account WHERE owner_kind = ? AND owner = ? AND wallet = ? AND asset = ?",
        (owner.kind.value, owner.id, owner.wallet, asset.code),
    )
    if row is None:
        return None
    if row[1] != asset.scale:
        raise Refused.by(ASSET_UNKNOWN, f"{asset.code} with {asset.scale} decimals", status=422)
    return Account(row[0], owner, asset)


def several(unit: Unit, wanted: Sequence[tuple[Owner, Asset]]) -> list[tuple[Account, int]]:
    """As `account` for each of `wanted`, in one statement, with the free minor units of each."""
    params: list[object] = []
    for owner, asset in wanted:
        params += (owner.kind.value, owner.id, owner.wallet, asset.code)
    rows = {place: row for place, *row in unit.all(_several(len(wanted)), params)}
    found: list[tuple[Account, int]] = []
    for place, (owner, asset) in enumerate(wanted):
        if place not in rows:
            found.append((account(unit, owner, asset), 0))
            continue
        id, scale, free = rows[place]
        if scale != asset.scale:
            raise Refused.by(ASSET_UNKNOWN, f"{asset.code} with {asset.scale} decimals", status=422)
        found.append((Account(id, owner, asset), free))
    return found


@cache
def _several(count: int) -> str:
    """One indexed look-up for each account; a row-value IN would read the whole table."""
    one = (
        "SELECT {}, id, scale, posted - held FROM account"
        " WHERE owner_kind = ? AND owner = ? AND wallet = ? AND asset = ?"
    )
    return " UNION ALL ".join(one.format(place) for place in range(count))


def of_owner(unit: Unit, owner: Owner) -> list[tuple[Account, Balance]]:
    """Every account of one owner with its balance, by asset."""
    rows = unit.all(
        "SELECT id, asset, scale, posted, held FROM account WHERE owner_kind = ? AND owner = ? AND wallet = ?"
        " ORDER BY asset",
        (owner.kind.value, owner.id, owner.wallet),
    )
    return [_with_balance(owner, *row) for row in rows]


def balance(unit: Unit, account: Account) -> Balance:
    row = unit.one("SELECT posted, held FROM account WHERE id = ?", (account.id,))
    assert row is not None, f"account {account.id} is not in this ledger"
    return Balance(Money(row[0], account.asset), Money(row[1], account.asset))


def available(unit: Unit, owner: Owner, asset: Asset) -> int:
    """Free minor units; 0 if the account was never opened."""
    row = unit.one(
        "SELECT posted - held FROM account"
        " WHERE owner_kind = ? AND owner = ? AND wallet = ? AND asset = ? AND scale = ?",
        (owner.kind.value, owner.id, owner.wallet, asset.code, asset.scale),
    )
    return 0 if row is None else int(row[0])


def statement(unit: Unit, account: Account, *, before: int | None = None, limit: int = 50) -> list[Line]:
    """What happened to `account`, newest first; `before` is the last line's `journal` of the page seen."""
    rows = unit.all(
        "SELECT journal.id, journal.at, journal.kind, journal.txn, entry.amount FROM entry"
        " JOIN journal ON journal.id = entry.journal"
        " WHERE entry.account = ? AND entry.journal < ? ORDER BY entry.journal DESC LIMIT ?",
        (account.id, 2**63 - 1 if before is None else before, min(limit, STATEMENT_MAX)),
    )
    return [Line(row[0], Moment(row[1]), row[2], row[3], Money(row[4], account.asset)) for row in rows]


def by_id(unit: Unit, id: int) -> Account:
    row = unit.one("SELECT owner_kind, owner, wallet, asset, scale FROM account WHERE id = ?", (id,))
    assert row is not None, f"account {id} is not in this ledger"
    return Account(id, Owner(OwnerKind(row[0]), row[1], row[2]), Asset(row[3], row[4]))


def _with_balance(owner: Owner, id: int, code: str, scale: int, posted: int, held: int) -> tuple[Account, Balance]:
    asset = Asset(code, scale)
    return Account(id, owner, asset), Balance(Money(posted, asset), Money(held, asset))
