"""`tillmark journal`: the diary for people and programs, sound or damaged, never a secret."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.events import Pressed
from device.verbs.journal import command
from sync.journal import Journal
from sync.journal_record import digest
from tests.sync.tickets import CODE, at, opened, reverse, txn, write_sale


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A device's data folder; the device is running."""
    with closing(Journal.open(tmp_path / "journal.db", 4096)) as journal:
        journal.note("pairing.grant", '{"terminal": "T1"}')
        write_sale(journal, txn(1))
        journal.commit(txn(2), at(50), opened(txn(2), 2))
        journal.commit(txn(2), at(51), Pressed("x" * 300), effects=(reverse(txn(2)),), closes="left")
        yield tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def damage(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "journal.db", isolation_level=None)) as base:
        base.execute("UPDATE record SET body = replace(body, 'sale', 'gift') WHERE seq = 2")


def test_show_has_a_line_for_each_record_and_no_secret(folder: Path) -> None:
    result = run("show", folder)
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert len(lines) == 12
    assert "Note pairing.grant" in lines[0]
    assert "T1" not in lines[0]
    assert "TicketOpened" in lines[1]
    assert "! Identify" in lines[3]
    assert lines[9].endswith("= settled")
    assert lines[11].endswith("…  ! Reverse  = left")
    assert CODE not in result.output


def test_show_finds_one_transaction_and_the_newest_records(folder: Path) -> None:
    assert len(run("show", folder, "--txn", txn(2).text[-6:]).output.splitlines()) == 2
    assert len(run("show", folder / "journal.db", "--last", 3).output.splitlines()) == 3
    assert len(json.loads(run("show", folder, "--last", 0, "--json").output)["records"]) == 12


def test_verify_says_sound_with_the_head_or_names_the_first_bad_record(folder: Path) -> None:
    result = run("verify", folder)
    assert (result.exit_code, "12 records, sound" in result.output) == (0, True)
    damage(folder)
    result = run("verify", folder)
    assert (result.exit_code, "the first is 2" in result.output) == (1, True)
    told = json.loads(run("verify", folder, "--json").output)
    assert (told["sound"], told["first_bad"], told["bad"], told["records"]) == (False, 2, 1, 12)


def test_an_export_can_be_counted_again_by_anybody(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "diary.jsonl"
    assert run("export", folder, "--out", out).exit_code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert json.loads(run("export", folder, "--json").output)["records"] == rows
    before = bytes(32)

    def text(value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    for row in rows:
        orders = text(row["orders"]) if row["orders"] else ""
        columns = (row["seq"], row["txn"], row["at_ms"], row["kind"], text(row["event"]), row["answers"], orders)
        before = digest((*columns, row["closes"]), before)
        assert row["hash"] == before.hex()


def test_a_damaged_diary_is_still_shown_and_exported_with_the_place_named(folder: Path) -> None:
    damage(folder)
    for verb in ("show", "export"):
        result = run(verb, folder)
        assert result.exit_code == 1
        assert "TM-JRNL-003 record 2" in result.output
        assert len(result.output.splitlines()) == 13
    assert json.loads(run("show", folder, "--json").stdout)["damaged"] == 1


def test_where_there_is_no_diary_the_exit_code_says_so(tmp_path: Path) -> None:
    assert run("show", tmp_path).exit_code == 2
    (tmp_path / "journal.db").write_bytes(b"x" * 5_000)
    for verb in ("show", "verify", "export"):
        result = run(verb, tmp_path)
        assert (result.exit_code, "TM-JRNL-003" in result.output) == (1, True)


def test_a_page_of_rubbish_is_named_and_no_traceback(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(folder / "journal.db")) as base, closing(sqlite3.connect(copy)) as other:
        base.backup(other)
    whole = copy.read_bytes()
    for page in range(1, len(whole) // 4096):
        copy.write_bytes(whole[: page * 4096] + b"\x55" * 4096 + whole[(page + 1) * 4096 :])
        for verb in ("show", "verify", "export"):
            result = run(verb, copy)
            assert result.exit_code in (0, 1)
            assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_moment_nobody_can_have_is_shown_as_it_stands(tmp_path: Path) -> None:
    from sync.journal_read import as_object
    from sync.journal_record import Record

    record = Record(1, "", -5, "Note", "[]", "", "", "", b"")
    assert as_object(record)["at"] == "-5"
