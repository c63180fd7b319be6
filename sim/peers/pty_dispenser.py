"""A simulated cash machine on a pseudo-terminal, so that a real driver opens it as it would a serial port.

    with DispenserOnPty(Lcdm30Peer(CashBox({1: (10_000, 500)})), speed=5) as machine:
        machine.port  # "/dev/pts/7"

One thread owns the peer. Others reach it through `do`, which waits until the thread has done it.
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Callable
from queue import Empty, Queue
from types import TracebackType
from typing import Final, TypeVar

from sim.peers.dispenser import Peer

READ_MAX: Final = 4096
NAP_S: Final = 0.25  # the longest wait: a wish from outside wakes it at once anyway
DO_S: Final = 10.0
WISHES_MAX: Final = 64  # hands that wait at one machine

T = TypeVar("T")


class DispenserOnPty:
    """`speed` how many of the machine's seconds pass in one of ours."""

    def __init__(self, peer: Peer, speed: float = 1.0) -> None:
        self._peer = peer
        self._speed = speed
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._ours)
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.port = os.ttyname(self._theirs)
        self._wake_read, self._wake_write = os.pipe()
        self._wishes: Queue[Callable[[Peer, int], None]] = Queue(WISHES_MAX)
        self._closed = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="dispenser-pty", daemon=True)
        self._thread.start()

    def do(self, wish: Callable[[Peer, int], T]) -> T:
        """`wish(peer, now_ms)` in the machine's own thread: a fault, the power, a look at its notes."""
        done: Queue[T] = Queue(1)
        self._wishes.put(lambda peer, now_ms: done.put(wish(peer, now_ms)), timeout=DO_S)
        os.write(self._wake_write, b".")
        return done.get(timeout=DO_S)

    def close(self) -> None:
        """Pull the cable out; whoever has the port open gets errors."""
        if self._closed.is_set():
            return
        self._closed.set()
        os.write(self._wake_write, b".")
        self._thread.join(DO_S)
        for end in (self._ours, self._theirs, self._wake_read, self._wake_write):
            os.close(end)

    def __enter__(self) -> DispenserOnPty:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # -- the thread --------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int((time.monotonic() - self._began) * 1000 * self._speed)

    def _run(self) -> None:
        while not self._closed.is_set():
            ready, _, _ = select.select([self._ours, self._wake_read], [], [], self._nap_s())
            if self._wake_read in ready:
                os.read(self._wake_read, READ_MAX)
            now = self._now()
            self._wish(now)
            self._peer.turn(now)
            if self._ours in ready:
                self._hear(now)
            for message in self._peer.say():
                self._send(message)

    def _nap_s(self) -> float:
        at = self._peer.wakes_at()
        return NAP_S if at is None else min(NAP_S, max(0.0, (at - self._now()) / 1000 / self._speed))

    def _wish(self, now_ms: int) -> None:
        while True:
            try:
                wish = self._wishes.get_nowait()
            except Empty:
                return
            wish(self._peer, now_ms)

    def _hear(self, now_ms: int) -> None:
        try:
            data = os.read(self._ours, READ_MAX)
        except BlockingIOError:
            return
        if data:
            self._peer.hear(data, now_ms)

    def _send(self, message: bytes) -> None:
        try:
            os.write(self._ours, message)
        except BlockingIOError:
            # Nobody has read for 4 KB: as on a real line, it is lost.
            return
