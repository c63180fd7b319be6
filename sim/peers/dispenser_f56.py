"""A Fujitsu F53 or F56 on its cable: the far end of `drivers.dispenser_f56`, with a cable that can go wrong.

It takes one command, says nothing while it works, and then asks to send its reply: three times, 5 s apart. While it
works, or has a reply to send, it does not answer an ENQ of the host.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from core.wire.f56 import ACKED, ENQUIRY, NACKED, Block, Enquiry, Heard, block, reader
from core.wire.f56_blocks import decode, encode_reply
from core.wire.f56_messages import (
    AS_KNOWN,
    Answer,
    AskStatus,
    Count,
    Dialect,
    Enhanced,
    EnhancedAsk,
    Init,
    Undefined,
)
from core.wire.serial_frames import Acked, Broken, Line, Nacked
from sim.peers.cash_box import CashBox
from sim.peers.f56_notes import BY_NAME, PHYSICAL, STATUS_MS, Build, Mechanism

STEP_MS: Final = 5_000
TRIES: Final = 3
QUIET_MS: Final = 200
LATE_MS: Final = 55_000  # longer than the 40 s a host waits
BOOT_MS: Final = 3_000
UNDEFINED: Final = 0xE0
BUILD: Final = Build()

# What the cable does to the count command and its reply.
LINE: Final = frozenset(
    {
        "silent",  # nothing is heard or said any more; the machine does what it was told
        "enquiry_lost",
        "order_lost",  # the block never arrives
        "ack_lost",  # it does, but its ACK does not
        "nak",  # NAK once, for a block that came spoilt
        "nak_always",
        "reply_lost",
        "reply_spoilt",  # a wrong CRC once
        "reply_always_spoilt",
        "reply_cut",  # half of it, once
        "reply_late",
        "host_ack_lost",  # the machine says its reply twice
        "noise",
    }
)


class _At(Enum):
    IDLE = auto()
    TAKING = auto()
    WORKING = auto()
    ASKING = auto()
    REPLYING = auto()


class F56Peer:
    """`sim.peers.dispenser.Peer` for the F53 and F56."""

    def __init__(self, box: CashBox, build: Build = BUILD, dialect: Dialect = AS_KNOWN) -> None:
        self.box = box
        self._dialect = dialect
        self.inside = Mechanism(box, build, self._strikes)
        self._armed: tuple[str, int] | None = None
        self._trouble = ""  # of the line, for the transfer that is under way
        self._silent = self._off = False
        self._now_ms = 0
        self._boot_ms = 0
        self._forget()

    def _forget(self) -> None:
        self._reader = reader()
        self._at = _At.IDLE
        self._until_ms: int | None = None
        self._left = 0
        self._reply = b""
        self._heard_ms = 0
        self._due: list[tuple[int, bytes]] = []
        self._out: list[bytes] = []

    # -- the world's side ------------------------------------------------------------------------

    @property
    def faults(self) -> Iterable[str]:
        return sorted(set(BY_NAME) | PHYSICAL | LINE)

    def fault(self, name: str, after: int = 0) -> None:
        if name not in BY_NAME and name not in PHYSICAL and name not in LINE:
            raise KeyError(name)
        self._armed = (name, after)

    def heal(self) -> None:
        """It is switched off and on again as well: nothing of an earlier conversation is left."""
        self._armed, self._trouble, self._silent = None, "", False
        self.power(False, self._now_ms)
        self.inside.heal()
        self.power(True, self._now_ms - BOOT_MS)

    def power(self, on: bool, now_ms: int) -> None:
        if on == (not self._off):
            return
        self._off = not on
        if on:
            self._boot_ms = now_ms + BOOT_MS
        else:
            self.inside.power_off()
            self._forget()

    def _strikes(self, notes: int) -> str | None:
        if self._armed is None or self._armed[1] != notes:
            return None
        name, self._armed = self._armed[0], None
        if name == "silent":
            self._silent = True
        if name in LINE:
            return None
        if name in ("power_cut", "power_dip", "power_failed"):
            self.power(False, self._now_ms)
            self.power(name != "power_cut", self._now_ms)
        return name

    # -- the cable's side ------------------------------------------------------------------------

    def hear(self, message: bytes, now_ms: int) -> None:
        self.turn(now_ms)
        if self._off or now_ms < self._boot_ms or self._silent:
            return
        if now_ms - self._heard_ms >= QUIET_MS:
            self._reader.quiet()
        self._heard_ms = now_ms
        for event in self._reader.feed(message):
            self._event(event, now_ms + _time_of(message))

    def _event(self, event: Heard | Line, now_ms: int) -> None:
        match event:
            case Enquiry() if self._armed is not None and self._armed[0] == "enquiry_lost":
                self._armed = None
            case Enquiry() if self._at in (_At.IDLE, _At.TAKING):
                self._say(ACKED, now_ms)
                self._at, self._until_ms = _At.TAKING, now_ms + STEP_MS
            case Block(data) if self._at is _At.TAKING:
                self._take(data, now_ms)
            case Broken() if self._at is _At.TAKING:
                self._say(NACKED, now_ms)
            case Acked() if self._at is _At.ASKING:
                self._send_reply(now_ms)
            case Acked() if self._at is _At.REPLYING and not self._once("host_ack_lost"):
                self._rest()
            case Nacked() if self._at is _At.REPLYING:
                self._again(now_ms)
            case _:
                pass

    def _take(self, data: bytes, now_ms: int) -> None:
        asked = decode(data)
        if isinstance(asked, Count):
            self._arm_line()
            if self._trouble in ("order_lost", "nak", "nak_always"):
                if self._trouble != "order_lost":
                    self._say(NACKED, now_ms)
                if self._trouble != "nak_always":
                    self._trouble = ""
                return
        if not self._once("ack_lost"):
            self._say(ACKED, now_ms)
        self._at, self._until_ms = _At.WORKING, None
        match asked:
            case AskStatus() | EnhancedAsk(Enhanced.STATUS) if self._fits(asked):
                self.inside.status(now_ms)
            case Init() | EnhancedAsk(Enhanced.INIT) if self._fits(asked):
                self.inside.init(now_ms)
            case Count(counts) if len(counts) == self.inside.places:
                self.inside.count(counts, now_ms)
            case _:
                self.inside.reply = Undefined(UNDEFINED, 0)
                self._reply_at(now_ms + STATUS_MS)

    def _fits(self, asked: AskStatus | Init | EnhancedAsk) -> bool:
        return isinstance(asked, EnhancedAsk) is self.inside.build.enhanced

    def _arm_line(self) -> None:
        if self._armed is not None and self._armed[0] in LINE and (self._armed[0] != "silent" or not self._armed[1]):
            self._trouble, self._armed = self._armed[0], None
            self._silent = self._trouble == "silent"

    def _once(self, name: str) -> bool:
        if self._trouble != name:
            return False
        self._trouble = ""
        return True

    # -- the reply ---------------------------------------------------------------------------------

    def _reply_at(self, at_ms: int) -> None:
        reply = self.inside.reply
        assert reply is not None
        self._reply, self.inside.reply = block(encode_reply(reply, self._dialect)), None
        late = LATE_MS if isinstance(reply, Answer) and reply.command == 3 and self._once("reply_late") else 0
        self._at, self._left, self._until_ms = _At.ASKING, TRIES, at_ms + late

    def _send_reply(self, now_ms: int) -> None:
        raw = self._reply
        self._at, self._until_ms = _At.REPLYING, now_ms + STEP_MS
        if self._trouble in ("reply_spoilt", "reply_always_spoilt"):
            raw = raw[:-1] + bytes([raw[-1] ^ 0x10])
        elif self._trouble == "reply_cut":
            raw = raw[: len(raw) // 2]
        if self._trouble in ("reply_spoilt", "reply_cut"):
            self._trouble = ""
        self._say(raw, now_ms)

    def _again(self, now_ms: int) -> None:
        self._left -= 1
        if self._left > 0:
            self._send_reply(now_ms)
        else:
            self._rest()

    def _rest(self) -> None:
        """The transfer is over, one way or the other."""
        self._at, self._until_ms, self._trouble = _At.IDLE, None, ""

    def turn(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if not self._off:
            self.inside.turn(now_ms)
            if self.inside.reply is not None and self._at is _At.WORKING:
                self._reply_at(now_ms)
            if self._until_ms is not None and now_ms >= self._until_ms:
                self._timed_out(now_ms)
        ready = [raw for at, raw in self._due if at <= now_ms]
        self._due = [(at, raw) for at, raw in self._due if at > now_ms]
        self._out += ready

    def _timed_out(self, now_ms: int) -> None:
        if self._at is _At.TAKING:
            self._at, self._until_ms = _At.IDLE, None
        elif not self._left:
            self._rest()
        else:
            self._left -= 1
            self._at, self._until_ms = _At.ASKING, now_ms + STEP_MS
            if self._trouble != "reply_lost":
                self._say(ENQUIRY, now_ms)

    def _say(self, raw: bytes, now_ms: int) -> None:
        if self._silent:
            return
        if self._once("noise"):
            raw = b"\x41\x10\x33" + raw
        self._due.append((now_ms + _time_of(raw), raw))

    def say(self) -> tuple[bytes, ...]:
        out, self._out = tuple(self._out), []
        return out

    def wakes_at(self) -> int | None:
        wakes = [self._until_ms, self.inside.next_ms, *(at for at, _ in self._due)]
        return min((at for at in wakes if at is not None), default=None)


def _time_of(raw: bytes) -> int:
    """How long these bytes are on the wire at 9600 baud 8E1, eleven bits each."""
    return -(-len(raw) * 11_000 // 9_600)
