"""What the runtime and the vault say to one another over their unix socket.

One JSON object a line, at most `LINE_MAX` bytes: ``{"id": 7, "is": "AskNonce", "txn": "..."}``. A request carries an id
above zero and has one final answer with the same id; `Stage` may come before it. Id 0 is news nobody asked for
(`VaultState`, `ReportReady`). The vault asks the kernel who is at the other end (SO_PEERCRED) and refuses others. It
trusts nothing said here except what the exchange has signed: whoever holds the socket can ask for the state, ask for
nonces, and end withdrawals; notes move under an authority only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.cash import Count
from core.cash_report import Act, NotesAt, NotesOf
from core.ids import TxnId
from core.messages.money import WireMoney

LINE_MAX: Final = 32_768  # bytes: a state of sixteen places, or a sealed report, stays far below
DOUBTFUL_MAX: Final = 32  # of one state; a machine that is suspended pays nobody, so there is one as a rule


# -- the runtime asks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskState:
    """Answer: `VaultState`."""


@dataclass(frozen=True, slots=True)
class AskNonce:
    """A withdrawal is about to be authorised. Again for the same `txn`: the same nonce while it lives.

    Answer: `Nonce`, or `VaultRefused` when the machine cannot pay (refuse before the hold).
    """

    txn: TxnId


@dataclass(frozen=True, slots=True)
class PayOut:
    """Pay `amount` under this authority. Again for the same `txn`: the same end, without moving a note.

    Answer: `Stage` ... `PaidOut`, or `VaultRefused` when no note has moved and none will for this authority.
    """

    txn: TxnId
    authority: str
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class CloseOut:
    """What became of `txn`? If it has not begun, it never will. Answer: `PaidOut`, once nothing moves any more."""

    txn: TxnId


@dataclass(frozen=True, slots=True)
class HandReports:
    """Which signed statements does the exchange not have yet, from number `after` + 1? Answer: `Reports`."""

    after: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The exchange's sealed `core.cash_report.ReportTaken`. Answer: `Reports`, what is still waiting."""

    taken: str


@dataclass(frozen=True, slots=True)
class AskChallenge:
    """A technician is here. Answer: `Challenge`."""


@dataclass(frozen=True, slots=True)
class Serve:
    """One service act under a sealed `core.grant.Grant`. `notes` what was loaded, taken out or found.

    COUNTED needs two persons: the first answer is `Served` with `waits_for_second`, figures shown to nobody; the second
    count must agree, or both begin anew. TESTED moves one note of each place named into the reject bin. Answer:
    `Served` or `VaultRefused`.
    """

    txn: TxnId
    grant: str
    act: Act
    notes: tuple[NotesAt, ...] = ()


Request = AskState | AskNonce | PayOut | CloseOut | HandReports | Acknowledge | AskChallenge | Serve


# -- the vault answers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CassetteShown:
    """One place. `usable`: it may be paid from. `low`: the machine says it is near its end."""

    place: int
    face: WireMoney
    count: Count
    usable: bool
    low: bool = False


@dataclass(frozen=True, slots=True)
class VaultState:
    """How the cash side stands. `ready`: a withdrawal may begin. `code` why not, "" if it may. `suspended`: notes are
    in doubt until two persons have counted. `notes_max` notes of one withdrawal. `vault` the id and `public_key` the
    raw Ed25519 key (base64) it signs with. `unsent` statements the exchange has not acknowledged. `bins` what lies in
    the reject and retract bins, on the path and at the exit by the book, empty ones left out; `doubtful` withdrawals
    whose customer has an interval, at most `DOUBTFUL_MAX` of them."""

    vault: str
    public_key: str
    ready: bool
    suspended: bool
    code: str
    unit: str
    notes_max: int
    sees_taken: bool
    retracts: bool
    cassettes: tuple[CassetteShown, ...] = ()
    unsent: int = 0
    bins: tuple[NotesAt, ...] = ()
    doubtful: tuple[TxnId, ...] = ()


@dataclass(frozen=True, slots=True)
class Nonce:
    txn: TxnId
    vault: str
    nonce: str
    life_ms: int


class CashStage(Enum):
    """What the customer can be told while notes move."""

    COUNTING = "counting"
    OFFERED = "offered"  # take your notes
    PULLING_BACK = "pulling_back"
    FINISHING = "finishing"  # a rest comes from another cassette


@dataclass(frozen=True, slots=True)
class Stage:
    """`notes` counted out so far, of `total`."""

    txn: TxnId
    stage: CashStage
    notes: int
    total: int


@dataclass(frozen=True, slots=True)
class PaidOut:
    """The end of `txn` at the cash side: the sealed report (`core.cash_report.PaidReport`) and, for screen and paper,
    what it says."""

    txn: TxnId
    report: str
    number: int
    least: WireMoney
    highest: WireMoney
    notes: tuple[NotesOf, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reports:
    """Sealed statements waiting for the exchange, oldest first, at most `REPORTS_MAX`; `waiting` how many in all."""

    sealed: tuple[str, ...]
    waiting: int


REPORTS_MAX: Final = 4  # of one answer, so that a line stays short


@dataclass(frozen=True, slots=True)
class Challenge:
    challenge: str
    life_ms: int


@dataclass(frozen=True, slots=True)
class Served:
    txn: TxnId
    number: int
    waits_for_second: bool
    state: VaultState


@dataclass(frozen=True, slots=True)
class ReportReady:
    """News: a statement waits for the exchange."""

    number: int


@dataclass(frozen=True, slots=True)
class VaultRefused:
    """A named no: nothing has moved because of the request. `code` a catalogue code."""

    code: str
    detail: str = ""


Reply = VaultState | Nonce | Stage | PaidOut | Reports | Challenge | Served | ReportReady | VaultRefused
