"""Store: opens the database of one server, and is the only door to it.

SQLite in WAL mode with `synchronous=FULL`: a commit that was answered survives a power cut. One `Writer`, a pool of
`Readers`, migrations applied at opening, a `Fence` against a second writer.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any, TypeVar, cast

from backend.refused import Refused
from backend.store import fence, migration
from backend.store.fence import Fence
from backend.store.migration import Migration
from backend.store.readers import Readers
from backend.store.unit import Unit
from backend.store.writer import Writer, primary
from core.faults.money import STORE_BUSY, STORE_DAMAGED, STORE_SLOW, STORE_UNREADABLE

T = TypeVar("T")
QUEUE_MAX = 8192  # works waiting: about a second of the writer; more would be answered after their caller gave up
READERS = 4  # two cores: more readers only take turns
WRITE_WAIT_S = 30.0  # the longest a blocking caller waits; the terminal's own deadline is shorter
CHECKPOINT_PAGES = 16_000  # 64 MB of log: a few settlements a commit write about 15 pages each, so one in a thousand
Listener = Callable[[str, object], None]


class Store:
    """Made by `open`. `submit`, `write` and `read` may be called from any thread."""

    def __init__(self, writer: Writer, readers: Readers | None, lock: Fence | None, listeners: _Listeners) -> None:
        self._writer = writer
        self._readers = readers
        self._lock = lock
        self._listeners = listeners

    @classmethod
    def open(
        cls,
        path: Path | str,
        migrations: Sequence[Migration],
        *,
        queue_max: int = QUEUE_MAX,
        readers: int = READERS,
        connection: type[sqlite3.Connection] = sqlite3.Connection,
        writer: type[Writer] = Writer,
    ) -> Store:
        """Open or make the store at `path`; ``":memory:"`` keeps it in memory, for tests and short demonstrations.

        `connection` is the class of the writer's connection (`sqlite3.connect(factory=...)`). Raises `Refused`
        (STORE_TAKEN, STORE_CHANGED, STORE_NEWER, STORE_UNREADABLE, STORE_DAMAGED). A store that
        was not closed in order is read from end to end before it is believed.
        """
        in_memory = str(path) == ":memory:"
        lock = None if in_memory else Fence(Path(path))
        opened: list[sqlite3.Connection] = []
        try:
            main = _connect(path, opened, connection)
            if not fence.closed_in_order(main):
                fence.assert_whole(main)
            migration.apply(main, migrations)
            epoch = fence.raise_epoch(main)
            pool = None if in_memory else Readers([_reader(path, opened) for _ in range(readers)])
        except BaseException as error:
            for one in opened:
                one.close()
            if lock is not None:
                lock.close()
            if isinstance(error, sqlite3.Error) and primary(error) == sqlite3.SQLITE_CORRUPT:
                raise Refused.by(STORE_DAMAGED, f"{path}: {error}", status=503) from None
            if isinstance(error, sqlite3.Error):
                raise Refused.by(STORE_UNREADABLE, f"{path}: {error}", status=503) from None
            raise
        listeners = _Listeners()
        return cls(writer(main, epoch, queue_max=queue_max, heard=listeners.heard), pool, lock, listeners)

    @property
    def broken(self) -> str:
        """Why the store refuses everything since a failed write, or empty. For the readiness page."""
        return self._writer.broken

    def submit(self, work: Callable[[Unit], T]) -> Future[T]:
        """Put `work` before the writer; the future answers after the commit that holds it.

        The future carries what the work raised (then nothing of it stays), or `Refused` of the store. Raises
        `Refused` at once when the queue is full.
        """
        future: Future[T] = Future()
        self._writer.submit(work, future)
        return future

    def answer(self, work: Callable[[Unit], T]) -> asyncio.Future[T]:
        """As `submit`, for a caller on an event loop, who awaits what this returns."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(work, future)
        return future

    def write(self, work: Callable[[Unit], T]) -> T:
        """As `submit`, and wait for the answer."""
        future = self.submit(work)
        try:
            return future.result(WRITE_WAIT_S)
        except FutureTimeout:
            if future.cancel():
                raise Refused.by(STORE_BUSY, "waited too long for a turn", status=503, retryable=True) from None
            raise Refused.by(STORE_SLOW, status=504, retryable=True) from None

    def read(self, work: Callable[[Unit], T]) -> T:
        """Run `work` on a snapshot; it cannot write."""
        if self._readers is not None:
            return self._readers.read(work)
        return self._read_in_turn(work)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(topic, value)` for each note of a unit, after its commit; returns how to stop.

        It runs on the writer's thread: it must only pass the note on (`loop.call_soon_threadsafe`), never wait.
        """
        return self._listeners.add(listener)

    def close(self) -> None:
        """Finish what is waiting and let go of the files."""
        self._writer.close()
        if self._readers is not None:
            self._readers.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_in_turn(self, work: Callable[[Unit], T]) -> T:
        """A store in memory has one connection: a read takes its turn there, and whatever it wrote is rolled back."""

        def look(unit: Unit) -> None:
            raise _Seen(work(unit))

        try:
            self.write(look)
        except _Seen as seen:
            return cast(T, seen.value)
        raise AssertionError("a look always ends in what was seen")


class _Seen(Exception):
    def __init__(self, value: object) -> None:
        self.value = value


class _Listeners:
    def __init__(self) -> None:
        self._all: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def add(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            self._all = (*self._all, listener)

        def stop() -> None:
            with self._lock:
                self._all = tuple(one for one in self._all if one is not listener)

        return stop

    def heard(self, notes: list[tuple[str, object]]) -> None:
        """A listener that fails is a programmer's error: it is shown, and it never stops the money."""
        for listener in self._all:
            for topic, value in notes:
                try:
                    listener(topic, value)
                except Exception as error:  # noqa: BLE001 - shown by the thread's own hook, as a crash would be
                    args = (type(error), error, error.__traceback__, threading.current_thread())
                    threading.excepthook(threading.ExceptHookArgs(args))


def _connect(path: Path | str, opened: list[sqlite3.Connection], kind: type[sqlite3.Connection]) -> sqlite3.Connection:
    made = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=5.0, factory=kind
    )
    opened.append(made)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA synchronous = FULL")
    made.execute("PRAGMA foreign_keys = ON")
    made.execute("PRAGMA temp_store = MEMORY")
    made.execute("PRAGMA cache_size = -65536")  # 64 MB
    made.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    # Written once more and synced: what a killed program had not synced, or a failed sync left looking clean, must
    # not be believed and then be taken back by a power cut.
    made.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return made


def _reader(path: Path | str, opened: list[sqlite3.Connection]) -> sqlite3.Connection:
    made: Any = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=5.0)
    opened.append(made)
    made.execute("PRAGMA query_only = 1")
    return cast(sqlite3.Connection, made)
