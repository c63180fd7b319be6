"""The line worker: questions to the exchange are asked in a thread, answers come back as events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from core.effects import LineEffect
from core.events import Event, Unanswered

ASKED_MAX = 8  # one customer has at most one or two questions open; the rest is the outbox
JOIN_S = 3.0


class Line(Protocol):
    """What asks the exchange: blocks at most its own deadline and always answers (`sync.exchange_http`)."""

    def perform(self, effect: LineEffect) -> Event: ...

    def close(self) -> None:
        """From any thread: what is being asked and every wait end now."""
        ...

    def let_go(self) -> None:
        """From the worker's thread, once it asks nothing more."""
        ...


class LineWorker:
    """One thread, so that questions of one ticket are asked in the order they were wanted."""

    def __init__(self, line: Line, emit: Callable[[Event], None], prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is done first, in the thread: what the first question should not have to wait for."""
        self._line = line
        self._prepare = prepare
        self._emit = emit
        self._asked: queue.Queue[LineEffect | None] = queue.Queue(ASKED_MAX)
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="line", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask(self, effect: LineEffect) -> None:
        try:
            self._asked.put_nowait(effect)
        except queue.Full:
            self._emit(Unanswered(effect.key, "TM-DEV-004"))

    def stop(self) -> None:
        """What was not answered is in doubt, and stays so in the journal."""
        self._stopping = True
        self._line.close()
        with suppress(queue.Full):  # then it wakes up by itself
            self._asked.put_nowait(None)
        self._thread.join(JOIN_S)

    def _work(self) -> None:
        self._prepare()
        while (effect := self._asked.get()) is not None and not self._stopping:
            self._emit(self._line.perform(effect))
        self._line.let_go()
