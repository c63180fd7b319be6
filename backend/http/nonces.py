"""Nonces: a signature is good once, also across a restart of the server.

Memory answers; the store remembers. What is pending is written by one work put into the store's queue *before* the
work of the request it belongs to, and the queue keeps its order: no effect of a request is durable whose nonce is not.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from backend.http.signatures import WINDOW_S
from backend.refused import Refused
from backend.store import Migration, Store, Unit
from core.faults.http import BUSY

KEPT_MAX: Final = 500_000  # two minutes at 4,000 requests a second; beyond it we refuse instead of forgetting

MIGRATIONS: Final = (
    Migration(
        "http",
        1,
        """CREATE TABLE http_nonce(
  created INTEGER NOT NULL, keyid TEXT NOT NULL, nonce TEXT NOT NULL, PRIMARY KEY(created, keyid, nonce)
) STRICT, WITHOUT ROWID;
""",
    ),
)


class Nonces:
    """Which signatures were seen. `take` is called from the event loop, the writing from the store's thread."""

    def __init__(self, store: Store, now_s: int) -> None:
        self._store = store
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[int, tuple[str, str]]] = deque()
        self._pending: list[tuple[int, str, str]] = []
        self._lock = threading.Lock()
        self._queued = False
        self._pruned_s = 0
        oldest = now_s - WINDOW_S
        for created, keyid, nonce in store.read(lambda unit: unit.all("SELECT created, keyid, nonce FROM http_nonce")):
            if created >= oldest:
                self._seen.add((keyid, nonce))
                self._order.append((now_s, (keyid, nonce)))

    def take(self, keyid: str, nonce: str, created: int, now_s: int) -> bool:
        """True the first time. Called only for a signature that was verified, so strangers fill nothing."""
        self._forget(now_s)
        one = (keyid, nonce)
        if one in self._seen:
            return False
        if len(self._seen) >= KEPT_MAX:
            raise Refused.by(BUSY, "too many signatures within their window", status=503, retryable=True)
        self._seen.add(one)
        self._order.append((now_s, one))
        with self._lock:
            self._pending.append((created, keyid, nonce))
            first, self._queued = not self._queued, True
        if first:
            self._store.submit(lambda unit: self._write(unit, now_s))
        return True

    def _write(self, unit: Unit, now_s: int) -> None:
        with self._lock:
            rows, self._pending, self._queued = self._pending, [], False
        unit.many("INSERT OR IGNORE INTO http_nonce VALUES(?, ?, ?)", rows)
        if now_s - self._pruned_s >= WINDOW_S:
            self._pruned_s = now_s
            unit.run("DELETE FROM http_nonce WHERE created < ?", (now_s - 2 * WINDOW_S,))

    def _forget(self, now_s: int) -> None:
        """`created` may lie a window ahead of us and stays good for a window after: two windows after arrival."""
        while self._order and self._order[0][0] < now_s - 2 * WINDOW_S - 1:
            self._seen.discard(self._order.popleft()[1])
