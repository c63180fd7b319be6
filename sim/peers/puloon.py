"""The far end both Puloon dialects share: the exchange of frames, the power, and everything a cable or a hand can do.

A dialect says which frames it understands and what they make the mechanics do (`sim.peers.note_feeder`). Times are
those of real machines, with a little left to spare before the host's limits.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from core.wire.puloon_frames import ACK, EOT, NAK
from core.wire.serial_frames import Acked, Broken, Ended, Line, Nacked, Noise, Reader
from sim.peers.cash_box import CashBox, Spot
from sim.peers.note_feeder import Effect, Feeder, Movement, Trouble

A = TypeVar("A")
REPLIES_MAX: Final = 3  # [S] a reply is sent three times at most
FRAME_MS: Final = 200  # [S] what is not whole by then is no frame
LATE_MS: Final = 75_000  # later than any host waits

CABLE: Final = (
    "swallow_ack", "nak_first", "nak_always", "corrupt_reply", "corrupt_replies", "lose_reply", "lose_replies",
    "duplicate_reply", "late_reply", "stray_bytes", "silent",
)  # fmt: skip
HANDS: Final = ("tray_out", "cassette_out", "low", "note_at_exit", "note_on_path")
MECHANICS: Final[Mapping[str, tuple[Effect, str]]] = {
    "empty": (Effect.EMPTY, ""),
    "double_pick": (Effect.DOUBLE_PICK, ""),
    "hang": (Effect.HANG, ""),
    "power_cut": (Effect.POWER, ""),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the machine is. Seven notes a second; a reply follows when the motor stands."""

    note_ms: int = 140
    start_ms: int = 250
    ack_ms: int = 10
    reply_ms: int = 30
    purge_ms: int = 1_800
    repeat_ms: int = 1_000  # before a reply that nobody acknowledged is sent again


PACE: Final = Pace()


class PuloonPeer(ABC, Generic[A]):
    """A `sim.peers.dispenser.Peer`."""

    def __init__(self, box: CashBox, reader: Callable[[], Reader[A]], good: int, pace: Pace) -> None:
        self.box = box
        self.pace = pace
        self._new_reader = reader
        self._reader = reader()
        self._out: list[bytes] = []
        self._agenda: list[tuple[int, int, Callable[[int], None]]] = []
        self._numbers = 0
        self._now = 0
        self._heard_at = 0
        self._powered, self._dead, self._busy = True, False, False
        self._reply: bytes | None = None
        self._replies = 0
        self._trouble: tuple[Trouble, int] | None = None
        self._cable: dict[str, int] = {}  # armed for the next movement
        self._this: dict[str, int] = {}  # for the movement that is running
        self._purge_fails = False
        self.tray = True
        self.out: set[int] = set()  # places without a cassette
        self.low: set[int] = set()
        self._exit_seen = False
        self._feeder = Feeder(box, good, self._empty_code, self._delivered, self._rejected, self._cut)

    # -- what a dialect says -----------------------------------------------------------------------------

    @abstractmethod
    def _troubles(self) -> Mapping[str, Trouble]:
        """Every code of the dialect's table, by name."""

    @abstractmethod
    def _obey(self, asked: A) -> None:
        """A whole command arrived while nothing was running."""

    @abstractmethod
    def _moves(self, asked: A) -> bool: ...

    @abstractmethod
    def _empty_code(self, place: int) -> int: ...

    def _delivered(self) -> None:
        """One note left."""

    def _rejected(self, reason: int) -> None:
        """One note went to the reject bin."""

    def _acknowledged(self) -> None:
        """Our reply was acknowledged."""

    def _forget(self) -> None:
        """The power went."""

    # -- the peer ----------------------------------------------------------------------------------------

    @property
    def faults(self) -> Iterable[str]:
        return (*self._troubles(), *MECHANICS, *HANDS, *CABLE)

    def fault(self, name: str, after: int = 0) -> None:
        """A fault of the cable strikes at the next movement; `nak_first` refuses `after` + 1 sendings."""
        match name:
            case "purge":  # both tables have it
                self._purge_fails = True
            case "silent":
                self._dead = True
            case "tray_out":
                self.tray = False
            case "cassette_out":
                self.out.add(1)
            case "low":
                self.low.add(1)
            case "note_at_exit":
                if (note := self.box.pick(min(self.box.faces))) is not None:
                    note.spot = Spot.EXIT
                    self._exit_seen = True
            case "note_on_path":
                self.box.pick(min(self.box.faces))
                self._feeder.sensor = ""
            case cable if cable in CABLE:
                self._cable[cable] = after
            case mechanics if mechanics in MECHANICS:
                effect, sensor = MECHANICS[mechanics]
                self._trouble = Trouble(effect, 0, sensor), after
            case _:
                self._trouble = self._troubles()[name], after

    def heal(self) -> None:
        self.tray, self._dead, self._purge_fails, self._exit_seen = True, False, False, False
        self.out.clear()
        self.low.clear()
        self._cable.clear()
        self._this.clear()
        self._trouble = None
        self.box.remove(Spot.PATH)
        self.box.remove(Spot.REJECT)
        self._feeder.sensor = ""
        if self._busy:  # it hangs: a technician switches it off and on
            self.power(False, self._now)
        self.power(True, self._now)

    def power(self, on: bool, now_ms: int) -> None:
        self._now = now_ms
        if on and not self._powered:
            self._reader = self._new_reader()
        if not on and self._powered:
            self._forget()
        if not on or not self._powered:
            self._agenda.clear()
            self._out.clear()
            self._reply, self._busy = None, False
            self._this.clear()
            self._feeder.abandon()
        self._powered = on

    @property
    def powered(self) -> bool:
        return self._powered

    def hear(self, message: bytes, now_ms: int) -> None:
        self.turn(now_ms)
        if not self._powered or self._dead:
            return
        if now_ms - self._heard_at > FRAME_MS:
            self._reader.quiet()
        self._heard_at = now_ms
        for event in self._reader.feed(message):
            self._event(event)

    def turn(self, now_ms: int) -> None:
        while self._agenda and self._agenda[0][0] <= now_ms:
            at, _, act = heapq.heappop(self._agenda)
            self._now = max(self._now, at)
            act(at)
        self._now = max(self._now, now_ms)

    def say(self) -> tuple[bytes, ...]:
        out = tuple(self._out)
        self._out.clear()
        return out

    def wakes_at(self) -> int | None:
        return self._agenda[0][0] if self._agenda else None

    # -- the exchange ------------------------------------------------------------------------------------

    def _event(self, event: A | Line) -> None:
        match event:
            case Acked():
                if self._reply is not None:
                    self._reply = None
                    self._acknowledged()
            case Nacked():
                self._send_reply()
            case Broken(reason="checksum"):
                if not self._busy:
                    self._later(self.pace.ack_ms, lambda at: self._out.append(bytes([NAK])))
            case Noise() | Broken() | Ended():
                pass
            case asked:
                if not self._busy:
                    self._command(asked)

    def _command(self, asked: A) -> None:
        self._reply = None
        moves = self._moves(asked)
        if moves:
            if "nak_always" in self._cable or self._cable.get("nak_first", -1) >= 0:
                if "nak_first" in self._cable:
                    self._cable["nak_first"] -= 1
                self._later(self.pace.ack_ms, lambda at: self._out.append(bytes([NAK])))
                return
            self._this, self._cable = self._cable, {}
        if not (moves and "swallow_ack" in self._this):
            self._later(self.pace.ack_ms, lambda at: self._out.append(bytes([ACK])))
        self._busy = True
        self._obey(asked)

    def _answer(self, frame: bytes, moved: bool = False) -> None:
        """The command is done: its reply, as the cable lets it through."""
        if "stray_bytes" in self._this:
            self._out.append(b"\xff\xff")
        delay = LATE_MS if moved and "late_reply" in self._this else self.pace.reply_ms
        self._later(delay, lambda at: self._first_reply(frame, moved))

    def _first_reply(self, frame: bytes, moved: bool) -> None:
        self._busy = False
        if not moved:
            self._this = {}  # the cable's troubles are about a movement's reply
        self._reply, self._replies = frame, 0
        self._send_reply()

    def _send_reply(self) -> None:
        frame = self._reply
        if frame is None or self._replies >= REPLIES_MAX:
            return
        self._replies += 1
        first = self._replies == 1
        lost = "lose_replies" in self._this or (first and "lose_reply" in self._this)
        if "corrupt_replies" in self._this or (first and "corrupt_reply" in self._this):
            frame = frame[:4] + bytes([frame[4] ^ 0x40]) + frame[5:]
        if not lost:
            self._out.append(frame)
            if first and "duplicate_reply" in self._this:
                self._out.append(frame)
        number = self._replies
        self._later(self.pace.repeat_ms, lambda at: self._unheard(frame, number))

    def _unheard(self, frame: bytes, number: int) -> None:
        if self._reply is not None and self._replies == number:
            self._send_reply()

    # -- movements ---------------------------------------------------------------------------------------

    def _move(self, asked: Mapping[int, int], done: Callable[[Movement, int], None], *, test: bool = False) -> None:
        movement: Movement = self._feeder.begin(asked, lambda error: done(movement, error), test=test)
        if self._trouble is not None:
            (movement.trouble, movement.after), self._trouble = self._trouble, None
            if movement.trouble.effect is Effect.REFUSE:
                movement.after = 0
        self._later(self.pace.start_ms, self._step)

    def _step(self, at: int) -> None:
        if self._feeder.step():
            self._later(self.pace.note_ms // 2, self._step)

    def _clear_path(self) -> bool:
        """PURGE: what lies on the path goes to the reject bin."""
        fails, self._purge_fails = self._purge_fails or not self.tray, False
        if not fails:
            self.box.move(Spot.PATH, Spot.REJECT)
            self._feeder.sensor = ""
        return not fails

    def _cut(self) -> None:
        self.power(False, self._now)

    def blocked(self, unknown: str) -> tuple[str, ...]:
        """The sensors a note lies at; `unknown` where the last one on the path did not say."""
        seen = [self._feeder.sensor or unknown] if self.box.count(Spot.PATH) and not self._busy else []
        if self._exit_seen and self.box.count(Spot.EXIT):
            seen.append("EXIT")
        return tuple(seen)

    def _later(self, after_ms: int, act: Callable[[int], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._agenda, (self._now + after_ms, self._numbers, act))

    def _say_eot(self) -> None:
        self._later(1, lambda at: self._out.append(bytes([EOT])))
