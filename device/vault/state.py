"""What the decision machine is told, what it remembers, and what it orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.cash import Mix
from core.cash_report import NotesAt
from core.dispenser import CashNews, Order, Seen
from core.ids import TxnId
from core.vault_talk import PaidOut, Reply, Request, VaultState
from device.vault.books import Books
from device.vault.records import Record

# -- what it is told -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A statement already signed for the transaction that is asked about."""

    number: int
    sealed: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of asker `asker` (a number of the caller's, above zero). `entropy` 16 fresh bytes; `known` what the
    books' storage has under the request's txn. `fresh`: the machine was looked at because of this request."""

    asker: int
    request: Request
    entropy: bytes
    known: Known | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """News of the machine's host."""

    news: CashNews


@dataclass(frozen=True, slots=True)
class Restarted:
    """The program begins with these books; the cable is not open yet."""


@dataclass(frozen=True, slots=True)
class CableOpened:
    """The cable is open (again), and the host was started on it."""


@dataclass(frozen=True, slots=True)
class CableLost:
    """The cable is gone. The host's answer to an open order comes next; nothing can be ordered any more."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. `room` False: the ledger's disk has no room for another withdrawal."""

    room: bool = True


Input = Asked | Heard | Restarted | CableOpened | CableLost | Tick

# -- what it orders ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """One commit, before anything else of the same step. `durable`: on the disk before it is over."""

    records: tuple[Record, ...]
    durable: bool


@dataclass(frozen=True, slots=True)
class Do:
    """An order for the host."""

    order: Order


@dataclass(frozen=True, slots=True)
class Answer:
    """To one asker; `last` False for a `Stage` on the way."""

    asker: int
    reply: Reply
    last: bool = True


@dataclass(frozen=True, slots=True)
class Hand:
    """Answer `asker` with the statements of these numbers, read from storage; `waiting` how many there are."""

    asker: int
    numbers: tuple[int, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class Tell:
    """News for everybody."""

    reply: Reply


Effect = Write | Do | Answer | Hand | Tell

# -- what it remembers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Live:
    """A nonce or a challenge that was given at `given_ms`. `txn` for a nonce."""

    text: str
    given_ms: int
    txn: TxnId | None = None


class Phase(Enum):
    """Where the open withdrawal or test stands. Only `books` survives a restart; the phase is found again from it."""

    PAYING = "paying"
    BETWEEN = "between"  # a rest is to be paid, and the machine is looked at first
    AWAY = "away"  # notes may have moved, and the cable is not there to ask
    RECALLING = "recalling"
    LOOKING = "looking"  # the shutter may have opened before a restart: where are the notes?
    OFFERING = "offering"
    WAITING = "waiting"  # for the hand that takes them
    RETRACTING = "retracting"
    ASIDE = "aside"
    AT_EXIT = "at_exit"  # reported as given; the answer waits until they are taken
    TESTING = "testing"
    CLEARING = "clearing"


@dataclass(frozen=True, slots=True)
class Job:
    """What the machine is busy with. `rest` the chunks still to pay; `tired` places not to be asked again; `until_ms`
    when waiting ends, 0 for never; `resumed` after a restart or a lost cable: nothing new is paid any more; `sure`
    False: the notes may be within reach, or not; `total` notes planned; `paid` the answer that waits for a hand."""

    txn: TxnId
    phase: Phase
    rest: tuple[Mix, ...] = ()
    tired: frozenset[int] = frozenset()
    until_ms: int = 0
    resumed: bool = False
    sure: bool = True
    total: int = 0
    paid: PaidOut | None = None


@dataclass(frozen=True, slots=True)
class FirstCount:
    txn: TxnId
    person: str
    notes: tuple[NotesAt, ...]


@dataclass(frozen=True, slots=True)
class State:
    """`order` is with the host and has no answer yet, due by `due_ms`. `held` requests wait for it to end."""

    books: Books = field(default_factory=Books)
    up: bool = False
    seen: Seen | None = None
    order: Order | None = None
    due_ms: int = 0
    look_ms: int = 0
    nonce: Live | None = None
    challenges: tuple[Live, ...] = ()
    job: Job | None = None
    askers: tuple[int, ...] = ()
    held: tuple[Asked, ...] = ()
    first_count: FirstCount | None = None
    room: bool = True
    told: VaultState | None = None
