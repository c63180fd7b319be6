"""The ledger on disk: one history, found again after a kill, and nobody's to change."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from core.cash_report import Act
from device.vault.book import FILE, SNAPSHOT_RECORDS, DiskBook, read_only
from device.vault.books import Books, fold
from device.vault.chain import Damaged, body_of, record_of
from device.vault.ledger import OUTSIDE, Entry, cassette, wrong_with
from device.vault.records import Acknowledged, Attended, Record, Reported
from device.vault.store import BookFault
from tests.device.vault.far_end import STACKER
from tests.device.vault.room import Room, txn

LOADED = Attended(txn(7), Act.LOADED, ("Kim",), (), (Entry(10_000, OUTSIDE, cassette(1), 5),))


def reported(number: int) -> Reported:
    return Reported(txn(number), number, f"cr1.k.{number}.s")


def filled(folder: Path) -> DiskBook:
    book = DiskBook.open(folder)
    book.load()
    book.append((LOADED, reported(1)), durable=True)
    book.append((Acknowledged(1),), durable=False)
    return book


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    book = filled(tmp_path)
    book.close()
    book = DiskBook.open(tmp_path)
    books = book.load()
    assert books.ledger.notes(cassette(1), 10_000) == 5
    assert (books.number, books.waiting) == (1, ())
    known = book.known(txn(1))
    assert known is not None
    assert known.sealed == book.sealed(1) == "cr1.k.1.s"
    assert book.known(txn(2)) is None
    book.close()


def test_every_record_of_a_whole_day_is_read_as_it_was_written() -> None:
    room = Room(STACKER)
    for number in range(1, 4):
        room.pay(60_000, number)
        if number == 2:
            room.wait(40_000)
        else:
            room.far.take()
            room.pump()
    records: list[Record] = [record for commit in room.book.commits for record in commit]
    assert [record_of(1, type(one).__name__, body_of(one)) for one in records] == records


def test_two_programs_cannot_hold_one_ledger(tmp_path: Path) -> None:
    book = filled(tmp_path)
    with pytest.raises(BookFault, match="TM-VAULT-018"):
        DiskBook.open(tmp_path)
    book.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record SET body = replace(body, '5', '6') WHERE seq = 1",
        "DELETE FROM record WHERE seq = 2",
        "UPDATE record SET seq = 9 WHERE seq = 3",
        "UPDATE record SET hash = zeroblob(32) WHERE seq = 1",
    ],
)
def test_any_change_of_the_history_is_found(tmp_path: Path, change: str) -> None:
    filled(tmp_path).close()
    base = sqlite3.connect(tmp_path / FILE)
    base.execute(change)
    base.commit()
    base.close()
    book = DiskBook.open(tmp_path)
    with pytest.raises(Damaged):
        book.load()
    book.close()


def test_a_statement_somebody_changed_is_not_handed_out(tmp_path: Path) -> None:
    book = filled(tmp_path)
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("UPDATE record SET body = replace(body, 'cr1.k.1', 'cr1.k.9') WHERE seq = 2")
    other.commit()
    other.close()
    with pytest.raises(Damaged):
        book.sealed(1)
    book.close()


def test_after_a_failed_write_nothing_is_written_any_more(tmp_path: Path) -> None:
    book = filled(tmp_path)
    with pytest.raises(BookFault, match="TM-VAULT-016"):
        book.append((reported(1),), durable=True)  # the number stands there already: the disk refuses
    with pytest.raises(BookFault, match="TM-VAULT-016"):
        book.append((reported(2),), durable=True)
    book.close()


def test_a_hundred_thousand_records_are_read_within_two_seconds(tmp_path: Path) -> None:
    book = DiskBook.open(tmp_path)
    books = book.load()
    for number in range(0, 100_000, 500):
        records = tuple(
            one
            for each in range(number + 1, number + 501, 2)
            for one in (reported(each // 2 + 1), Acknowledged(each // 2 + 1))
        )
        for record in records:
            books = fold(books, record)
        book.append(records, durable=False)
        if number < 98_000:
            book.rest(books)
    book.close()
    began = time.process_time()
    book = DiskBook.open(tmp_path)
    again = book.load()
    seconds = time.process_time() - began
    assert again == books
    assert again.number == 50_000
    assert seconds < 2
    book.close()
    print(f"recovery: {seconds:.3f} s CPU")


def test_the_whole_history_can_be_counted_again_beside_the_program(tmp_path: Path) -> None:
    book = filled(tmp_path)
    books = book.load()
    for number in range(2, SNAPSHOT_RECORDS + 4):
        record = reported(number)
        books = fold(books, record)
        book.append((record,), durable=False)
    book.rest(books)
    shown, records = read_only(tmp_path)
    assert shown == books
    assert wrong_with(shown.ledger) == ""
    assert records == SNAPSHOT_RECORDS + 6
    book.close()


def test_without_a_ledger_there_is_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(BookFault, match="TM-VAULT-017"):
        read_only(tmp_path)
    assert Books().number == 0
