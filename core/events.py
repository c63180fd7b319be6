"""Events: everything a flow can hear, in the past tense.

The loop takes events from one bounded queue and hands them, one at a time, to the step in charge. Only
events of an open ticket are journaled. A field marked *secret* is masked in the journal (see
`core.codec`), so a personal code never reaches the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.counter_events import CardQuoted, CardSold, CounterKnown, Traded, TradeQuoted
from core.faults import Refusal
from core.ids import TxnId
from core.messages import (
    Approval,
    Authorisation,
    BatchTotals,
    Capture,
    CashReportReply,
    Presentation,
    QuoteOffer,
    RefundDone,
    RefundOffer,
    Sale,
    Totals,
    WireMoney,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
)
from core.receipt import Receipt
from core.secret import secret
from core.service_events import ChallengeGiven, GrantShown, ServiceDone
from core.terms import Terms
from core.vault_talk import Nonce, PaidOut, Stage, VaultState


class Source(Enum):
    """Which device a code came from."""

    CAMERA = "camera"
    SCANNER = "scanner"
    NFC = "nfc"
    KEYPAD = "keypad"


class Symbology(Enum):
    """How the text was carried. `OTHER` is any barcode we do not name."""

    QR = "qr"
    EAN13 = "ean13"
    EAN8 = "ean8"
    UPCA = "upca"
    CODE128 = "code128"
    NDEF = "ndef"
    APDU = "apdu"
    TYPED = "typed"
    OTHER = "other"


# -- the ticket ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """A customer's business began. `stan` is the terminal's running number, `nonce` 16 fresh bytes in hex.

    `hands` are the roles of the devices that were ready; `totals` and `reprint` what a batch close or a
    reprint is about; `cash` how the cash side stood, None for a terminal without one or whose one is silent.
    """

    txn: TxnId
    flow: str
    stan: int
    nonce: str
    terms: Terms
    hands: tuple[str, ...] = ()
    totals: Totals | None = None
    reprint: Receipt | None = None
    cash: VaultState | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """The device came back while this ticket was open; `lost` are the keys of effects that may not be repeated."""

    lost: tuple[str, ...]


# -- hands --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button or key was let go over its target. `action` is an `Action.id` of the screen shown."""

    action: str


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A reader delivered one text, gated (not the same code again within its life).

    The loop turns it into `CodeShown`, `ProductScanned` or `ReceiptScanned`, by what was wanted.
    """

    source: Source
    symbology: Symbology
    text: str = secret()


class Form(Enum):
    """What a shown or typed text is, told apart before a flow hears of it."""

    PARTIAL = "partial"
    WHOLE = "whole"
    MISTYPED = "mistyped"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A text was shown or typed where a personal code was wanted.

    A flow decides by `form`, never by the text: the text is masked in the journal, and folding the journal
    again must come to the same ticket.
    """

    source: Source
    form: Form
    text: str = secret()


@dataclass(frozen=True, slots=True)
class ReceiptScanned:
    """A receipt's QR was read; `rrn` is the number on it."""

    rrn: str


@dataclass(frozen=True, slots=True)
class ProductScanned:
    """A product code was recognised. `price` None: the seller's list knows no price for it."""

    code: str
    name: str
    price: WireMoney | None = None


@dataclass(frozen=True, slots=True)
class TapAnswered:
    """A phone answered AUTHORISE over NFC: bound to the amount, terminal and nonce it was asked with.

    `handle` nine digits, `counter` the phone's own running number, `mac` 16 bytes in hex.
    """

    handle: str = secret()
    counter: int = 0
    nonce: str = ""
    mac: str = field(default="", repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class TapFailed:
    """Something was held to the reader and gave no code: `code` is a catalogue code (pulled away, foreign card)."""

    code: str


# -- devices ------------------------------------------------------------------------------------------


class Health(Enum):
    """What we know of a device. `UNKNOWN` is what silence means: never good news."""

    READY = "ready"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class DeviceStateChanged:
    """A device of the terminal became something else. `code` is the fault's catalogue code, "" when ready."""

    role: str
    health: Health
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """The printer took the whole receipt and then reported itself ready."""

    answers: str


@dataclass(frozen=True, slots=True)
class NotPrinted:
    """The receipt did not come out whole, or nobody can say whether it did. `code` names the fault."""

    answers: str
    code: str


# -- the line to the exchange and the agency ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identified:
    answers: str
    presentation: Presentation


@dataclass(frozen=True, slots=True)
class Quoted:
    answers: str
    offer: QuoteOffer


@dataclass(frozen=True, slots=True)
class Authorised:
    answers: str
    authorisation: Authorisation


@dataclass(frozen=True, slots=True)
class Captured:
    answers: str
    capture: Capture


@dataclass(frozen=True, slots=True)
class Reversed:
    """The exchange has undone, or will never do, the business named in the request. `proof` seals a void's paper."""

    answers: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class SaleFound:
    answers: str
    sale: Sale


@dataclass(frozen=True, slots=True)
class RefundOffered:
    answers: str
    offer: RefundOffer


@dataclass(frozen=True, slots=True)
class Refunded:
    answers: str
    refund: RefundDone


@dataclass(frozen=True, slots=True)
class BatchClosed:
    answers: str
    totals: BatchTotals


@dataclass(frozen=True, slots=True)
class LimitsKnown:
    answers: str
    limits: WithdrawLimits


@dataclass(frozen=True, slots=True)
class ApprovalSeen:
    answers: str
    approval: Approval


@dataclass(frozen=True, slots=True)
class WithdrawQuoted:
    answers: str
    offer: WithdrawOffer


@dataclass(frozen=True, slots=True)
class WithdrawAuthorised:
    answers: str
    authorisation: WithdrawAuthorisation


@dataclass(frozen=True, slots=True)
class Settled:
    """The exchange has the cash side's report, and says how the withdrawal stands."""

    answers: str
    reply: CashReportReply


@dataclass(frozen=True, slots=True)
class Refused:
    """The far side said no, by name. Final: asking again with the same key gives the same answer."""

    answers: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer within the deadline: the outcome is *unknown*, neither yes nor no."""

    answers: str
    code: str


# -- the cash side --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NonceGiven:
    answers: str
    nonce: Nonce


@dataclass(frozen=True, slots=True)
class NotesMoved:
    """Notes are on their way. Only for the eye: it is kept in no journal."""

    answers: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class NotesPaid:
    """The cash side's end of this withdrawal, with its signed report."""

    answers: str
    paid: PaidOut


# -- time ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer started by `StartTimer` ran out on the monotonic clock."""

    name: str


Answering = (
    Identified
    | Quoted
    | Authorised
    | Captured
    | Reversed
    | SaleFound
    | RefundOffered
    | Refunded
    | BatchClosed
    | LimitsKnown
    | ApprovalSeen
    | WithdrawQuoted
    | WithdrawAuthorised
    | Settled
    | CounterKnown
    | TradeQuoted
    | Traded
    | CardQuoted
    | CardSold
    | NonceGiven
    | NotesPaid
    | ChallengeGiven
    | ServiceDone
    | Refused
    | Unanswered
    | Printed
    | NotPrinted
)
"""What answers one effect for good, or says that there was no answer."""

Event = (
    TicketOpened
    | Restarted
    | Pressed
    | CodeScanned
    | CodeShown
    | ReceiptScanned
    | GrantShown
    | ProductScanned
    | TapAnswered
    | TapFailed
    | DeviceStateChanged
    | Answering
    | NotesMoved
    | TimerFired
)
