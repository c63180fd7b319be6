"""The Dispenser port: what the cash side asks of a machine that pays notes or coins, and all it can be told.

A driver of this kind is one file ``drivers/dispenser_<model>.py`` with ``KIND = "dispenser"``, `Settings`,
``make_host(settings) -> Host`` and ``open(settings) -> Cable``. The host is half a conversation without a port: time is
handed in, messages come and go as bytes (a serial line may cut them anywhere, a WebSocket keeps each one whole). The
vault owns both and pumps between them in one thread; a simulation pumps between host and peer on a virtual clock.

Four rules bind every host:

* An order that moves notes is sent once. Only a NAK permits a second sending, never a missing acknowledgement.
* What is not known is said as an interval (`core.cash.Count`) or as `End.DOUBT`; never as zero and never as success.
* Evidence first: after a doubt nothing that destroys it (purge, reset, initialise) is sent before the order for it.
* Each order ends in exactly one answer, within the limit `Capabilities.answer_ms`, whatever the cable does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from core.cash import NONE, Count, Mix


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the machine can do, and how much of it one order may ask for.

    `notes_max` notes of one order, `place_max` of one place in it, `places` cassettes or hoppers it has.
    `recovers` the last dispense can be asked about after this host or the machine was away.
    `stacks` notes wait where no hand reaches until `Offer`; without it dispensing is presenting.
    `rejects` stacked notes can be put aside unseen; `retracts` offered notes can be pulled back.
    `sees_taken` the machine knows when the exit is empty again. `tests` one note can be sent to the reject bin.
    `end_to_end` the machine itself checks an authority (XFS4IoT end-to-end token).
    """

    unit: str
    places: int
    notes_max: int
    place_max: int
    recovers: bool
    stacks: bool = False
    rejects: bool = False
    retracts: bool = False
    sees_taken: bool = False
    tests: bool = False
    end_to_end: bool = False
    answer_ms: int = 120_000


# -- orders --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """Say how the machine stands. Moves nothing; may be asked freely. Answer: `Seen`."""


@dataclass(frozen=True, slots=True)
class Pay:
    """Move these notes to the exit, or to the stacker where there is one. `op` names this one movement.

    `token` is the end-to-end token for a machine that asks for one, else "". Answer: `Moved`.
    """

    op: str
    mix: Mix
    token: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Open the shutter and offer what is stacked. Answer: `Offered`; later `Taken`, where the machine sees it."""

    op: str


@dataclass(frozen=True, slots=True)
class PutAside:
    """Stacked notes into the reject bin, unseen by anybody. Answer: `Binned`."""

    op: str


@dataclass(frozen=True, slots=True)
class Retract:
    """Pull back what is still offered. Answer: `Binned`, whose counts are often unknown."""

    op: str


@dataclass(frozen=True, slots=True)
class Recall:
    """What became of `op`, ordered before the host or the machine was away? Sends nothing that moves or forgets.

    `mark` is that of the last `Seen` before the order, "" when there is none: a machine that only counts its orders
    needs it to tell this order from the one before. Answer: `Moved` with what can be proven; `End.DOUBT` with the
    widest interval where nothing can.
    """

    op: str
    mix: Mix
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Clear:
    """Purge or initialise: clear the path into the reject bin (or where this machine clears to). Answer: `Cleared`."""


@dataclass(frozen=True, slots=True)
class Test:
    """One note of `place` into the reject bin. Answer: `Moved`, with nothing exited. Not to be collected by pytest."""

    __test__ = False

    op: str
    place: int


Order = Look | Pay | Offer | PutAside | Retract | Recall | Clear | Test


# -- answers and news ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """One place as the machine sees it. None: it cannot say. `label` is the cassette's own identity, "" without."""

    place: int
    present: bool | None = None
    low: bool | None = None
    empty: bool | None = None
    label: str = ""


class Bin(Enum):
    """How a reject or retract bin stands."""

    OK = "ok"
    FULL = "full"
    MISSING = "missing"
    UNKNOWN = "unknown"
    NONE = "none"  # the machine has no such bin


@dataclass(frozen=True, slots=True)
class Seen:
    """How the machine stands. None: it cannot say, which is never good news.

    `ready` it would accept `Pay` now; `path_clear` no note lies inside between cassette and exit; `exit_clear`
    nothing lies where a customer reaches. `code` the fault's catalogue code, "" when there is none; `detail` the
    device's own words for the log. `mark` where the machine's own counters stand, for a later `Recall`: keep the last
    one durably before `Pay`. `nonce` what an end-to-end token must be made over, "" where none is asked for.
    """

    ready: bool
    places: tuple[PlaceSeen, ...]
    path_clear: bool | None
    exit_clear: bool | None
    reject_bin: Bin = Bin.UNKNOWN
    retract_bin: Bin = Bin.NONE
    code: str = ""
    detail: str = ""
    mark: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class PlaceMoved:
    """What left one place. `exited` through the exit (or into the stacker where there is one), `rejected` into the
    reject bin, `on_path` left the cassette and lies in neither."""

    place: int
    asked: int
    exited: Count
    rejected: Count
    on_path: Count = NONE


class End(Enum):
    """How a movement ended. DONE and SHORT: every count of the answer is exact. NOTHING: no note has left a cassette.
    DOUBT: the counts are bounds only, and a person must count before the machine goes on."""

    DONE = "done"
    SHORT = "short"
    NOTHING = "nothing"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Moved:
    """The end of a `Pay`, `Recall` or `Test`. One part for each place of the mix, ascending; a place that was not asked
    and gave a note all the same has a part too, with `asked` 0."""

    op: str
    end: End
    parts: tuple[PlaceMoved, ...]
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """The shutter is open and the notes are within reach; `sure` False: they may be, or may not."""

    op: str
    sure: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Binned:
    """What went into the bin instead of to the customer: per place where the machine counts, else one total for all
    with place 0. `sure` False: not even that something did."""

    op: str
    parts: tuple[tuple[int, Count], ...]
    sure: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The path is clear now, or not. Where the notes of the path went is for the technician's count."""

    clear: bool
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The customer took the notes: the exit is empty. `op` "" when nothing of ours was offered."""

    op: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Proof that so many notes of this movement have left by now. Evidence, kept when the rest stays unknown."""

    op: str
    place: int
    exited: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something changed on the machine's own account (door, cassette out, bin full): look again."""

    code: str
    detail: str = ""


Answer = Seen | Moved | Offered | Binned | Cleared
CashNews = Answer | Taken | Progress | Noticed


# -- the two halves ------------------------------------------------------------------------------------


class Host(Protocol):
    """Our half of the conversation with one machine. Never blocks, never raises for what the far end does."""

    @property
    def capabilities(self) -> Capabilities: ...

    def start(self, now_ms: int) -> None:
        """The cable is open (again). Learn what can be learnt without moving a note or forgetting one."""
        ...

    def order(self, order: Order, now_ms: int) -> None:
        """One at a time: the last must have been answered."""
        ...

    def hear(self, message: bytes, now_ms: int) -> None:
        """Bytes came in: any part of the stream from a serial line, one whole message from a WebSocket."""
        ...

    def turn(self, now_ms: int) -> None:
        """Time has passed: deadlines and polls."""
        ...

    def lost(self, now_ms: int) -> None:
        """The cable is gone. An open order ends now: a movement that may have begun as DOUBT."""
        ...

    def say(self) -> tuple[bytes, ...]:
        """What is to be sent now, each message whole; taken once."""
        ...

    def news(self) -> tuple[CashNews, ...]:
        """What was learnt since; taken once."""
        ...

    def wakes_at(self) -> int | None:
        """When `turn` has something to do, in the caller's monotonic milliseconds; None for never."""
        ...


class Cable(Protocol):
    """The port. Raises `core.ports.DriverFault` from any call but `close`."""

    def send(self, message: bytes) -> None: ...

    def receive(self, wait_ms: int) -> tuple[bytes, ...]:
        """What came within `wait_ms`, at once when something is there."""
        ...

    def close(self) -> None: ...
