"""What a bad disk or a bad hand does to the diary: found, located, and never taken for history."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from core.effects import PrintReceipt
from core.events import Event
from sync.journal import Journal, JournalDamaged, VerifyReport
from sync.journal_file import open_for_reading
from sync.journal_record import COLUMNS, digest, hash_at
from sync.journal_verify import verify
from tests.sync.tickets import at, opened, reverse, txn, write_sale

SMALL = 64 * 1024
SALES = 20
RECORDS = SALES * 9 + 2


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty sales, a note and an owed reversal, all copied back into the database file."""
    path = tmp_path_factory.mktemp("sound") / "journal.db"
    with closing(Journal.open(path, SMALL)) as journal:
        journal.note("grant", "T1")
        for number in range(1, SALES + 1):
            write_sale(journal, txn(number))
        journal.commit(txn(99), at(0), opened(txn(99)), effects=(reverse(txn(99)),), closes="left")
        journal.checkpoint(1)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    shutil.copy(sound, tmp_path / "journal.db")
    return tmp_path / "journal.db"


def counted(path: Path) -> VerifyReport:
    with closing(open_for_reading(path)) as base:
        return verify(base)


def edit(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA writable_schema=OFF")
        base.execute(statement, values)


def test_a_sound_diary_says_so(path: Path) -> None:
    report = counted(path)
    assert (report.records, report.first_bad, report.bad, report.problem) == (RECORDS, 0, 0, "")
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.head == (RECORDS, report.head)


@pytest.mark.parametrize("column", COLUMNS.split(", "))
def test_any_one_changed_column_of_any_record_is_located(path: Path, column: str) -> None:
    chance = random.Random(column)
    for _ in range(12):
        seq = chance.randint(1, RECORDS)
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            (value,) = base.execute(f"SELECT {column} FROM record WHERE seq = ?", (seq,)).fetchone()
            base.execute("BEGIN")
            other: object
            if isinstance(value, int):
                other = value ^ 1 << chance.randint(10, 40)
            elif isinstance(value, bytes):
                other = bytes([value[0] ^ 1]) + value[1:]
            else:
                place = chance.randint(0, len(value))
                other = value[:place] + "x" + value[place + 1 :]
            base.execute(f"UPDATE record SET {column} = ? WHERE seq = ?", (other, seq))
            report = verify(base)
            base.execute("ROLLBACK")
        assert not report.sound
        assert report.first_bad == seq, (column, seq, value, other)


def test_any_flipped_byte_of_a_record_in_the_file_is_located(path: Path) -> None:
    chance, whole = random.Random(7), path.read_bytes()
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute("SELECT seq, body, hash FROM record WHERE kind != 'Note'").fetchall()
    for _ in range(60):
        seq, body, mark = chance.choice(rows)
        end = whole.index(mark)  # the hash is the last column, the body stands somewhere before it in the same row
        place = chance.randrange(end - 20, end + len(mark)) if len(body) > 100 else end + chance.randrange(32)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        report = counted(path)
        assert report.first_bad == seq, (seq, place - end, report)
        assert report.problem


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("DELETE FROM record WHERE seq = 17", 17),
        ("UPDATE record SET seq = 1000 WHERE seq = 17", 17),
        ("UPDATE record SET at_ms = x'00' WHERE seq = 5", 5),
        ("UPDATE record SET hash = 'text' WHERE seq = 5", 5),
        ("UPDATE record SET kind = x'ff' WHERE seq = 5", 5),
        ("DELETE FROM record WHERE seq BETWEEN 30 AND 40", 30),
    ],
)
def test_a_dropped_moved_or_mistyped_record_is_located(path: Path, statement: str, first_bad: int) -> None:
    edit(path, statement)
    report = counted(path)
    assert (report.first_bad, report.sound) == (first_bad, False)
    with pytest.raises(JournalDamaged) as caught:
        Journal.open(path, SMALL)
    assert caught.value.seq == first_bad


def test_every_damaged_record_is_counted(path: Path) -> None:
    for seq in (5, 9, 100):
        edit(path, "UPDATE record SET body = 'x' WHERE seq = ?", seq)
    report = counted(path)
    assert (report.first_bad, report.bad) == (5, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket SET outcome = '' WHERE first_seq = 2",
        "UPDATE ticket SET outcome = 'settled' WHERE outcome = 'left'",
        "DELETE FROM ticket WHERE first_seq = 2",
        "UPDATE effect SET state = 1 WHERE state = 0",
        "UPDATE effect SET id = id + 1 WHERE state = 0",
        "UPDATE effect SET state = 2 WHERE state = 1",
        "UPDATE effect SET key = 'x' WHERE state = 0",
        "UPDATE fact SET seq = 2",
        "DELETE FROM fact",
        "DROP TABLE fact",
    ],
)
def test_an_index_that_does_not_fit_the_records_is_found(path: Path, statement: str) -> None:
    edit(path, statement)
    report = counted(path)
    assert (report.sound, report.first_bad) == (False, 0)
    assert report.problem
    with pytest.raises(JournalDamaged):  # and not taken for the truth at a start either
        Journal.open(path, SMALL)


@pytest.mark.parametrize("tail", [50, 2_000])
def test_a_record_this_version_cannot_read_is_damage_and_not_silence(
    path: Path, monkeypatch: pytest.MonkeyPatch, tail: int
) -> None:
    """As a newer version might have written it: sealed correctly, unknown inside."""
    monkeypatch.setattr("sync.journal.TAIL_RECORDS", tail)
    for column, value, read in (
        ("body", '{"is":"Teleported"}', lambda journal: list(journal.events((Event.__args__[0],)))),
        ("orders", '[{"is":"Teleport"}]', lambda journal: journal.effects((PrintReceipt,), 99)),
        ("orders", '[{"is":"Teleport","key":"x"}]', lambda journal: journal.effects((PrintReceipt,), 99)),
        ("orders", "[", lambda journal: journal.effects((PrintReceipt,), 99)),
    ):
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            base.execute(f"UPDATE record SET {column} = ? WHERE seq IN (2, 8)", (value,))
            for seq in range(2, RECORDS + 1):
                row = base.execute(f"SELECT {COLUMNS} FROM record WHERE seq = ?", (seq,)).fetchone()
                base.execute("UPDATE record SET hash = ? WHERE seq = ?", (digest(row[:8], hash_at(base, seq - 1)), seq))
        with pytest.raises(JournalDamaged), closing(Journal.open(path, SMALL)) as journal:
            read(journal)


def test_a_damaged_record_far_back_stops_what_needs_it_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(path, "UPDATE record SET body = 'x' WHERE seq = 8")  # the first sale's receipt
    with pytest.raises(JournalDamaged):
        Journal.open(path, SMALL)
    monkeypatch.setattr("sync.journal.TAIL_RECORDS", 50)
    with closing(Journal.open(path, SMALL)) as journal:
        write_sale(journal, txn(500))
        assert len(journal.effects((PrintReceipt,), 5)) == 5
        with pytest.raises(JournalDamaged):
            journal.effects((PrintReceipt,), 99)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM record WHERE seq < 60",
        "DELETE FROM record WHERE seq < 60 AND kind = 'Captured'",
        "UPDATE record SET hash = 'x' WHERE seq < 60",
    ],
)
def test_an_old_record_that_is_gone_is_named_when_it_is_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    edit(path, statement)
    monkeypatch.setattr("sync.journal.TAIL_RECORDS", 50)
    with closing(Journal.open(path, SMALL)) as journal, pytest.raises(JournalDamaged):
        journal.effects((PrintReceipt,), 99)


def test_a_last_record_without_a_hash_leaves_no_head(path: Path) -> None:
    edit(path, "UPDATE record SET hash = 'text' WHERE seq = ?", RECORDS)
    report = counted(path)
    assert (report.first_bad, report.head) == (RECORDS, "")


def test_a_page_far_back_that_cannot_be_read_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = path.read_bytes()
    page = whole.index(b"line 1") // 4096  # the first receipt
    path.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
    monkeypatch.setattr("sync.journal.TAIL_RECORDS", 50)
    with closing(Journal.open(path, SMALL)) as journal, pytest.raises(JournalDamaged):
        journal.effects((PrintReceipt,), 99)


def test_a_diary_that_is_not_there_or_not_ours_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalDamaged):
        open_for_reading(tmp_path / "none.db")
    (tmp_path / "other.db").write_bytes(b"x" * 5000)
    with pytest.raises(JournalDamaged):
        open_for_reading(tmp_path / "other.db")
    with closing(sqlite3.connect(tmp_path / "empty.db")) as base:
        base.execute("CREATE TABLE a (b)")
    with pytest.raises(JournalDamaged):
        open_for_reading(tmp_path / "empty.db")


def test_pages_of_rubbish_are_reported_and_never_a_traceback(path: Path) -> None:
    chance, whole = random.Random(3), path.read_bytes()
    for page in range(1, len(whole) // 4096):
        damaged = bytearray(whole)
        damaged[page * 4096 : (page + 1) * 4096] = chance.randbytes(4096) if page % 2 else bytes(4096)
        path.write_bytes(damaged)
        assert not counted(path).sound, page
        with suppress(JournalDamaged):
            Journal.open(path, SMALL).close()


# -- the log's tail -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A diary as a power cut leaves it, everything in its log; and its head after each commit."""
    folder = tmp_path_factory.mktemp("crashed")
    heads = [bytes(32).hex()]
    with closing(Journal.open(folder / "journal.db", SMALL)) as journal:
        journal.checkpoint(1)
        for number in (1, 2):
            write_sale(journal, txn(number), 9 if number == 1 else 6)
        heads += [row.hash.hex() for row in journal_rows(journal)]
        (folder / "cut").mkdir()
        for name in ("journal.db", "journal.db-wal"):
            shutil.copy(folder / name, folder / "cut" / name)
    return folder / "cut", heads


def journal_rows(journal: Journal) -> list[object]:
    from sync.journal_record import chained

    return list(chained(journal._base, 0, journal.head[0]))


@pytest.mark.parametrize("fill", ["cut", "garbage", "zeros", "flip"])
def test_a_damaged_log_keeps_a_prefix_of_whole_commits(
    crashed: tuple[Path, list[str]], tmp_path: Path, fill: str
) -> None:
    folder, heads = crashed
    log, chance = (folder / "journal.db-wal").read_bytes(), random.Random(fill)
    kept: set[int] = set()
    for place in [0, 1, 31, 32, *chance.sample(range(32, len(log)), 30), len(log)]:
        rest = len(log) - place
        tail = {"cut": b"", "garbage": chance.randbytes(rest), "zeros": bytes(rest), "flip": log[place:]}[fill]
        if fill == "flip" and tail:
            tail = bytes([tail[0] ^ 1 << chance.randrange(8)]) + tail[1:]
        shutil.copy(folder / "journal.db", tmp_path / "journal.db")
        (tmp_path / "journal.db-wal").write_bytes(log[:place] + tail)
        (tmp_path / "journal.db-shm").unlink(missing_ok=True)
        with closing(Journal.open(tmp_path / "journal.db", SMALL)) as journal:
            seq, head = journal.head
            assert head == heads[seq]
            assert journal.verify().sound
            kept.add(seq)
            for ticket in journal.open_tickets():
                journal.commit(ticket.txn, at(99), opened_again(), closes="left")
            write_sale(journal, txn(77))
            assert journal.verify().sound
    assert len(kept) > 5
    assert max(kept) == len(heads) - 1


def opened_again() -> Event:
    from core.events import Restarted

    return Restarted(())
