"""The ledger on disk: one history, found again after a kill, and nobody's to change."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from core.cash_report import Act
from device.vault.book import FILE, SNAPSHOT_RECORDS, DiskBook, read_only
from device.vault.books import Books, fold
from device.vault.chain import Damaged, body_of, record_of
from device.vault.ledger import OUTSIDE, Entry, cassette, wrong_with
from device.vault.records import Acknowledged, Attended, Record, Reported
from device.vault.reserve import FILE as RESERVE
from device.vault.store import BookFault
from tests.device.vault.far_end import STACKER
from tests.device.vault.room import Room, txn

ROOT = Path(__file__).parents[3]
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


SMALL = 512 * 1024  # the reserve on a disk of 3 MiB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    rubbish = folder / "rubbish"
    with rubbish.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return rubbish


def until_it_fails(book: DiskBook) -> int:
    """How many statements were written down."""
    for number in range(1, 10_000):
        try:
            book.append((reported(number),), durable=True)
        except BookFault:
            return number - 1
    raise AssertionError("the disk is never full")


@pytest.mark.privileged
def test_on_a_disk_that_is_really_full_what_has_begun_is_written_to_its_end(small_disk: Path) -> None:
    with closing(DiskBook.open(small_disk, SMALL)) as book:
        book.load()
        book.append((LOADED, reported(1)), durable=True)
        assert book.has_room()
        assert (small_disk / RESERVE).stat().st_size == SMALL
        rubbish = fill(small_disk)
        assert not book.has_room()
        for number in range(2, 30):
            book.append((reported(number),), durable=True)
        assert not (small_disk / RESERVE).exists()
        assert not book.has_room()
        books = read_only(small_disk)[0]
        assert books.number == 29
        rubbish.unlink()
        assert book.has_room()
        assert (small_disk / RESERVE).stat().st_size == SMALL


@pytest.mark.privileged
def test_a_disk_without_any_room_ends_the_program_by_name_and_loses_nothing(small_disk: Path) -> None:
    book = DiskBook.open(small_disk, SMALL)
    book.load()
    assert book.has_room()
    rubbish = fill(small_disk)
    written = until_it_fails(book)
    with pytest.raises(BookFault, match="TM-VAULT-016"):
        book.append((reported(written + 1),), durable=True)
    book.close()
    assert written > 20
    rubbish.unlink()
    with closing(DiskBook.open(small_disk, SMALL)) as again:
        assert written <= again.load().number <= written + 1


@pytest.mark.privileged
def test_a_ledger_is_opened_on_a_full_disk_with_what_was_kept_back(small_disk: Path) -> None:
    with closing(DiskBook.open(small_disk, SMALL)) as book:
        book.load()
        assert book.has_room()
    fill(small_disk)
    with closing(DiskBook.open(small_disk, SMALL)) as book:
        book.load()
        book.append((LOADED, reported(1)), durable=True)
        assert not book.has_room()


SYNC_FAILS = """
import sys
from pathlib import Path
from device.vault.book import DiskBook
from device.vault.store import BookFault
from tests.device.vault.test_book import LOADED, reported
book = DiskBook.open(Path(sys.argv[1]))
book.load()
print("open", flush=True)
for number in range(1, 9):
    try:
        book.append((reported(number),), durable=True)
    except BookFault as error:
        assert error.code == "TM-VAULT-016", error
        break
try:
    book.append((reported(9),), durable=True)
except BookFault:
    sys.exit(number)
"""


@pytest.mark.privileged
def test_a_sync_that_fails_stops_every_later_write(tmp_path: Path) -> None:
    DiskBook.open(tmp_path).close()
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(tmp_path / f"{FILE}-wal")]
    inject += ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=3+"]
    child = [sys.executable, "-c", SYNC_FAILS, str(tmp_path)]
    ran = subprocess.run([*inject, *child], check=False, cwd=ROOT, capture_output=True, text=True)
    assert 2 <= ran.returncode <= 3, ran.stderr
    told = ran.returncode - 1  # appends that were answered
    with closing(DiskBook.open(tmp_path)) as book:
        assert told <= book.load().number <= told + 1


def test_without_a_ledger_there_is_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(BookFault, match="TM-VAULT-017"):
        read_only(tmp_path)
    assert Books().number == 0
