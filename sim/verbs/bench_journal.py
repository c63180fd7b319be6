"""`tillmark bench journal`: commits a second, recovery and counting again, beside raw SQLite on the same disk."""

from __future__ import annotations

import json
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click

from core.events import Pressed, TicketOpened
from core.ids import TxnId
from core.moment import Moment
from core.terms import Terms
from sync.journal import Journal

TERMS: Final = Terms("T1", "Bench", "KRW", 0, 540)
BODY_BYTES: Final = 400  # what a record of a sale weighs in the mean
RECOVERY_BAR_S: Final = 2.0
VERIFY_BAR: Final = 100_000
TICKET_RECORDS: Final = 250  # longer than a sale's nine, so that filling is not mostly waiting for the disk


@click.command("journal", epilog="Example:  tillmark bench journal --json")
@click.option("--records", default=100_000, show_default=True, type=click.IntRange(100, 1_000_000))
@click.option("--synced", default=1_000, show_default=True, type=click.IntRange(10, 100_000), help="Synced commits.")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="On which disk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--check", is_flag=True, help="Exit code 1 when a bar is not reached.")
def command(records: int, synced: int, folder: Path | None, as_json: bool, check: bool) -> None:
    """Commits a second with and without sync, recovery and verification, beside raw inserts in the same run."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="tillmark-bench-") as made:
        figures = measure(Path(made), records, synced)
    if as_json:
        click.echo(json.dumps(figures))
    else:
        for name, value in figures.items():
            click.echo(f"{name:32} {value}")
    if check and (figures["recovery_s"] > RECOVERY_BAR_S or figures["verify_records_s"] < VERIFY_BAR):
        sys.exit(1)


def measure(folder: Path, records: int, synced: int) -> dict[str, Any]:
    """All figures; `records` are in the diary when it is opened again."""
    figures: dict[str, Any] = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    with closing(Journal.open(folder / "journal.db")) as journal:
        times = _timed(synced, lambda number: journal.note("bench", f"{number}".rjust(BODY_BYTES)))
        figures |= _figures("commit_full", times)
        times = _filled(journal, records - synced)
        figures |= _figures("commit_normal", times)
        figures["fsyncs"] = journal.fsyncs
        (folder / "crashed").mkdir()
        for name in ("journal.db", "journal.db-wal"):  # as a power cut leaves it, the newest records in the log
            shutil.copy(folder / name, folder / "crashed" / name)
    began = time.perf_counter()
    with closing(Journal.open(folder / "crashed" / "journal.db")) as journal:
        tickets = journal.open_tickets()
        figures["recovery_s"] = round(time.perf_counter() - began, 4)
        figures["recovered_records"] = journal.head[0]
        figures["recovered_tickets"] = len(tickets)
        began = time.perf_counter()
        report = journal.verify()
        figures["verify_records_s"] = int(report.records / (time.perf_counter() - began))
        assert report.sound, report.problem
    figures["bytes_a_record"] = (folder / "journal.db").stat().st_size // records
    for level, count in (("FULL", synced), ("NORMAL", min(records, 20_000))):
        figures |= _figures(f"raw_sqlite_{level.lower()}", _raw(folder / f"raw-{level}.db", level, count))
    return figures


def _filled(journal: Journal, records: int) -> list[float]:
    """Tickets of unsynced records, the last of them left open. Closing (synced) commits are not in the times."""
    times: list[float] = []
    number = 0
    while records > 0:
        number += 1
        txn = TxnId.of(number.to_bytes(16))
        opened = TicketOpened(txn, "sale", journal.next_stan(), "00" * 16, TERMS)
        journal.commit(txn, Moment(number), opened)
        steps = min(records, TICKET_RECORDS - 1) - 1
        times += _timed(steps, lambda step, txn=txn: journal.commit(txn, Moment(step), Pressed("x" * BODY_BYTES)))
        records -= steps + 1
        if records > 1:
            journal.commit(txn, Moment(number), Pressed("done"), closes="settled")
            records -= 1
    return times


def _raw(path: Path, level: str, count: int) -> list[float]:
    """One insert of the same weight a commit, in WAL mode: what disk and SQLite give without our promises."""
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute(f"PRAGMA synchronous={level}")
        base.execute("PRAGMA wal_autocheckpoint=0")
        base.execute("CREATE TABLE raw (seq INTEGER PRIMARY KEY, body TEXT)")
        body = "x" * (BODY_BYTES + 150)
        return _timed(count, lambda _: base.execute("INSERT INTO raw (body) VALUES (?)", (body,)))


def _timed(count: int, act: Any) -> list[float]:
    times = []
    for number in range(count):
        began = time.perf_counter()
        act(number)
        times.append(time.perf_counter() - began)
    return times


def _figures(name: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        f"{name}_per_s": int(len(times) / sum(times)),
        f"{name}_median_us": round(statistics.median(ordered) * 1e6),
        f"{name}_p99_us": round(ordered[int(len(ordered) * 0.99)] * 1e6),
    }
