"""Batch close: what a terminal's open batch adds up to here, for comparison with the terminal and the agency."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backend.refused import Refused
from backend.store.unit import Unit
from core.asset import Asset
from core.codec import from_plain, to_plain
from core.faults.money import TXN_USED
from core.ids import TxnId
from core.messages import Totals, WireMoney
from core.moment import Moment
from core.money import Money


@dataclass(frozen=True, slots=True)
class Tallied:
    """One transaction in a batch: `kind` ``sale | void | refund``, its fiat amount, and the number on its paper."""

    txn: TxnId
    kind: str
    amount: WireMoney
    rrn: str = ""


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """A closed batch. `commission` is the agency's, of sales that were paid out in fiat."""

    txn: TxnId
    number: int
    totals: Totals
    commission: WireMoney
    tallied: tuple[Tallied, ...]
    closed_at: str


def totals(unit: Unit, terminal: str, fiat: Asset) -> Totals:
    """Counts and sums of the terminal's open batch, in its currency."""
    counted = {
        kind: (count, total)
        for kind, count, total in unit.all(
            "SELECT tally, count(*), sum(price) FROM sale WHERE terminal = ? AND tally IS NOT NULL AND fiat = ?"
            " GROUP BY tally",
            (terminal, fiat.code),
        )
    }
    given = unit.one(
        "SELECT count(*), coalesce(sum(refund.amount), 0) FROM refund JOIN sale ON sale.txn = refund.sale"
        " WHERE refund.terminal = ? AND refund.counted = 0 AND sale.fiat = ?",
        (terminal, fiat.code),
    )
    assert given is not None
    sales, sold = counted.get("sale", (0, 0))
    voids, voided = counted.get("void", (0, 0))
    return Totals(
        sales=sales,
        sold=WireMoney.of(Money(sold, fiat)),
        refunds=given[0],
        refunded=WireMoney.of(Money(given[1], fiat)),
        voids=voids,
        voided=WireMoney.of(Money(voided, fiat)),
    )


def close_batch(unit: Unit, *, terminal: str, txn: TxnId, fiat: Asset, at: Moment) -> ClosedBatch:
    """Close the open batch, empty or not; the same `txn` again gives the same close. Raises `Refused` TXN_USED."""
    before = unit.one("SELECT terminal, closed FROM batch WHERE txn = ?", (txn.text,))
    if before is not None:
        if before[0] != terminal:
            raise Refused.by(TXN_USED, txn.text, status=422)
        return from_plain(ClosedBatch, json.loads(before[1]))
    last = unit.one("SELECT coalesce(max(number), 0) FROM batch WHERE terminal = ?", (terminal,))
    assert last is not None
    number = last[0] + 1
    closed = ClosedBatch(
        txn,
        number,
        totals(unit, terminal, fiat),
        WireMoney.of(Money(_commission(unit, terminal, fiat), fiat)),
        _tallied(unit, terminal, fiat),
        at.rfc3339(),
    )
    unit.run(
        "INSERT INTO batch VALUES(?, ?, ?, ?, ?)",
        (txn.text, terminal, number, at.ms, json.dumps(to_plain(closed), separators=(",", ":"))),
    )
    unit.run(
        "UPDATE sale SET batch = coalesce(batch, ?), tally = NULL"
        " WHERE terminal = ? AND tally IS NOT NULL AND fiat = ?",
        (number, terminal, fiat.code),
    )
    unit.run(
        "UPDATE refund SET counted = 1, batch = ? WHERE terminal = ? AND counted = 0"
        " AND (SELECT fiat FROM sale WHERE txn = refund.sale) = ?",
        (number, terminal, fiat.code),
    )
    return closed


def _commission(unit: Unit, terminal: str, fiat: Asset) -> int:
    rows = unit.all(
        "SELECT price, commission_bp FROM sale WHERE terminal = ? AND tally = 'sale' AND payout = 'fiat' AND fiat = ?",
        (terminal, fiat.code),
    )
    return sum(Money(price, fiat).share(bp).minor for price, bp in rows)


def _tallied(unit: Unit, terminal: str, fiat: Asset) -> tuple[Tallied, ...]:
    rows = unit.all(
        "SELECT txn, tally, price, rrn FROM sale WHERE terminal = ?1 AND tally IS NOT NULL AND fiat = ?2"
        " UNION ALL SELECT refund.txn, 'refund', refund.amount, refund.rrn"
        " FROM refund JOIN sale ON sale.txn = refund.sale"
        " WHERE refund.terminal = ?1 AND refund.counted = 0 AND sale.fiat = ?2 ORDER BY 1",
        (terminal, fiat.code),
    )
    return tuple(Tallied(TxnId(txn), kind, WireMoney.of(Money(minor, fiat)), rrn) for txn, kind, minor, rrn in rows)
