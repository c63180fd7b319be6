"""The outbox: what the exchange must still hear of ended tickets, sent again and again until it answers.

Its content is `Journal.owed()` and nothing else, so it survives every restart; here lies only *when* each entry is
due. `Outbox` decides, without clock, thread or line; `OutboxWorker` is the thread that asks. An answer goes back to
the loop as an event, the loop marks the effect done in the journal, and with the next `keep` the entry is gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from core.effects import KeyedEffect, LineEffect
from core.events import Event, Unanswered
from core.ports import Clock, Log

ENTRIES_MAX: Final = 1_000  # three days of a busy counter with no line; the journal keeps room for as many done marks
FIRST_WAIT_MS: Final = 1_000
LONGEST_WAIT_MS: Final = 60_000  # so that a line that is back is noticed within two minutes, whatever the chance
RECORDED_WITHIN_MS: Final = 60_000  # an answer the loop has not written down by then is asked for again
JOIN_S: Final = 20.0  # one question's deadline


@dataclass(slots=True)
class _Entry:
    effect: LineEffect
    since_ms: int
    due_ms: int
    attempts: int = 0
    answered: bool = False


@dataclass(frozen=True, slots=True)
class OutboxState:
    """`waiting` entries not yet answered; `oldest_ms` how long the oldest waits (since this start, monotonic)."""

    waiting: int
    oldest_ms: int
    failures: int
    full: bool


class Outbox:
    """Which entry is due. All times are monotonic milliseconds."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._entries: dict[str, _Entry] = {}
        self._failures = 0
        self._quiet_until_ms = 0

    def keep(self, owed: Iterable[KeyedEffect], now_ms: int) -> None:
        """Hold exactly what the journal says is owed. New entries are due at once."""
        wanted = {effect.key: effect for effect in owed if isinstance(effect, LineEffect)}
        kept = {key: entry for key, entry in self._entries.items() if key in wanted}
        self._entries = {key: kept.get(key) or _Entry(effect, now_ms, now_ms) for key, effect in wanted.items()}

    def next_due(self, now_ms: int) -> LineEffect | None:
        """The entry to send now, the longest due first. After a failure everybody waits: the line is probably down."""
        if now_ms < self._quiet_until_ms:
            return None
        due = [entry for entry in self._entries.values() if entry.due_ms <= now_ms]
        return min(due, key=lambda entry: entry.due_ms).effect if due else None

    def wait_ms(self, now_ms: int) -> int | None:
        """How long until something may be due; None when there is nothing to wait for."""
        if not self._entries:
            return None
        return max(self._quiet_until_ms, min(entry.due_ms for entry in self._entries.values()), now_ms) - now_ms

    def sent(self, key: str, now_ms: int) -> None:
        """The far side answered. The journal will say so soon; until then the entry rests."""
        self._failures, self._quiet_until_ms = 0, 0
        if entry := self._entries.get(key):
            entry.answered, entry.attempts, entry.due_ms = True, 0, now_ms + RECORDED_WITHIN_MS

    def failed(self, key: str, now_ms: int) -> None:
        """No answer: twice as long until the next try, half of it by chance, so that a fleet does not knock as one."""
        self._failures += 1
        self._quiet_until_ms = now_ms + self._backoff_ms(self._failures)
        if entry := self._entries.get(key):
            entry.attempts += 1
            entry.due_ms = now_ms + self._backoff_ms(entry.attempts)

    def state(self, now_ms: int) -> OutboxState:
        waiting = [entry.since_ms for entry in self._entries.values() if not entry.answered]
        oldest_ms = now_ms - min(waiting, default=now_ms)
        return OutboxState(len(waiting), oldest_ms, self._failures, len(waiting) >= ENTRIES_MAX)

    def _backoff_ms(self, failures: int) -> int:
        whole_ms = min(FIRST_WAIT_MS << min(failures - 1, 10), LONGEST_WAIT_MS)
        return int(whole_ms * (0.5 + self._jitter() / 2))


class Asks(Protocol):
    """What the worker needs of `sync.exchange_http.Line`."""

    def perform(self, effect: LineEffect) -> Event: ...

    def close(self) -> None: ...

    def let_go(self) -> None: ...


class OutboxWorker:
    """The thread that empties the outbox. It has a line of its own, so that no customer waits behind it."""

    def __init__(
        self, line: Asks, clock: Clock, emit: Callable[[Event], None], jitter: Callable[[], float], log: Log
    ) -> None:
        self._line = line
        self._clock = clock
        self._emit = emit
        self._log = log
        self._outbox = Outbox(jitter)
        self._changed = threading.Condition()
        self._stopping = False
        self._was_full = False
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def keep(self, owed: Iterable[KeyedEffect]) -> OutboxState:
        """Hold exactly what the journal says is owed (`Journal.owed()`); call it whenever a ticket or an entry ends."""
        with self._changed:
            self._outbox.keep(owed, self._clock.monotonic_ms())
            self._changed.notify()
        state = self.state()
        if state.full != self._was_full:
            self._was_full = state.full
            self._log.warning("outbox_full" if state.full else "outbox_has_room", code="TM-LINE-010")
        return state

    def state(self) -> OutboxState:
        with self._changed:
            return self._outbox.state(self._clock.monotonic_ms())

    def stop(self) -> None:
        """End the thread; what was not answered stays in the journal."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._line.close()
        self._thread.join(JOIN_S)

    def _work(self) -> None:
        while (effect := self._next()) is not None:
            event = self._line.perform(effect)
            with self._changed:
                now_ms = self._clock.monotonic_ms()
                if isinstance(event, Unanswered):
                    self._outbox.failed(effect.key, now_ms)
                else:
                    self._outbox.sent(effect.key, now_ms)
            if not isinstance(event, Unanswered):
                self._log.info("outbox_delivered", key=effect.key, answer=type(event).__name__)
                self._emit(event)
        self._line.let_go()

    def _next(self) -> LineEffect | None:
        """Waits for the next entry that is due; None when the worker is to stop."""
        with self._changed:
            while not self._stopping:
                now_ms = self._clock.monotonic_ms()
                effect = self._outbox.next_due(now_ms)
                if effect is not None:
                    return effect
                wait_ms = self._outbox.wait_ms(now_ms)
                self._changed.wait(None if wait_ms is None else max(wait_ms, 1) / 1000)
            return None
