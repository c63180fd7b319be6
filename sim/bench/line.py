"""The line of a simulated terminal: the product's own `Line` and outbox, with a network made of fate.

`Line.perform` blocks its worker for some seconds. Here it is asked at one moment and reckons with a clock that runs
ahead; its answer reaches the loop when that clock says so. What the exchange does, it does at the first moment: a
question that is slow on its way is one whose answer is slow.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from backend.refused import Refused
from core.effects import LineEffect
from core.events import Event, Unanswered
from core.messages import Problem
from core.moment import Moment
from sim.bench.clock import Trace, VirtualClock
from sim.bench.crash import Life
from sim.bench.fate import Fate
from sync.device_clock import DeviceClock
from sync.exchange_http import Line
from sync.exchange_routes import Servers
from sync.http_ask import NO_ANSWER, NO_CONNECTION, Ask, Deadline, NoReply, Reply, Said
from sync.outbox import Outbox

SERVERS: Final = Servers("http://exchange", "http://agency")
TRIP_MS: Final = 12
WAITING_MAX: Final = 32  # questions a terminal can have in hand at once; more is a loop that asks without end


class AheadClock:
    """The terminal's own clock, and how far its line is ahead of it while it waits for answers."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.ahead_ms = 0

    def now(self) -> Moment:
        return self._clock.now().plus(self.ahead_ms)

    def monotonic_ms(self) -> int:
        return self._clock.now_ms + self.ahead_ms


class _Rest:
    """What `Line` waits on between two attempts: time goes by on its own clock."""

    def __init__(self, clock: AheadClock) -> None:
        self._clock = clock

    def is_set(self) -> bool:
        return False

    def set(self) -> None: ...

    def wait(self, seconds: float) -> bool:
        self._clock.ahead_ms += int(seconds * 1000)
        return False


class Quiet:
    """A log nobody reads."""

    def info(self, event: str, **fields: object) -> None: ...

    warning = error = info


class Network:
    """Asks the exchange, if the question gets there and the answer back. `reach` raises `Refused`, or gives the data;
    None when nobody is there. It stands where `sync.http_ask.Asker` stands."""

    def __init__(
        self,
        clock: AheadClock,
        device_clock: DeviceClock,
        fate: Fate,
        below: Callable[[str, int], int],
        reach: Callable[[Ask], tuple[object] | None],
        later: Callable[[int, Ask], None],
        down: Callable[[], bool],
    ) -> None:
        self._clock, self._device_clock, self._fate, self._below = clock, device_clock, fate, below
        self._reach, self._later, self._down = reach, later, down

    def ask(self, ask: Ask, deadline: Deadline) -> Reply | Said | NoReply:
        fate, read_ms = self._fate, min(deadline.read_ms, deadline.total_ms)
        if self._down():
            self._clock.ahead_ms += 20
            return NoReply(NO_CONNECTION, sent=False)
        trip_ms = TRIP_MS
        if fate.strikes("slow_line"):
            trip_ms += (1 + self._below("slow_line.ms", 20)) * 700
        if fate.strikes("lost_question"):
            if fate.strikes("late_copy", ".lost"):  # not lost, only late
                self._later((1 + self._below("late_copy.lost.s", 300)) * 1000, ask)
            self._clock.ahead_ms += read_ms
            return NoReply(NO_ANSWER, sent=True)
        try:
            found = self._reach(ask)
            said: Reply | Said | None = None if found is None else Reply(found[0], ask.key)
        except Refused as refused:
            said = Said(_problem(refused), 0)
        if fate.strikes("late_copy"):
            self._later((1 + self._below("late_copy.s", 300)) * 1000, ask)
        if said is None or trip_ms >= read_ms or fate.strikes("lost_answer"):
            self._clock.ahead_ms += read_ms
            return NoReply(NO_ANSWER, sent=True)
        self._clock.ahead_ms += trip_ms
        return said

    def cut(self) -> None: ...

    def close(self) -> None: ...


def _problem(refused: Refused) -> Problem:
    return Problem("about:blank", "", refused.status, refused.code, refused.refusal.detail, refused.retryable)


class Wire:
    """Both workers of the terminal, the line's and the outbox's. `emit` gives an event to the loop's inbox."""

    def __init__(
        self,
        life: Life,
        clock: VirtualClock,
        trace: Trace,
        ahead: AheadClock,
        line: Line,
        emit: Callable[[Event], None],
    ) -> None:
        self._life, self._clock, self._trace, self._ahead, self._line = life, clock, trace, ahead, line
        self._emit = emit
        self._waiting: deque[LineEffect] = deque()
        self._asking = False
        self.outbox = Outbox(lambda: 0.5)
        self._sending = False

    def ask(self, effect: LineEffect) -> None:
        """`device.dispatch.Asks`."""
        self._life.check()
        assert len(self._waiting) < WAITING_MAX, "L3: the line's queue grows without end"
        self._waiting.append(effect)
        if not self._asking:
            self._asking = True
            self._clock.after(0, self._next)

    def look(self) -> None:
        """Something may be owed: the outbox is asked when it is due."""
        if self._sending:
            return
        wait_ms = self.outbox.wait_ms(self._clock.now_ms)
        if wait_ms is not None:
            self._sending = True
            self._clock.after(max(wait_ms, 1), self._send)

    def _next(self) -> None:
        if self._life.over:
            return
        if not self._waiting:
            self._asking = False
            return
        event, took_ms = self.perform(self._waiting.popleft())

        def arrive() -> None:
            if not self._life.over:
                self._emit(event)
                self._next()

        self._clock.after(took_ms, arrive)

    def _send(self) -> None:
        self._sending = False
        if self._life.over:
            return
        effect = self.outbox.next_due(self._clock.now_ms)
        if effect is None:
            self.look()
            return
        self._sending = True
        event, took_ms = self.perform(effect)

        def arrive() -> None:
            if self._life.over:
                return
            self._sending = False
            if isinstance(event, Unanswered):
                self.outbox.failed(effect.key, self._clock.now_ms)
            else:
                self.outbox.sent(effect.key, self._clock.now_ms)
                self._emit(event)
            self.look()

        self._clock.after(took_ms, arrive)

    def perform(self, effect: LineEffect) -> tuple[Event, int]:
        """The answer, and how long it took."""
        self._ahead.ahead_ms = 0
        event = self._line.perform(effect)
        took_ms, self._ahead.ahead_ms = self._ahead.ahead_ms, 0
        key = getattr(effect, "key", "")
        self._trace.tell("line", type(effect).__name__, f"{key} {type(event).__name__} {getattr(event, 'code', '')}")
        return event, took_ms


def line_of(network: Network, device_clock: DeviceClock, ahead: AheadClock) -> Line:
    """The product's line over this network."""
    asker: Any = network
    line = Line(SERVERS, asker, device_clock, lambda: 0.5, Quiet())
    rest: Any = _Rest(ahead)
    line._closing = rest
    return line


def path_of(ask: Ask) -> str:
    return urlsplit(ask.url).path


def plain_of(ask: Ask) -> object:
    return json.loads(ask.body) if ask.body else None
