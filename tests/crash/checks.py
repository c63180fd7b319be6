"""What must be true when a business is over, whoever died on the way: five witnesses, one story.

The ledger, the exchange's sales, the agency's, the terminal's journal and the paper are read as they lie on the disk
(and on the floor), beside the running servers.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.ledger import desk as ledger
from backend.store import Unit
from core.events import BatchClosed, Captured, Event, Refunded, Refused, Reversed, TicketOpened
from core.proof import open_seal
from core.receipt import Qr, Receipt
from sync.journal import Journal
from tests.crash.till import RESERVE, Till
from tests.crash.town import Town

ENDED = {"reversed", "expired", "declined"}  # nothing moved, or it came back
FEW = 150  # records looked at for one business; the longest leaves some eighty
CONFUSED = ("TM-HTTP-022", "TM-SET-005")  # the same key, or the same transaction, with another content


@contextmanager
def look(path: Path) -> Iterator[Unit]:
    """One picture of a store, beside whoever writes it."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        base.execute("BEGIN")
        yield Unit(base)
    finally:
        base.close()


def wrong_books(town: Town) -> list[str]:
    """The ledger by itself."""
    with look(town.data("exchange")) as unit:
        return wrong_ledger(unit)


def wrong_ledger(unit: Unit) -> list[str]:
    wrong = [str(trouble) for trouble in ledger.check(unit)]
    wrong += [f"the books are off by {money}" for money, _ in ledger.sums(unit) if money.minor]
    return wrong + [f"{key} is held" for (key,) in unit.all("SELECT key FROM hold WHERE state = 'open'")]


def story(till: Till) -> dict[str, list[Event]]:
    """What the journal tells of the transactions since the last time it was asked."""
    told: dict[str, list[Event]] = {}
    assert till.machine is not None
    kinds = (TicketOpened, Captured, Reversed, Refunded, BatchClosed, Refused)
    after = max(0, till.machine.journal.head[0] - FEW)
    for _, txn, _, event in till.machine.journal.events(kinds, after):
        if isinstance(event, TicketOpened):
            told[txn.text] = []
        if txn.text in told:
            told[txn.text].append(event)
    return told


def wrong_with(till: Till) -> list[str]:
    """Everything in which the witnesses disagree about the last businesses of this terminal."""
    machine = till.machine
    assert machine is not None
    wrong = wrong_books(till.town)
    if machine.journal.owed() or machine.journal.open_tickets():
        wrong.append("the terminal still owes something")
    for event in till.floor.told:
        if isinstance(event, Refused) and event.refusal.code in CONFUSED:
            wrong.append(f"{event.answers} was asked with another content")
    with look(till.town.data("exchange")) as unit:
        for txn, events in story(till).items():
            opened = events[0]
            assert isinstance(opened, TicketOpened)
            if opened.flow == "reprint":
                continue
            papers = till.floor.papers.get(txn, [])
            if txn not in till.floor.unprinted | till.floor.later and bool(papers) != _finished(events):
                wrong.append(f"{opened.flow} {txn}: finished is {_finished(events)}, there are {len(papers)} papers")
            wrong += [
                f"{opened.flow} {txn}: {line}" for line in _wrong_business(unit, opened.flow, txn, events, papers)
            ]
    return wrong


def _wrong_business(unit: Unit, flow: str, txn: str, events: list[Event], papers: list[Receipt]) -> Iterator[str]:
    said = Counter(type(event).__name__ for event in events)
    finished = _finished(events)
    done = {"sale": "Captured", "batch": "BatchClosed"}.get(flow) or ("Refunded" if said["Refunded"] else "Reversed")
    if said[done] > 1:
        yield f"the journal heard {done} {said[done]} times"
    if flow == "sale" and finished and said["Reversed"]:
        yield "the journal says settled and reversed"
    yield from _wrong_paper(txn, flow, papers)
    yield from {"sale": _wrong_sale, "refund": _wrong_refund, "batch": _wrong_batch}[flow](unit, txn, finished, events)


def _finished(events: list[Event]) -> bool:
    """Whether the journal says that what was wanted was done. A sale's reversal is not what was wanted."""
    void = any(isinstance(event, Reversed) and "/void/" in event.answers for event in events)
    return void or any(isinstance(event, Captured | Refunded | BatchClosed) for event in events)


def _wrong_paper(txn: str, flow: str, papers: list[Receipt]) -> Iterator[str]:
    if sum(not paper.copy for paper in papers) > 1:
        yield "there are two originals"
    for paper in papers:
        proofs = [open_seal(line.payload).facts for line in paper.lines if isinstance(line, Qr)]
        if flow == "sale" and [facts.txn.text for facts in proofs] != [txn]:
            yield f"the paper is about {proofs}"


def _wrong_sale(unit: Unit, txn: str, finished: bool, events: list[Event]) -> Iterator[str]:
    row = unit.one("SELECT state FROM sale WHERE txn = ?", (txn,))
    state = row[0] if row else ""
    kinds = _records(unit, txn)
    if finished:
        later = {"voided"} | ({"settled"} if "void" not in kinds else set())
        if state not in later or kinds["sale"] != 1 or kinds["reversal"]:
            yield f"the terminal says settled, the exchange {state or 'nothing'} with {dict(kinds)}"
    elif state not in ENDED | {""} or kinds["sale"] != kinds["reversal"] or kinds["sale"] > 1:
        yield f"the terminal says not settled, the exchange {state} with {dict(kinds)}"


def _wrong_refund(unit: Unit, txn: str, finished: bool, events: list[Event]) -> Iterator[str]:
    """A refund is a row of its own, and the sale has as many records of it as rows; voids see `voided_and_told`."""
    rows = unit.all("SELECT sale FROM refund WHERE txn = ?", (txn,))
    refunded = any(isinstance(event, Refunded) for event in events)
    if refunded != (len(rows) == 1):
        yield f"refunded is {refunded} for the terminal, and {rows} for the exchange"
    for (sale,) in rows:
        ((count,),) = unit.all("SELECT count(*) FROM refund WHERE sale = ?", (sale,))
        if _records(unit, sale)["refund"] != count:
            yield f"{count} refunds and {dict(_records(unit, sale))}"


def _wrong_batch(unit: Unit, txn: str, finished: bool, events: list[Event]) -> Iterator[str]:
    row = unit.one("SELECT number FROM batch WHERE txn = ?", (txn,))
    if finished != (row is not None):
        yield f"closed is {finished} for the terminal, and {row} for the exchange"
    for event in events:
        if isinstance(event, BatchClosed) and not event.totals.agrees:
            yield f"three counts differ: {event.totals}"


def _records(unit: Unit, txn: str) -> Counter[str]:
    return Counter(kind for (kind,) in unit.all("SELECT kind FROM journal WHERE txn = ?", (txn,)))


def voided_and_told(till: Till) -> list[str]:
    """Every voided sale was voided by this terminal's own word, and every such word voided one sale."""
    assert till.machine is not None
    words = sum("/void/" in event.answers for *_, event in till.machine.journal.events((Reversed,)) if _is(event))
    with look(till.town.data("exchange")) as unit:
        rows = unit.all("SELECT txn FROM sale WHERE terminal = ? AND state = 'voided'", (till.terminal,))
    return [] if words == len(rows) else [f"{words} voids in the journal, {len(rows)} at the exchange"]


def _is(event: Event) -> bool:
    return isinstance(event, Reversed)


def in_doubt(till: Till) -> int:
    """Sales of this terminal that the agency still has to ask about."""
    with look(till.town.data("agency")) as unit:
        sql = "SELECT count(*) FROM agency_sale WHERE terminal = ? AND ask_at IS NOT NULL"
        ((count,),) = unit.all(sql, (till.terminal,))
    return int(count)


def wrong_agency(till: Till) -> list[str]:
    """The agency's memory of this terminal against the exchange's; asked once nothing is in doubt any more."""
    with look(till.town.data("exchange")) as unit:
        sales = _rows(unit, "SELECT txn, state, price, batch FROM sale WHERE terminal = ?", till)
        refunds = _rows(unit, "SELECT txn, amount, batch FROM refund WHERE terminal = ?", till)
        batches = _rows(unit, "SELECT txn, number FROM batch WHERE terminal = ?", till)
    with look(till.town.data("agency")) as unit:
        ours = _rows(unit, "SELECT txn, state, minor, batch FROM agency_sale WHERE terminal = ?", till)
        own_refunds = _rows(unit, "SELECT txn, minor, batch FROM agency_refund WHERE terminal = ?", till)
        own_batches = _rows(unit, "SELECT txn, number FROM agency_batch WHERE terminal = ?", till)
    wrong = [f"sale {txn}: {ours.get(txn)} for {row}" for txn, row in sales.items() if not _same(row, ours.get(txn))]
    extra = {txn: row for txn, row in ours.items() if txn not in sales and row[0] not in ENDED}
    wrong += [f"the agency alone knows {extra}"] if extra else []
    wrong += [f"refunds {refunds} and {own_refunds}"] if refunds != own_refunds else []
    wrong += [f"batches {batches} and {own_batches}"] if batches != own_batches else []
    return wrong


def _same(row: tuple[Any, ...], own: tuple[Any, ...] | None) -> bool:
    """State, and for what was settled also amount and batch."""
    if own is None or row[0] != own[0]:
        return False
    return row[0] in ENDED or row[1:] == own[1:]


def _rows(unit: Unit, sql: str, till: Till) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in unit.all(sql, (till.terminal,))}


def unsound(till: Till) -> list[str]:
    """The journal, counted again from its first record, as it lies on the disk."""
    till.stop()
    journal = Journal.open(till.path, RESERVE)
    try:
        report = journal.verify()
    finally:
        journal.close()
    return [] if report.sound else [str(report)]
