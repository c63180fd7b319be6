"""`tillmark journal`: show, verify or export the diary of a device, also while it is running.

Exit codes: 0 done and sound, 1 the diary is damaged, 2 there is no diary there. Secrets are masked in the file itself.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

import click

from sync import journal_read
from sync.journal_errors import JournalDamaged
from sync.journal_file import open_for_reading
from sync.journal_record import Record
from sync.journal_verify import verify as count_again

FILE_NAME = "journal.db"
DAMAGED, NOT_THERE = 1, 2

_path = click.argument("source", type=click.Path(path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group("journal", epilog="Example:  tillmark journal verify /var/lib/tillmark")
def command() -> None:
    """Show, verify or export the diary of a device. SOURCE is its file, or the device's data folder."""


@command.command(epilog="Example:  tillmark journal show /var/lib/tillmark --txn 4QX7ZK")
@_path
@click.option("--last", default=50, show_default=True, type=click.IntRange(0), help="The newest so many; 0 for all.")
@click.option("--txn", default="", help="One transaction: its id, its beginning or its end.")
@_json
def show(source: Path, last: int, txn: str, as_json: bool) -> None:
    """What happened: one line for each record. `!` is what was ordered, `=` how it ended."""
    with _opened(source) as base:
        found = journal_read.records(base, txn, last)
    damaged = [one for one in found if isinstance(one, JournalDamaged)]
    if as_json:
        objects = [_object(one) for one in found]
        click.echo(json.dumps({"records": objects, "damaged": len(damaged)}, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"  BAD    {one}" if isinstance(one, JournalDamaged) else journal_read.as_line(one))
    if damaged:
        _refuse(damaged[0], DAMAGED)


@command.command(epilog="Example:  tillmark journal verify /var/lib/tillmark --json")
@_path
@_json
def verify(source: Path, as_json: bool) -> None:
    """Count the whole chain again; name the first record that is not what was written."""
    with _opened(source) as base:
        began = time.monotonic()
        report = count_again(base)
        seconds = time.monotonic() - began
    if as_json:
        plain = {
            "sound": report.sound,
            "records": report.records,
            "first_bad": report.first_bad,
            "bad": report.bad,
            "problem": report.problem,
            "head": report.head,
            "seconds": round(seconds, 3),
        }
        click.echo(json.dumps(plain))
    elif report.sound:
        click.echo(f"{report.records} records, sound. Head {report.head}")
    else:
        click.echo(f"{report.records} records, {report.bad} bad, the first is {report.first_bad}: {report.problem}")
    if not report.sound:
        sys.exit(DAMAGED)


@command.command(epilog="Example:  tillmark journal export /var/lib/tillmark --out diary.jsonl")
@_path
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="A file instead of the screen.")
@_json
def export(source: Path, out: TextIO, as_json: bool) -> None:
    """Every record as one JSON object a line, with its hash; --json makes it one document."""
    with _opened(source) as base:
        found = journal_read.records(base)
    if as_json:
        out.write(json.dumps({"records": [_object(one) for one in found]}, ensure_ascii=False) + "\n")
    else:
        out.writelines(json.dumps(_object(one), ensure_ascii=False) + "\n" for one in found)
    damaged = [one for one in found if isinstance(one, JournalDamaged)]
    if damaged:
        _refuse(damaged[0], DAMAGED)


def _object(one: Record | JournalDamaged) -> dict[str, object]:
    if isinstance(one, JournalDamaged):
        return {"seq": one.seq, "damaged": one.problem}
    return journal_read.as_object(one)


@contextmanager
def _opened(source: Path) -> Iterator[sqlite3.Connection]:
    path = source / FILE_NAME if source.is_dir() else source
    try:
        base = open_for_reading(path)
    except JournalDamaged as error:
        _refuse(error, DAMAGED if path.exists() else NOT_THERE)
    with closing(base):
        try:
            yield base
        except JournalDamaged as error:
            _refuse(error, DAMAGED)


def _refuse(error: JournalDamaged, exit_code: int) -> NoReturn:
    click.echo(f"{error.code} {error}", err=True)
    sys.exit(exit_code)
