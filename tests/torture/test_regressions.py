"""What the torture has found, as stories."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from backend.store import Migration, Store
from device.vault.book import DiskBook
from sim.bench.calls import SWARM
from sim.bench.fate import Plan
from sim.bench.machines import named
from sim.bench.tape import Tape
from sim.bench.torture import run
from sync.journal import Journal


def journal(folder: Path) -> None:
    with closing(Journal.open(folder / "one.db", 4096)) as opened:
        assert opened.noted("story") == "written, and the program killed"
        assert (folder / "one.db-wal").stat().st_size == 0


def book(folder: Path) -> None:
    with closing(DiskBook.open(folder)):
        assert (folder / "vault.db-wal").stat().st_size == 0


def store(folder: Path) -> None:
    with Store.open(folder / "one.db", [Migration("told", 1, "CREATE TABLE told(number INTEGER) STRICT;")]) as opened:
        assert opened.read(lambda unit: unit.one("SELECT number FROM told")) == (7,)


def killed(folder: Path, made: Path) -> None:
    """The files of a program that was killed: as they were, with nothing copied back."""
    for file in made.iterdir():
        shutil.copyfile(file, folder / file.name)


@pytest.mark.parametrize(("name", "again"), [("journal", journal), ("book", book), ("store", store)])
def test_what_a_killed_program_had_written_is_on_the_disk_before_anybody_believes_it(
    name: str, again: Callable[[Path], None], tmp_path: Path
) -> None:
    """A vault was killed between writing a statement and syncing it, started again, handed the statement to the
    exchange, and lost its power: the statement was gone, and its number was used for another (TM-WDR-015)."""
    made, left = tmp_path / "made", tmp_path / "left"
    made.mkdir()
    left.mkdir()
    if name == "journal":
        opened = Journal.open(made / "one.db", 4096)
        opened.note("story", "written, and the program killed")
        killed(left, made)
        opened.close()
    elif name == "book":
        with closing(DiskBook.open(made)):
            killed(left, made)
    else:
        with Store.open(made / "one.db", [Migration("told", 1, "CREATE TABLE told(number INTEGER) STRICT;")]) as base:
            base.write(lambda unit: unit.run("INSERT INTO told VALUES(7)"))
            killed(left, made)
    (left / "one.db.lock").unlink(missing_ok=True)
    again(left)
    for database in left.glob("*.db"):  # without its log the database alone holds everything
        database.with_name(database.name + "-wal").unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as base:
            assert base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0


@pytest.mark.parametrize("place", [3, 4])
def test_a_note_from_a_cassette_that_nobody_configured_ends_no_program(place: int) -> None:
    machine = named("lcdm30")
    trouble = machine.troubles_by_name().index(f"note_from_cassette_{place}")
    rows = {"dispenser_fault.name": [trouble], "dispenser_fault.after": [1], "customer.amount": [2]}
    outcome = run(Tape.of_rows(rows), SWARM, fate=Plan(script=frozenset({"dispenser_fault"})), machine=machine)
    assert outcome.failure is None


@pytest.mark.parametrize("ms", range(8))
def test_a_cable_that_falls_out_while_notes_move_leads_to_no_order_on_it(ms: int) -> None:
    rows = {"cable_cut.ms": [ms], "customer.amount": [3]}
    outcome = run(
        Tape.of_rows(rows), SWARM, fate=Plan(script=frozenset({"cable_cut"})), machine=named("lcdm30")
    )  # fmt: skip
    assert outcome.failure is None
