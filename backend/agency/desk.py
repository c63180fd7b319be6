"""The agency's desks: what is checked and written before the exchange is asked, and what is written after it answered.

Two units of work with the call between them. The first takes the idempotency key and writes that the sale was begun;
the second writes what became of it and stores the answer. A crash between them leaves a sale that is *unknown*: the
same key asks the exchange again, and the agency asks by itself (`due`, `resolved`).
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.agency.rules import (
    ASKS_MAX,
    DAY_MS,
    FORWARD,
    Counted,
    SaleStep,
    next_ask,
)
from backend.refused import Refused
from backend.store import Unit
from core.asset import Asset
from core.faults.agency import NOT_THIS_TERMINALS, OVER_DAY_LIMIT, SELLER_SUSPENDED, WRONG_ORDER
from core.faults.terminals import CLONE_SUSPECTED
from core.ids import TxnId
from core.messages import Capture, RefundDone, Sale, Totals, WireMoney
from core.moment import Moment
from core.money import Money


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a new seller gets: commission, and limits in minor units of the currency."""

    currency: Asset
    commission_bp: int
    sale_limit: int
    day_limit: int


@dataclass(frozen=True, slots=True)
class Approval:
    """The agency's own yes: at what commission, and up to what."""

    commission_bp: int
    sale_limit: int
    day_left: int


def approve(
    unit: Unit, conditions: Conditions, txn: TxnId, terminal: str, seller: str, stan: int, at: Moment
) -> Approval:
    """May this seller sell now, and up to how much? Writes the sale as begun. Raises `Refused`."""
    unit.run(
        "INSERT OR IGNORE INTO agency_seller VALUES(?, 'active', ?, ?, ?)",
        (seller, conditions.commission_bp, conditions.sale_limit, conditions.day_limit),
    )
    row = unit.one("SELECT state, commission_bp, sale_limit, day_limit FROM agency_seller WHERE id = ?", (seller,))
    assert row is not None, "written above"
    if row[0] != "active":
        raise Refused.by(SELLER_SUSPENDED, status=403)
    day = unit.one(
        "SELECT coalesce(sum(minor), 0) FROM agency_sale WHERE seller = ? AND settled_at >= ? AND tally = 'sale'",
        (seller, at.ms - DAY_MS),
    )
    assert day is not None, "a sum is a row"
    left: int = row[3] - day[0]
    if left <= 0:
        raise Refused.by(OVER_DAY_LIMIT, status=422)
    _begin(unit, txn, terminal, seller, stan, at)
    return Approval(row[1], row[2], left)


def continued(unit: Unit, txn: TxnId, terminal: str) -> SaleStep:
    """The step of a sale of this terminal. Raises `Refused` for one that was never begun here."""
    row = unit.one("SELECT terminal, state FROM agency_sale WHERE txn = ?", (txn.text,))
    if row is None:
        raise Refused.by(WRONG_ORDER, "no such sale", status=404)
    if row[0] != terminal:
        raise Refused.by(NOT_THIS_TERMINALS, status=403)
    return SaleStep(row[1])


def foreign(unit: Unit, txn: TxnId, terminal: str) -> bool:
    """Is this another terminal's sale? An unknown one is nobody's yet."""
    row = unit.one("SELECT terminal FROM agency_sale WHERE txn = ?", (txn.text,))
    return row is not None and row[0] != terminal


def moved(unit: Unit, txn: TxnId, step: SaleStep, at: Moment, rrn: str = "") -> None:
    """The exchange told where the sale stands. Only forward: a late or doubled answer changes nothing."""
    row = unit.one("SELECT state, asks FROM agency_sale WHERE txn = ?", (txn.text,))
    if row is None or step not in FORWARD[SaleStep(row[0])]:
        return
    ask_at = next_ask(row[1], at.ms) if step in (SaleStep.UNKNOWN, SaleStep.CREATED) else None
    tally = "void" if step is SaleStep.VOIDED else None
    unit.run(
        "UPDATE agency_sale SET state = ?1, rrn = CASE WHEN ?2 = '' THEN rrn ELSE ?2 END, ask_at = ?3,"
        " tally = CASE WHEN ?4 IS NOT NULL THEN ?4 WHEN ?1 = 'reversed' THEN NULL ELSE tally END WHERE txn = ?5",
        (step.value, rrn, ask_at, tally, txn.text),
    )


def settled(unit: Unit, capture: Capture, at: Moment) -> None:
    """The exchange captured: now the sale counts, and the commission is ours."""
    row = unit.one("SELECT state FROM agency_sale WHERE txn = ?", (capture.txn.text,))
    if row is None or SaleStep.SETTLED not in FORWARD[SaleStep(row[0])] or row[0] == "settled":
        return
    price, commission = capture.price.money(), capture.payout.commission.money()
    unit.run(
        "UPDATE agency_sale SET state = 'settled', minor = ?, commission = ?, rrn = ?, settled_at = ?, tally = 'sale',"
        " ask_at = NULL WHERE txn = ?",
        (price.minor, commission.minor if commission.asset == price.asset else 0, capture.rrn, at.ms, capture.txn.text),
    )


def told(unit: Unit, sale: Sale, at: Moment) -> None:
    """What the exchange knows of a sale, taken over."""
    if sale.capture is not None:
        settled(unit, sale.capture, at)
    step = _STEPS.get(sale.state.value, SaleStep.UNKNOWN)
    if step is not SaleStep.SETTLED:
        moved(unit, sale.txn, step, at, sale.rrn)


def refunded(unit: Unit, done: RefundDone, terminal: str, at: Moment) -> None:
    unit.run(
        "INSERT OR IGNORE INTO agency_refund VALUES(?, ?, ?, ?, NULL, ?)",
        (done.txn.text, done.sale.text, terminal, done.amount.money().minor, at.ms),
    )


def due(unit: Unit, at: Moment, limit: int = 16) -> list[tuple[TxnId, str]]:
    """Sales nobody knows the outcome of, whose turn it is to be asked about: (txn, terminal)."""
    rows = unit.all("SELECT txn, terminal FROM agency_sale WHERE ask_at <= ? ORDER BY ask_at LIMIT ?", (at.ms, limit))
    return [(TxnId(txn), terminal) for txn, terminal in rows]


def asked(unit: Unit, txn: TxnId, sale: Sale | None, gone: bool, at: Moment) -> None:
    """The exchange was asked by ourselves: take its word over, or ask again later, in the end a person.

    `gone`: it never heard of the sale, so nothing was held; a late original with its key still may be.
    """
    unit.run("UPDATE agency_sale SET asks = asks + 1 WHERE txn = ?", (txn.text,))
    if gone:
        moved(unit, txn, SaleStep.DECLINED, at)
        return
    if sale is not None:
        told(unit, sale, at)
        return
    row = unit.one("SELECT asks FROM agency_sale WHERE txn = ?", (txn.text,))
    if row is None:
        return
    if row[0] >= ASKS_MAX:
        unit.run("UPDATE agency_sale SET state = 'suspense', ask_at = NULL WHERE txn = ?", (txn.text,))
    else:
        unit.run("UPDATE agency_sale SET ask_at = ? WHERE txn = ?", (next_ask(row[0], at.ms), txn.text))


def counted(unit: Unit, terminal: str) -> tuple[Counted, ...]:
    """What this terminal's open batch holds by our own count."""
    sales = unit.all(
        "SELECT txn, tally, minor, rrn FROM agency_sale WHERE terminal = ? AND batch IS NULL AND tally IS NOT NULL",
        (terminal,),
    )
    refunds = unit.all("SELECT txn, minor FROM agency_refund WHERE terminal = ? AND batch IS NULL", (terminal,))
    return tuple(Counted(*row) for row in sales) + tuple(Counted(txn, "refund", minor) for txn, minor in refunds)


def commission(unit: Unit, terminal: str) -> int:
    row = unit.one(
        "SELECT coalesce(sum(commission), 0) FROM agency_sale WHERE terminal = ? AND batch IS NULL AND tally = 'sale'",
        (terminal,),
    )
    assert row is not None, "a sum is a row"
    return int(row[0])


def close(unit: Unit, txn: TxnId, terminal: str, number: int, agrees: bool, closed: str, at: Moment) -> None:
    """Everything counted so far belongs to batch `number`."""
    unit.run(
        "UPDATE agency_sale SET batch = ? WHERE terminal = ? AND batch IS NULL AND tally IS NOT NULL",
        (number, terminal),
    )
    unit.run("UPDATE agency_refund SET batch = ? WHERE terminal = ? AND batch IS NULL", (number, terminal))
    unit.run(
        "INSERT OR IGNORE INTO agency_batch VALUES(?, ?, ?, ?, ?, ?)",
        (txn.text, terminal, number, int(agrees), closed, at.ms),
    )


def totals(counts: tuple[Counted, ...], currency: Asset) -> Totals:
    """Our count as totals."""

    def part(kind: str) -> tuple[int, WireMoney]:
        these = [one.minor for one in counts if one.kind == kind]
        return len(these), WireMoney.of(Money(sum(these), currency))

    return Totals(*part("sale"), *part("refund"), *part("void"))


_STEPS = {step.value: step for step in SaleStep if step not in (SaleStep.CREATED, SaleStep.SUSPENSE)}


def _begin(unit: Unit, txn: TxnId, terminal: str, seller: str, stan: int, at: Moment) -> None:
    known = unit.one("SELECT terminal, stan FROM agency_sale WHERE txn = ?", (txn.text,))
    if known is not None and known[0] != terminal:
        raise Refused.by(NOT_THIS_TERMINALS, status=403)
    if known is not None:  # another attempt (a new quote) of the same business
        unit.run(
            "UPDATE agency_sale SET state = 'created', ask_at = ? WHERE txn = ? AND state = 'declined'",
            (next_ask(0, at.ms), txn.text),
        )
        return
    taken = unit.one("SELECT txn FROM agency_sale WHERE terminal = ? AND stan = ?", (terminal, stan))
    if taken is not None:
        raise Refused.by(CLONE_SUSPECTED, f"running number {stan}", status=403)
    unit.run(
        "INSERT INTO agency_sale(txn, terminal, seller, stan, state, made_at, ask_at)"
        " VALUES(?, ?, ?, ?, 'created', ?, ?)",
        (txn.text, terminal, seller, stan, at.ms, next_ask(0, at.ms)),
    )
