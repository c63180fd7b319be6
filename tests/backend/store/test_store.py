"""The store: what was answered stays, what was refused leaves nothing, and a failed disk is never talked over."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from backend.refused import Refused
from backend.store import Migration, Store, Unit
from core.faults.money import (
    STORE_BROKEN,
    STORE_BUSY,
    STORE_CHANGED,
    STORE_CLOSED,
    STORE_DAMAGED,
    STORE_FULL,
    STORE_NEWER,
    STORE_TAKEN,
    STORE_UNREADABLE,
)

LINE = Migration("line", 1, "CREATE TABLE line(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;")
DEADLINE_S = 20


def add(text: str) -> Any:
    def work(unit: Unit) -> int:
        return unit.insert("INSERT INTO line(text) VALUES(?)", (text,))

    return work


def lines(unit: Unit) -> list[str]:
    return [row[0] for row in unit.all("SELECT text FROM line ORDER BY id")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "books.db", [LINE]) as made:
        yield made


def test_what_was_written_is_read_by_a_snapshot_and_after_opening_again(tmp_path: Path) -> None:
    with Store.open(tmp_path / "books.db", [LINE]) as store:
        assert store.write(add("one")) == 1
        assert store.read(lines) == ["one"]
    with Store.open(tmp_path / "books.db", [LINE]) as store:
        assert store.read(lines) == ["one"]


def test_a_store_in_memory_reads_in_turn_and_a_read_cannot_write() -> None:
    with Store.open(":memory:", [LINE]) as store:
        store.write(add("one"))
        store.read(add("never"))
        assert store.read(lines) == ["one"]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.read(add("never"))


def test_a_work_that_fails_is_rolled_back_alone_within_its_group(store: Store) -> None:
    gate = threading.Event()
    first = store.submit(lambda _: gate.wait(DEADLINE_S))

    def half(unit: Unit) -> None:
        add("half")(unit)
        unit.tell("line", "half")
        raise ValueError("no")

    heard: list[object] = []
    store.listen(lambda _, value: heard.append(value))
    good, bad, last = store.submit(add("good")), store.submit(half), store.submit(add("last"))
    gate.set()
    first.result(DEADLINE_S)
    assert good.result(DEADLINE_S) == 1
    with pytest.raises(ValueError, match="no"):
        bad.result(DEADLINE_S)
    assert last.result(DEADLINE_S) == 2
    assert store.read(lines) == ["good", "last"]
    assert heard == []


def test_a_work_that_refuses_before_it_writes_costs_the_others_nothing(store: Store) -> None:
    ran: list[str] = []
    gate, busy = threading.Event(), threading.Event()

    def block(_: Unit) -> None:
        busy.set()
        gate.wait(DEADLINE_S)

    def refuse(_: Unit) -> None:
        raise ValueError("no")

    def write(unit: Unit) -> None:
        ran.append("write")
        add("one")(unit)

    store.submit(block)
    assert busy.wait(DEADLINE_S)
    good, bad = store.submit(write), store.submit(refuse)
    gate.set()
    good.result(DEADLINE_S)
    assert isinstance(bad.exception(DEADLINE_S), ValueError)
    assert ran == ["write"]


def test_work_that_waits_shares_one_commit(tmp_path: Path) -> None:
    commits: list[str] = []

    class Counting(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            if sql == "COMMIT":
                commits.append(sql)
            return super().execute(sql, *rest)

    with Store.open(tmp_path / "books.db", [LINE], connection=Counting) as store:
        gate, busy = threading.Event(), threading.Event()

        def block(_: Unit) -> None:
            busy.set()
            gate.wait(DEADLINE_S)

        waiting: list[Future[Any]] = [store.submit(block)]
        assert busy.wait(DEADLINE_S)
        waiting += [store.submit(add(f"line {n}")) for n in range(100)]
        commits.clear()
        gate.set()
        for future in waiting:
            future.result(DEADLINE_S)
        assert len(commits) == 2
        assert len(store.read(lines)) == 100


def test_nothing_is_answered_before_it_is_committed(tmp_path: Path) -> None:
    answered_early: list[bool] = []
    future: list[Future[Any]] = []

    class Looking(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and future:
                answered_early.append(future[0].done())
            return super().execute(sql, *rest)

    with Store.open(tmp_path / "books.db", [LINE], connection=Looking) as store:
        gate = threading.Event()
        store.submit(lambda _: gate.wait(DEADLINE_S))
        future.append(store.submit(add("one")))
        gate.set()
        future[0].result(DEADLINE_S)
    assert answered_early
    assert not any(answered_early)


def test_a_note_is_passed_on_after_its_commit_and_a_broken_listener_stops_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, object, list[str]]] = []
    done = threading.Event()
    shown: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: shown.append(args.exc_type))

    def bad(_: str, __: object) -> None:
        raise ZeroDivisionError

    def listener(topic: str, value: object) -> None:
        heard.append((topic, value, store.read(lines)))
        done.set()

    store.listen(bad)
    stop = store.listen(listener)

    def work(unit: Unit) -> None:
        add("one")(unit)
        unit.tell("line", "one")

    store.write(work)
    assert done.wait(DEADLINE_S)
    assert heard == [("line", "one", ["one"])]
    assert shown == [ZeroDivisionError]
    stop()
    store.write(lambda unit: unit.tell("line", "two"))
    assert len(heard) == 1


def test_whoever_is_answered_finds_that_every_listener_has_heard(store: Store) -> None:
    heard: list[object] = []

    def listener(topic: str, value: object) -> None:
        time.sleep(0.01)  # a slow listener: the answer must not overtake it
        heard.append(value)

    def work(unit: Unit) -> None:
        unit.tell("line", "one")

    store.listen(listener)
    store.submit(work).result(DEADLINE_S)
    assert heard == ["one"]


def test_a_full_queue_refuses_by_name_and_serves_those_who_wait(tmp_path: Path) -> None:
    with Store.open(tmp_path / "books.db", [LINE], queue_max=2) as store:
        gate, busy = threading.Event(), threading.Event()

        def block(_: Unit) -> None:
            busy.set()
            gate.wait(DEADLINE_S)

        first = store.submit(block)
        assert busy.wait(DEADLINE_S)
        waiting = [store.submit(add("a")), store.submit(add("b"))]
        with pytest.raises(Refused) as refused:
            store.submit(add("c"))
        gate.set()
        assert (refused.value.code, refused.value.status, refused.value.retryable) == (STORE_BUSY.code, 503, True)
        assert [future.result(DEADLINE_S) for future in [first, *waiting]] == [None, 1, 2]


def test_work_given_up_before_its_turn_is_never_done(store: Store) -> None:
    gate, busy = threading.Event(), threading.Event()

    def block(_: Unit) -> None:
        busy.set()
        gate.wait(DEADLINE_S)

    first = store.submit(block)
    assert busy.wait(DEADLINE_S)
    late = store.submit(add("late"))
    assert late.cancel()
    gate.set()
    first.result(DEADLINE_S)
    store.write(add("next"))
    assert store.read(lines) == ["next"]


def test_after_closing_everything_is_refused_by_name(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "books.db", [LINE])
    store.close()
    for attempt in (lambda: store.submit(add("x")), lambda: store.read(lines)):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == STORE_CLOSED.code


def test_a_second_writer_is_refused_by_name(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        Store.open(tmp_path / "books.db", [LINE])
    assert refused.value.code == STORE_TAKEN.code


def test_a_writer_that_lost_its_lock_stops_at_its_next_commit(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    old = Store.open(path, [LINE])
    (tmp_path / "books.db.writer").unlink()  # somebody "cleans up" the lock file under a running server
    with Store.open(path, [LINE]) as new:
        new.write(add("new"))
        with pytest.raises(Refused) as refused:
            old.write(add("old"))
        assert refused.value.code == STORE_BROKEN.code
        assert "epoch" in old.broken
        assert new.read(lines) == ["new"]
        old.close()


def test_a_full_disk_is_refused_by_name_and_survived(store: Store) -> None:
    # SQLite's own limit of pages gives the very error of a full disk.
    pages = store.write(lambda unit: unit.one("PRAGMA page_count"))
    assert pages is not None
    store.write(lambda unit: unit.one(f"PRAGMA max_page_count = {pages[0] + 1}"))
    with pytest.raises(Refused) as refused:
        store.write(add("x" * 100_000))
    assert (refused.value.code, refused.value.retryable) == (STORE_FULL.code, True)
    assert store.read(lines) == []
    store.write(lambda unit: unit.one("PRAGMA max_page_count = 100000"))
    store.write(add("x" * 100_000))
    assert len(store.read(lines)) == 1


def test_a_commit_that_fails_is_unknown_and_everything_after_it_is_refused(tmp_path: Path) -> None:
    failing = threading.Event()

    class Failing(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and failing.is_set():
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(sql, *rest)

    with Store.open(tmp_path / "books.db", [LINE], connection=Failing) as store:
        store.write(add("kept"))
        failing.set()
        with pytest.raises(Refused) as refused:
            store.write(add("doubtful"))
        assert refused.value.code == STORE_BROKEN.code
        failing.clear()
        with pytest.raises(Refused) as refused:
            store.write(add("after"))
        assert refused.value.code == STORE_BROKEN.code
        assert store.read(lines) == ["kept"]
    with Store.open(tmp_path / "books.db", [LINE]) as store:
        assert store.read(lines) == ["kept"]


SCRIPT = """
import sys
from pathlib import Path
from backend.refused import Refused
from backend.store import Migration, Store
line = Migration("line", 1, "CREATE TABLE line(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;")
store = Store.open(Path(sys.argv[1]), [line])
codes = []
for n in range(8):
    try:
        store.write(lambda unit: unit.insert("INSERT INTO line(text) VALUES(?)", (str(n),)))
        print("kept", n)
    except Refused as refused:
        print(refused.code)
"""


@pytest.mark.privileged
def test_when_the_real_fsync_fails_no_later_write_is_answered_with_yes(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    Store.open(path, [LINE]).close()
    # strace counts for each thread apart: the opening thread does one sync (the epoch), the writer one a commit.
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO:when=4"]
    ran = subprocess.run(
        [*trace, sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, timeout=50, check=False
    )
    said = ran.stdout.split("\n")[:-1]
    assert STORE_BROKEN.code in said, ran.stderr
    assert said[said.index(STORE_BROKEN.code) :] == [STORE_BROKEN.code] * (8 - said.index(STORE_BROKEN.code))
    with Store.open(path, [LINE]) as store:
        kept = store.read(lines)
    assert [line for line in said if line.startswith("kept")] == [f"kept {n}" for n in kept][: said.index("TM-STO-002")]


def test_a_store_that_was_not_closed_in_order_is_checked_before_it_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Store.open(path, [LINE]) as store:
        for n in range(300):
            store.write(add(f"{n} " + "x" * 200))
    whole = path.read_bytes()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM store_closed")
    connection.commit()
    connection.close()
    with Store.open(path, [LINE]) as store:
        assert len(store.read(lines)) == 300
    # A page in the middle is overwritten, and the last writer never said that it had ended in order.
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM store_closed")
    connection.commit()
    connection.close()
    with path.open("r+b") as file:
        file.seek(len(whole) // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(Refused) as refused:
        Store.open(path, [LINE])
    assert refused.value.code == STORE_DAMAGED.code


def test_migrations_run_once_in_order_and_changed_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    second = Migration("line", 2, "ALTER TABLE line ADD COLUMN at INTEGER;\nCREATE INDEX line_at ON line(at);")
    Store.open(path, [LINE]).close()
    Store.open(path, [LINE, second]).close()
    with pytest.raises(Refused) as refused:
        Store.open(path, [LINE])
    assert refused.value.code == STORE_NEWER.code
    with pytest.raises(Refused) as refused:
        Store.open(path, [LINE, Migration("line", 2, "SELECT 1;")])
    assert refused.value.code == STORE_CHANGED.code


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    wrong = Migration("line", 2, "CREATE TABLE other(id INTEGER) STRICT;\nINSERT INTO nowhere VALUES(1);")
    with pytest.raises(Refused) as refused:
        Store.open(path, [LINE, wrong])
    assert refused.value.code == STORE_UNREADABLE.code
    right = Migration("line", 2, "CREATE TABLE other(id INTEGER) STRICT;")
    Store.open(path, [LINE, right]).close()


@pytest.mark.parametrize("kind", ["no folder", "not a database"])
def test_a_file_that_cannot_be_opened_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "books.db" if kind == "not a database" else tmp_path / "none" / "books.db"
    if kind == "not a database":
        path.write_bytes(b"these are not the books you are looking for" * 100)
    with pytest.raises(Refused) as refused:
        Store.open(path, [LINE])
    assert refused.value.code == STORE_UNREADABLE.code


def test_many_threads_each_get_their_own_answer(store: Store) -> None:
    wrong: list[object] = []

    def caller(number: int) -> None:
        for n in range(25):
            text = f"{number}/{n}"
            row = store.write(add(text))
            if store.read(lambda unit, row=row: unit.one("SELECT text FROM line WHERE id = ?", (row,))) != (text,):
                wrong.append(text)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert wrong == []
    assert len(store.read(lines)) == 200
