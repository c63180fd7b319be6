"""One command at a time on a Puloon cable: command, ACK, reply, ACK. Without a port and without a clock.

The rules that keep money safe: a command that moves notes is sent again only after a NAK, believed only on a clean line
and only while an acknowledgement may still come; a missing acknowledgement is no NAK. A reply that cannot be read is
asked for again by NAK, three times at most. A reply to something else is late: acknowledged, so that the device stops
repeating it, and not believed. Source: LCDM-1000 interface specification V3.3, "Protocol".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from core.wire.puloon_frames import ACK, NAK
from core.wire.serial_frames import Acked, Broken, Ended, Line, Nacked, Noise, Reader

SENDINGS_MAX: Final = 3  # [S] three tries each way
COMPLAINTS_MAX: Final = 3  # [S] the device repeats its reply three times at most
QUIET_MS: Final = 200  # [S] one frame takes at most 200 ms: what is not whole by then is no frame
REPEAT_MS: Final = 2_000  # a repeated reply starts at once and takes 30 ms; the device may pause before it

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Wire(Generic[A, R]):
    """One dialect: its codec and what is not an answer to anything. `eot_ms`: how long an EOT may end an exchange."""

    reader: Callable[[], Reader[R]]
    encode: Callable[[A], bytes]
    implausible: Callable[[R, A], str | None]
    is_item: Callable[[R | Line], bool]
    eot_ms: int


@dataclass(frozen=True, slots=True)
class Exchange(Generic[A]):
    """`moves` notes may move: never sent again but after NAK. `reply_ms` from the acknowledgement on."""

    asked: A
    reply_ms: int
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Replied(Generic[R]):
    reply: R


@dataclass(frozen=True, slots=True)
class Over(Generic[R]):
    """The reply says that more left than was asked for."""

    reply: R


@dataclass(frozen=True, slots=True)
class Refused:
    """Every sending was answered by NAK: the device has done nothing with it."""


@dataclass(frozen=True, slots=True)
class Silent:
    """No reply came whole. `heard`: something was heard that could not be read."""

    heard: bool


Outcome = Replied[R] | Over[R] | Refused | Silent


class PuloonLine(Generic[A, R]):
    """`ask`, then pump bytes and time until `outcome` is there."""

    def __init__(self, wire: Wire[A, R], ack_ms: int) -> None:
        self._wire = wire
        self._ack_ms = ack_ms
        self._reader = wire.reader()
        self._out: list[bytes] = []
        self._items: list[R] = []
        self._open: Exchange[A] | None = None
        self._outcome: Outcome[R] | None = None
        self._unsent = False
        self._acked = self._ack_lapsed = self._spoilt = self._any_spoilt = False
        self._sendings = self._denials = self._complaints = 0
        self._sent_at = self._until = self._rest_until = 0
        self._heard_at: int | None = None

    def ask(self, exchange: Exchange[A], now_ms: int) -> None:
        self._open, self._outcome = exchange, None
        self._spoilt = self._any_spoilt = False
        self._sendings = self._denials = self._complaints = 0
        self._unsent = True
        self._send_when_quiet(now_ms)

    def drop(self) -> None:
        """Forget the conversation: the cable is new, or the order is over."""
        self._open = self._outcome = self._heard_at = None
        self._unsent = self._spoilt = False
        self._rest_until = 0
        self._out.clear()
        self._reader.quiet()

    def outcome(self) -> Outcome[R] | None:
        """Taken once."""
        outcome, self._outcome = self._outcome, None
        return outcome

    def items(self) -> tuple[R, ...]:
        """What the device said unasked; taken once."""
        items = tuple(self._items)
        self._items.clear()
        return items

    def say(self) -> tuple[bytes, ...]:
        out = tuple(self._out)
        self._out.clear()
        return out

    def wakes_at(self) -> int | None:
        times = []
        if self._open:
            times.append(self._rest_until if self._unsent else self._until)
        if self._heard_at is not None and (self._spoilt or self._reader.waiting):
            times.append(self._heard_at + QUIET_MS)
        return min(times, default=None)

    # -- what is heard -----------------------------------------------------------------------------------

    def hear(self, data: bytes, now_ms: int) -> None:
        self._pause(now_ms)
        self._heard_at = now_ms
        for event in self._reader.feed(data):
            self._event(event, now_ms)

    def turn(self, now_ms: int) -> None:
        self._pause(now_ms)
        if not self._open:
            return
        if self._unsent:
            self._send_when_quiet(now_ms)
        elif now_ms >= self._until:
            self._lapsed(self._open, now_ms)

    def _event(self, event: R | Line, now_ms: int) -> None:
        match event:
            case Acked():
                if self._open and not self._unsent and not self._acked:
                    self._acked = True
                    self._until = now_ms + self._open.reply_ms
            case Nacked():
                if self._open and not self._unsent and not self._acked and now_ms <= self._sent_at + self._ack_ms:
                    self._denied(now_ms)
            case Ended():
                self._rest_until = now_ms
            case Noise() | Broken():
                self._spoilt = self._any_spoilt = True
            case _ if self._wire.is_item(event):
                self._items.append(event)
            case reply:
                self._replied(reply, now_ms)

    def _replied(self, reply: R, now_ms: int) -> None:
        self._out.append(bytes([ACK]))
        self._spoilt = False
        self._rest_until = now_ms + self._wire.eot_ms
        if not self._open or self._unsent:
            return
        match self._wire.implausible(reply, self._open.asked):
            case None:
                self._end(Replied(reply))
            case "more":
                self._end(Over(reply))
            case _:
                self._any_spoilt = True

    def _denied(self, now_ms: int) -> None:
        self._denials += 1
        if self._denials >= SENDINGS_MAX:
            self._end(Refused())
        else:
            self._send(now_ms)

    def _pause(self, now_ms: int) -> None:
        """After a pause inside a frame: complain about what could not be read."""
        if self._heard_at is None or now_ms < self._heard_at + QUIET_MS:
            return
        if self._reader.quiet():
            self._spoilt = self._any_spoilt = True
        self._heard_at = None
        if self._spoilt and self._open and not self._unsent and self._complaints < COMPLAINTS_MAX:
            self._complaints += 1
            self._out.append(bytes([NAK]))
            self._until = max(self._until, now_ms + REPEAT_MS)
        self._spoilt = False

    # -- what is said ------------------------------------------------------------------------------------

    def _send_when_quiet(self, now_ms: int) -> None:
        if now_ms >= self._rest_until:
            self._send(now_ms)

    def _send(self, now_ms: int) -> None:
        assert self._open
        self._unsent = self._acked = self._ack_lapsed = False
        self._sendings += 1
        self._sent_at = now_ms
        self._until = now_ms + self._ack_ms
        self._out.append(self._wire.encode(self._open.asked))

    def _lapsed(self, exchange: Exchange[A], now_ms: int) -> None:
        if exchange.moves and not self._acked and not self._ack_lapsed:
            # Only the acknowledgement may have been lost: the notes may be moving, and the reply may still come.
            self._ack_lapsed = True
            self._until = now_ms + exchange.reply_ms
        elif not exchange.moves and self._sendings < SENDINGS_MAX:
            self._send(now_ms)
        else:
            self._end(Silent(self._any_spoilt))

    def _end(self, outcome: Outcome[R]) -> None:
        self._open = None
        self._outcome = outcome
