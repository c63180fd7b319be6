"""Readers: a small pool of connections, each read on a snapshot of its own that no commit disturbs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from queue import Empty, LifoQueue
from typing import TypeVar

from backend.refused import Refused
from backend.store.unit import Unit
from core.faults.money import STORE_BUSY, STORE_CLOSED

T = TypeVar("T")
WAIT_S = 5.0  # a read takes well under a millisecond; whoever waits this long is behind a stuck one


class Readers:
    """`connections` are opened by the store, query-only, and closed here."""

    def __init__(self, connections: list[sqlite3.Connection]) -> None:
        # Last in, first out: the connection used last has the warmest cache.
        self._free: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._count = len(connections)
        self._closed = False
        for connection in connections:
            self._free.put(connection)

    def read(self, work: Callable[[Unit], T]) -> T:
        """Run `work` on one snapshot. Raises `Refused` when every reader stays busy, or after closing."""
        if self._closed:
            raise Refused.by(STORE_CLOSED, status=503, retryable=True)
        try:
            connection = self._free.get(timeout=WAIT_S)
        except Empty:
            raise Refused.by(STORE_BUSY, f"{self._count} readers busy", status=503, retryable=True) from None
        try:
            connection.execute("BEGIN")
            try:
                return work(Unit(connection))
            finally:
                connection.execute("ROLLBACK")
        finally:
            self._free.put(connection)

    def close(self) -> None:
        """Wait for each reader to come back and close it."""
        self._closed = True
        for _ in range(self._count):
            self._free.get().close()
