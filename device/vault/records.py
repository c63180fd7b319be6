"""What the cash side writes down: facts, in order, each with the ledger entries it means.

A record is never changed. `device.vault.books.fold` makes the state of the books from them, after a power cut as
before it. One commit holds what belongs together: a withdrawal begun and its first order, a result and the next
order, a result and the signed report.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.cash import Count, Mix
from core.cash_report import Act
from core.dispenser import End, PlaceMoved
from core.ids import TxnId
from core.messages.money import WireMoney
from device.vault.ledger import Doubt, Entry, Held


@dataclass(frozen=True, slots=True)
class Begun:
    """A withdrawal begins: `nonce` is used up by it. `before` what the cassettes held then."""

    txn: TxnId
    nonce: str
    authority: str
    most: WireMoney
    amount: WireMoney
    before: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class TestBegun:
    """A technician's test of single notes into the reject bin begins. Not to be collected by pytest."""

    __test__ = False

    txn: TxnId
    person: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """From now on notes may move: `op` is about to be ordered, once. `mark` the machine's own counters before it."""

    op: str
    mix: Mix
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """So many notes of the open movement have left `place` through the exit by now."""

    op: str
    place: int
    exited: int


@dataclass(frozen=True, slots=True)
class Landed:
    """The open movement has ended like this. `suspends` a catalogue code when a person must count now, else ""."""

    op: str
    end: End
    parts: tuple[PlaceMoved, ...]
    code: str
    entries: tuple[Entry, ...]
    doubts: tuple[Doubt, ...] = ()
    suspends: str = ""


@dataclass(frozen=True, slots=True)
class Offering:
    """The shutter is about to open for what is stacked: from now on a customer may have it."""

    op: str


@dataclass(frozen=True, slots=True)
class Reached:
    """The stacked notes lie within reach now."""

    op: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """The exit is empty: what lay there was taken."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class BackAt:
    """`count` notes of cassette `place` came back into a bin."""

    place: int
    count: Count


@dataclass(frozen=True, slots=True)
class Returned:
    """Offered or stacked notes came back into the `bin` named ("retract" or "reject")."""

    op: str
    bin: str
    parts: tuple[BackAt, ...]
    code: str
    entries: tuple[Entry, ...]
    doubts: tuple[Doubt, ...] = ()
    suspends: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """The vault has signed statement `number` about `txn`; it ends what was open under that name. `booked` the minor
    units that the exact entries give to the customer: what a count later adds to, or takes from."""

    txn: TxnId
    number: int
    sealed: str
    booked: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The exchange has statement `number` on its disk."""

    number: int


@dataclass(frozen=True, slots=True)
class Label:
    """The cassette's own identity in one place when it was loaded or counted."""

    place: int
    label: str


@dataclass(frozen=True, slots=True)
class FirstCounted:
    """One person has counted. The figures are not written down: nobody may see them before the second has."""

    txn: TxnId
    person: str


@dataclass(frozen=True, slots=True)
class Attended:
    """A service act was done; CLEARED is about to be ordered. COUNTED settles every doubt; `suspends` as in `Landed`,
    "" also lifts after a count."""

    txn: TxnId
    act: Act
    persons: tuple[str, ...]
    labels: tuple[Label, ...]
    entries: tuple[Entry, ...]
    doubts: tuple[Doubt, ...] = ()
    suspends: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The books as every record before says, so that a start need not read them all. `state` is `books.written`."""

    state: str


Record = (
    Begun
    | TestBegun
    | Ordered
    | Proven
    | Landed
    | Offering
    | Reached
    | Gone
    | Returned
    | Reported
    | Acknowledged
    | FirstCounted
    | Attended
    | Snapshot
)
