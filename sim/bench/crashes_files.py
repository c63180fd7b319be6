"""Stores on real files, for the program under the knife: its own opening code, its own SQLite, and every byte kept.

`sim.bench.disk` decides what a power cut leaves by whole commits. Here nothing is decided: each commit is recorded as
the bytes before and after it, and a program that is started again finds exactly the files it is given, torn or not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from core.ids import TxnId
from device.vault.book import FILE, DiskBook
from device.vault.books import Books
from device.vault.records import Record
from device.vault.state import Known
from sim.bench.crash import Cut, Life
from sim.bench.fate import Stroke
from sim.bench.torn import Written
from sync import journal_file

LOG: Final = "-wal"
Opening = Callable[[Path, dict[str, Any]], sqlite3.Connection]


@dataclass(frozen=True, slots=True)
class Files:
    """What lies on the disk of one store: its database and its log, as they are."""

    database: bytes
    log: bytes = b""

    def lay(self, path: Path) -> None:
        path.write_bytes(self.database)
        if self.log:
            path.with_name(path.name + LOG).write_bytes(self.log)

    @classmethod
    def at(cls, path: Path) -> Files:
        log = path.with_name(path.name + LOG)
        return cls(path.read_bytes(), log.read_bytes() if log.exists() else b"")


@dataclass(frozen=True, slots=True)
class Commit:
    """The `number`-th commit of a store. `older` are the logs as the commits before it left them that were never
    synced, oldest first: a power cut may go back to each."""

    number: int
    written: Written
    older: tuple[bytes, ...]
    durable: bool

    @property
    def before(self) -> Files:
        return Files(self.written.database, self.written.before)

    @property
    def after(self) -> Files:
        return Files(self.written.database, self.written.after)


class Knife(Protocol):
    """`commit` says whether the n-th commit of a store is the last thing its program does. `left` is what the next
    start finds then; None: everything that was written."""

    def commit(self, store: str) -> Stroke: ...

    def left(self, store: str) -> Files | None: ...


class Watched:
    """A connection of the product, every COMMIT of which comes by here. Nothing of it works in a life that is over."""

    def __init__(self, base: sqlite3.Connection, disk: FilesDisk, life: Life) -> None:
        self.base = base
        self._disk = disk
        self.life = life
        self.durable = True

    @property
    def in_transaction(self) -> bool:
        return self.base.in_transaction

    @property
    def total_changes(self) -> int:
        return self.base.total_changes

    def execute(self, sql: str, params: Any = (), /) -> sqlite3.Cursor:
        self.life.check()
        if sql == "COMMIT":
            return self._disk.commit(self)
        if sql.startswith("PRAGMA synchronous"):
            self.durable = "FULL" in sql
        return self.base.execute(sql, params)

    def executemany(self, sql: str, params: Any, /) -> sqlite3.Cursor:
        self.life.check()
        return self.base.executemany(sql, params)

    def close(self) -> None:
        """A life ends by `FilesDisk.died`; what the product closes by itself stays open for the one who counts."""


class FilesDisk:
    """As `sim.bench.disk.Disk`, in `folder`, a directory of its own for each start. `recorded` is every commit that
    wrote anything. `unlucky`: a power cut takes all that was never synced, else nothing."""

    def __init__(
        self, store: str, folder: Path, start: Files | None, knife: Knife, name: str, opening: Opening
    ) -> None:
        self.store = store
        self.recorded: list[Commit] = []
        self.commits = 0
        self.fsyncs = 0
        self.unlucky = False
        self.could_lose = False
        self._folder, self._files, self._knife, self._name, self._opening = folder, start, knife, name, opening
        self._starts = 0
        self._path: Path | None = None
        self._open: Watched | None = None
        self._older: list[bytes] = []
        self._left: Files | None = None
        self._stamp, self._read = (0, 0, 0), b""

    @property
    def unsynced(self) -> int:
        """Commits a power cut could take."""
        return len(self._older)

    def kind(self, life: Life) -> Any:
        """What `sqlite3.connect` takes for a factory: a call instead of a class."""

        def opened(_: object, **more: Any) -> Watched:
            path = self.lay()
            return self.watch(self._opening(path, more), life)

        return opened

    def lay(self) -> Path:
        """A directory for the next start, with what the last one left."""
        self._starts += 1
        place = self._folder / f"{self.store}-{self._starts}"
        place.mkdir()
        self._path = place / self._name
        if self._files is not None:
            self._files.lay(self._path)
        return self._path

    def watch(self, base: sqlite3.Connection, life: Life) -> Watched:
        self._open, self._older, self._left = Watched(base, self, life), [], None
        return self._open

    def died(self, *, power: bool) -> None:
        """The program is gone; without power also what was never synced, if there is no luck."""
        if self._open is None or self._path is None:
            return
        now = Files.at(self._path)
        self.could_lose = self.could_lose or (power and self._left is None and bool(self._older))
        if self._left is not None:
            self._files = self._left
        elif power and self.unlucky and self._older:
            self._files = Files(now.database, self._older[0])
        else:
            self._files = now
        self.let_go()

    def let_go(self) -> None:
        """Close what is open; its files are of no more use."""
        if self._open is not None and self._path is not None:
            self._open.base.close()
            for file in self._path.parent.iterdir():
                file.unlink()
            self._path.parent.rmdir()
        self._open, self._older, self._left = None, [], None

    def commit(self, connection: Watched) -> sqlite3.Cursor:
        assert self._path is not None
        self.commits += 1
        stroke = self._knife.commit(self.store)
        was = self._log()
        done = connection.base.execute("COMMIT")
        log = self._log()
        if log != was:
            written = Written(self._database(), was, log)
            self.recorded.append(Commit(self.commits, written, tuple(self._older), connection.durable))
        if connection.durable:
            self._older = []
            self.fsyncs += 1
        else:
            self._older.append(was)
        if stroke is not Stroke.NONE:
            self._left = self._knife.left(self.store) or Files(self._database(), log)
            connection.life.end()
            raise Cut(self.store)
        return done

    def _log(self) -> bytes:
        assert self._path is not None
        log = self._path.with_name(self._path.name + LOG)
        return log.read_bytes() if log.exists() else b""

    def _database(self) -> bytes:
        """Read again only when it was written: a commit writes its log and nothing else."""
        assert self._path is not None
        said = self._path.stat()
        stamp = (self._starts, said.st_mtime_ns, said.st_size)
        if stamp != self._stamp:
            self._stamp, self._read = stamp, self._path.read_bytes()
        return self._read


def journal_on(path: Path, _: dict[str, Any]) -> sqlite3.Connection:
    """As the runtime opens its diary."""
    return journal_file.open_for_writing(path)


def store_on(path: Path, more: dict[str, Any]) -> sqlite3.Connection:
    """As the exchange opens its store, with what it asks of its connection."""
    asked = {name: value for name, value in more.items() if name != "factory"}
    base: sqlite3.Connection = sqlite3.connect(path, **asked)
    return base


class FilesBook:
    """The vault's own book on files. Outlives the program; `life` is that of the program that has it open now."""

    def __init__(self, folder: Path, knife: Knife) -> None:
        self.disk = FilesDisk("book", folder, None, knife, FILE, store_on)
        self.life = Life("vault", 0)
        self._book: DiskBook | None = None

    @property
    def unsynced(self) -> int:
        return self.disk.unsynced

    @property
    def fsyncs(self) -> int:
        return self.disk.fsyncs

    def load(self) -> Books:
        """A new start: the product opens what lies there."""
        path = self.disk.lay()
        self._book = book = DiskBook.open(path.parent)
        watched: Any = self.disk.watch(book._base, self.life)
        book._base = watched
        return book.load()

    def died(self, *, power: bool) -> None:
        self.disk.died(power=power)
        self.let_go()

    def let_go(self) -> None:
        """The lock, and the files."""
        if self._book is not None:
            self._book.close()
        self._book = None
        self.disk.let_go()

    def append(self, records: tuple[Record, ...], *, durable: bool) -> None:
        self.life.check()
        self._now.append(records, durable=durable)

    def known(self, txn: TxnId) -> Known | None:
        return self._now.known(txn)

    def sealed(self, number: int) -> str:
        return self._now.sealed(number)

    def has_room(self) -> bool:
        return True

    def rest(self, books: Books) -> None:
        self._now.rest(books)

    def close(self) -> None:
        """See `died`."""

    @property
    def _now(self) -> DiskBook:
        assert self._book is not None
        return self._book
