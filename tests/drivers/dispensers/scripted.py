"""A far end that says exactly what a test wrote down, for replies no sound machine gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from core.wire.puloon_frames import ACK
from core.wire.serial_frames import Acked, Broken, Ended, Line, Nacked, Noise, Reader
from sim.peers.cash_box import CashBox

A = TypeVar("A")


class Scripted(Generic[A]):
    """`answer` gives for each command what is said at once, or () to stay silent; by default ACK goes before it."""

    def __init__(self, reader: Reader[A], answer: Callable[[A], Iterable[bytes]], *, ack: bool = True) -> None:
        self.box = CashBox({})
        self.faults: tuple[str, ...] = ()
        self.asked: list[A] = []
        self._reader = reader
        self._answer = answer
        self._ack = ack
        self._out: list[bytes] = []

    def fault(self, name: str, after: int = 0) -> None:
        raise KeyError(name)

    def heal(self) -> None: ...

    def power(self, on: bool, now_ms: int) -> None: ...

    def hear(self, message: bytes, now_ms: int) -> None:
        for event in self._reader.feed(message):
            self._hear(event)

    def _hear(self, event: A | Line) -> None:
        if isinstance(event, Acked | Nacked | Ended | Noise | Broken):
            return
        self.asked.append(event)
        replies = tuple(self._answer(event))
        if replies and self._ack:
            self._out.append(bytes([ACK]))
        self._out.extend(replies)

    def turn(self, now_ms: int) -> None: ...

    def say(self) -> tuple[bytes, ...]:
        out = tuple(self._out)
        self._out.clear()
        return out

    def wakes_at(self) -> int | None:
        return None
