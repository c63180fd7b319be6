"""The link to an F53/F56 from the host's side: one command at a time goes over, one reply comes back, or it is said
how far it got.

Either side may ask to send. A block that moves notes leaves once: only a NAK brings it on the line again. When its ACK
is missing, the reply is waited for as if it had come. Replies that answer nothing we asked are kept for whoever wants
them (`late`): after a lost reply they are the only evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.wire.f56 import ACKED, ENQUIRY, NACKED, Block, Enquiry, Heard, block, reader
from core.wire.f56_blocks import decode_reply, encode, implausible
from core.wire.f56_messages import Asked, Reply
from core.wire.serial_frames import Acked, Broken, Line, Nacked

STEP_MS: Final = 5_000  # lamassu's timers [1]: each step of a transfer
TRIES: Final = 3
REPLY_MS: Final = 40_000  # from the ACK of a command to the ENQ of its reply
QUIET_MS: Final = 500  # the longest pause inside a block, a USB adapter and a busy computer included
READ_TRIES: Final = 2  # whole exchanges of a command that moves nothing
LATE_MAX: Final = 4  # the machine sends one reply to a command, three times at most


@dataclass(frozen=True, slots=True)
class Send:
    """One command. `moves`: it moves notes, so it is never put on the line again but after a NAK."""

    asked: Asked
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """No reply. `sent`: the machine may have taken the command. `refused`: it answered, but only with NAK."""

    sent: bool
    refused: bool = False


Result = Reply | Failed


class _At(Enum):
    IDLE = auto()
    ASKING = auto()  # ENQ is on the line
    SENDING = auto()  # the block is
    WAITING = auto()  # for the machine's ENQ
    TAKING = auto()  # for its block


class Link:
    """`send`, then `hear` and `turn` until `done`; `result` is what it came to."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The cable is new, or the conversation was given up."""
        self._reader = reader()
        self._at = self._back = _At.IDLE
        self._send: Send | None = None
        self._left = self._reads = self._naks = 0
        self._until_ms: int | None = None
        self._reply_until_ms = 0
        self._quiet_ms: int | None = None
        self._out: list[bytes] = []
        self.sent = False
        self.result: Result | None = None
        self.late: list[Reply] = []

    @property
    def done(self) -> bool:
        return self._send is None

    @property
    def asked(self) -> Asked | None:
        """The command that is under way."""
        return None if self._send is None else self._send.asked

    def send(self, send: Send, now_ms: int) -> None:
        assert self.done, "one command at a time"
        self._send, self._reads, self.sent, self.result = send, READ_TRIES, False, None
        self._fresh(now_ms)

    def hear(self, data: bytes, now_ms: int) -> None:
        self._quiet_ms = now_ms + QUIET_MS
        for event in self._reader.feed(data):
            self._heard(event, now_ms)

    def turn(self, now_ms: int) -> None:
        if self._quiet_ms is not None and now_ms >= self._quiet_ms:
            self._quiet_ms = None
            for event in self._reader.quiet():
                self._heard(event, now_ms)
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._timed_out(now_ms)

    def say(self) -> tuple[bytes, ...]:
        out, self._out = tuple(self._out), []
        return out

    def wakes_at(self) -> int | None:
        wakes = [at for at in (self._quiet_ms, self._until_ms) if at is not None]
        return min(wakes, default=None)

    # -- the transfer to the machine ---------------------------------------------------------------

    def _fresh(self, now_ms: int) -> None:
        """Begin the exchange, or begin it again."""
        self._left = self._naks = TRIES
        if self._at is _At.TAKING:
            self._back = _At.ASKING  # the machine has the line: ask when its block is here
        else:
            self._ask(now_ms)

    def _ask(self, now_ms: int) -> None:
        self._left -= 1
        self._out.append(ENQUIRY)
        self._stand(_At.ASKING, now_ms + STEP_MS)

    def _put(self, now_ms: int) -> None:
        assert self._send is not None
        self._out.append(block(encode(self._send.asked)))
        self.sent = True
        if self._send.moves:
            self.late.clear()  # what is kept from now on was not said before this command
        self._stand(_At.SENDING, now_ms + STEP_MS)

    def _stand(self, at: _At, until_ms: int | None) -> None:
        self._at, self._until_ms = at, until_ms

    def _await_reply(self, now_ms: int) -> None:
        self._reply_until_ms = now_ms + REPLY_MS
        self._stand(_At.WAITING, self._reply_until_ms)

    def _end(self, result: Result) -> None:
        self._send, self.result = None, result
        self._stand(_At.IDLE, None)

    def _fail(self, now_ms: int, failed: Failed) -> None:
        """This exchange is over. One that moves nothing may be had again."""
        assert self._send is not None
        self._reads -= 1
        if self._send.moves or not self._reads:
            self._end(failed)
        else:
            self._at = _At.IDLE
            self._fresh(now_ms)

    # -- what comes in -------------------------------------------------------------------------------

    def _heard(self, event: Heard | Line, now_ms: int) -> None:
        match event:
            case Enquiry():
                self._take(now_ms)
            case Acked() if self._at is _At.ASKING:
                self._put(now_ms)
            case Acked() if self._at is _At.SENDING:
                self._await_reply(now_ms)
            case Nacked() if self._at is _At.SENDING:
                self._naks -= 1
                if self._naks:
                    self._put(now_ms)
                else:
                    self.sent = False  # each sending was refused, so nothing was done
                    self._fail(now_ms, Failed(sent=False, refused=True))
            case Block(data):
                self._out.append(ACKED)
                self._got(decode_reply(data), now_ms)
            case Broken() if self._at is _At.TAKING:
                self._left -= 1
                if self._left:
                    self._out.append(NACKED)
                    self._until_ms = now_ms + STEP_MS
                else:
                    self._give_up_taking(now_ms)
            case _:
                pass  # noise, or a word out of its place: the timers decide

    def _take(self, now_ms: int) -> None:
        """The machine asks to send."""
        if self._at is not _At.TAKING:
            self._back = _At.WAITING if self._at is _At.SENDING else self._at
            if self._at is _At.SENDING:
                self._reply_until_ms = now_ms + REPLY_MS  # its ACK was lost: it would not ask otherwise
            self._left = TRIES
        self._out.append(ACKED)
        self._stand(_At.TAKING, now_ms + STEP_MS)

    def _got(self, reply: Reply, now_ms: int) -> None:
        back = self._back if self._at is _At.TAKING else self._at
        waited = back in (_At.WAITING, _At.SENDING) and self._send is not None
        if waited and self._send is not None and implausible(reply, self._send.asked) != "command":
            self._end(reply)
            return
        self.late = [*self.late, reply][-LATE_MAX:]
        if self._at is _At.TAKING:
            self._return(now_ms)

    def _return(self, now_ms: int) -> None:
        """The machine's block is here, or will not come: go on where its ENQ came between."""
        match self._back:
            case _At.ASKING:
                self._left = TRIES
                self._ask(now_ms)
            case _At.WAITING:
                self._stand(_At.WAITING, self._reply_until_ms)
            case _:
                self._stand(_At.IDLE, None)

    def _give_up_taking(self, now_ms: int) -> None:
        """Its block came spoilt three times, or not at all."""
        if self._back is _At.WAITING:
            self._fail(now_ms, Failed(sent=True))
        else:
            self._return(now_ms)

    def _timed_out(self, now_ms: int) -> None:
        assert self._send is not None or self._at is _At.TAKING
        match self._at:
            case _At.ASKING if self._left:
                self._ask(now_ms)
            case _At.ASKING:
                self._fail(now_ms, Failed(sent=False))
            case _At.SENDING if self._send is not None and self._send.moves:
                self._await_reply(now_ms)
            case _At.SENDING | _At.WAITING:
                self._fail(now_ms, Failed(sent=True))
            case _:
                self._return(now_ms)  # it asked and then fell silent; it may ask once more
