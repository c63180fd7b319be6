"""What the cash side signs: how a withdrawal ended, and what people did to the notes.

The exchange captures, releases or keeps in suspense on these statements alone. Each vault numbers its statements 1, 2,
3 ... without gaps, over all kinds, and keeps each until the exchange has said under its own signature that it has it
(`ReportTaken`): a carrier that loses one leaves a gap that both sides see.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.cash import Count
from core.ids import TxnId
from core.messages.money import WireMoney

PAID_REPORT: Final = "cr1"
SERVICE_REPORT: Final = "cc1"
REPORT_TAKEN: Final = "ct1"


@dataclass(frozen=True, slots=True)
class NotesOf:
    """Notes of one value in one withdrawal. `given` to the customer for good; `retracted`, `rejected` into the bins;
    what an interval leaves open is in doubt. For coins read coins."""

    face: WireMoney
    given: Count
    retracted: Count
    rejected: Count


@dataclass(frozen=True, slots=True)
class PaidReport:
    """How one withdrawal ended at the cash side. From now on nothing moves for `txn` any more.

    The customer has at least `least` and at most `highest`; they are equal unless notes are in doubt. Nothing given and
    nothing in doubt: both are zero, the authority is dead, and the exchange releases everything. `code` the fault's
    catalogue code, "" for none. A txn the vault never heard of is answered with `nonce` "" and zeros: it will never
    move a note from now on either.
    """

    vault: str
    terminal: str
    number: int
    txn: TxnId
    nonce: str
    least: WireMoney
    highest: WireMoney
    notes: tuple[NotesOf, ...] = ()
    code: str = ""

    def __post_init__(self) -> None:
        least, highest = self.least.money(), self.highest.money()
        if self.number < 1 or least.asset != highest.asset or not 0 <= least.minor <= highest.minor:
            raise ValueError("a report is numbered from 1, and says from least to highest")


class Act(Enum):
    """What people did to the notes of a machine."""

    LOADED = "loaded"
    REMOVED = "removed"
    COUNTED = "counted"
    TESTED = "tested"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class NotesAt:
    """`count` notes of `face`, put into, taken from or found in `place` ("cassette:1", "reject", "retract", "path")."""

    place: str
    face: WireMoney
    count: Count


@dataclass(frozen=True, slots=True)
class Closed:
    """A withdrawal that was in doubt, and what the customer is now known to have."""

    txn: TxnId
    given: WireMoney


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """One service act. `txn` names it. `book` and `found` are the machine's total before and after a count (both None
    for other acts); their difference is what nobody can explain. `persons` who did it: two for a blind count."""

    vault: str
    terminal: str
    number: int
    txn: TxnId
    act: Act
    notes: tuple[NotesAt, ...]
    persons: tuple[str, ...]
    closed: tuple[Closed, ...] = ()
    book: WireMoney | None = None
    found: WireMoney | None = None


@dataclass(frozen=True, slots=True)
class ReportTaken:
    """The exchange has the vault's statement `number` on disk. The vault may forget to send it again."""

    vault: str
    number: int
