"""The end of the day: three counts that agree, and one day on which the agency has lost a sale."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

from core.asset import KRW
from core.codec import from_plain
from core.messages import BatchTotals, RefundChoice, Totals, WireMoney
from core.money import Money
from sim.walks.refund import give_back, void
from sim.walks.sale import PRICE, Sold, sell
from sim.walks.stage import Stage

BACK: Final = Money(20_000, KRW)


def counted(sales: int, refunds: tuple[Money, ...] = (), voids: int = 0) -> Totals:
    """What a day comes to on which every sale was the walks' own of 50,000 won."""
    return Totals(
        sales,
        WireMoney.of(PRICE * sales),
        len(refunds),
        WireMoney.of(sum(refunds, Money.zero(KRW))),
        voids,
        WireMoney.of(PRICE * voids),
    )


def batch_walk(stage: Stage) -> list[str]:
    """Three sales, a refund of one, a void of another, and the close. What went wrong."""
    first = sell(stage, "qr")
    sell(stage, "nfc")
    third = sell(stage, "typed")
    give_back(stage, first, BACK, RefundChoice.FIAT, scan=True)
    void(stage, third)
    return close_day(stage, counted(2, (BACK,), 1)) + difference_walk(stage)


def close_day(stage: Stage, meant: Totals) -> list[str]:
    """Close the batch: the three counts are what was done. What went wrong."""
    closed = _close(stage, "batch_closed", "batch")
    wrong = [
        f"the {name} counted {totals}, not {meant}"
        for name, totals in (("terminal", closed.terminal), ("agency", closed.agency), ("exchange", closed.exchange))
        if totals != meant
    ]
    if not closed.agrees or closed.differing:
        wrong.append(f"the batch does not agree: {closed.differing}")
    return wrong


def difference_walk(stage: Stage) -> list[str]:
    """The agency is set up again from a copy made before the last sale: the close says which sale it lacks."""
    world = stage.world
    world.tell("the agency loses a sale: it is restored from an older copy")
    store, copy = agency_store(stage), world.folder / "agency.copy"
    with_sale = sell(stage, "qr")
    kept = sell_after_copy(stage, store, copy)
    world.backend.stop()
    for ending in ("-wal", "-shm"):
        store.with_name(store.name + ending).unlink(missing_ok=True)
    store.write_bytes(copy.read_bytes())
    world.start_backend()
    closed = _close(stage, "batch_differs", "batch-differs")
    wrong = [] if not closed.agrees else ["the three counts differ, and the close says that they agree"]
    if closed.differing != (kept.rrn,):
        wrong.append(f"the close names {closed.differing}, the agency lacks {kept.rrn} and has {with_sale.rrn}")
    if (closed.terminal, closed.exchange, closed.agency) != (counted(2), counted(2), counted(1)):
        wrong.append(f"the counts of the differing batch are {closed}")
    if not stage.books(kept.txn).balanced:
        wrong.append("the books do not balance after the agency was restored")
    return wrong


def sell_after_copy(stage: Stage, store: Path, copy: Path) -> Sold:
    """Copy the agency's store while it runs, then sell once more: what the copy does not know."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    return sell(stage, "barcode")


def agency_store(stage: Stage) -> Path:
    return stage.world.exchange_store.with_name("agency.db")


def last_batch(store: Path) -> BatchTotals:
    """The newest closed batch as the agency answered it."""
    base = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        (text,) = base.execute("SELECT closed FROM agency_batch ORDER BY at DESC, number DESC LIMIT 1").fetchone()
    finally:
        base.close()
    return from_plain(BatchTotals, json.loads(text))


def _close(stage: Stage, ends_with: str, paper: str) -> BatchTotals:
    papers = len(stage.world.printer.papers)
    stage.press("batch")
    stage.see("close_batch")
    stage.press("close")
    stage.see(ends_with)
    stage.paper(papers, paper)
    stage.press("done")
    stage.see("idle")
    return last_batch(agency_store(stage))
