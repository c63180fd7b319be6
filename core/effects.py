"""Effects: everything a flow can want, in the imperative; `core.effect_kinds` says which facts stand on each class.

An effect that is answered carries a `key` (``txn/step/n``), which is its idempotency key on every line
and the name its answer gives back. What is wanted at the counter stands in `core.counter_effects`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.counter_effects import AskCardQuote, AskCounter, AskTradeQuote, BuyCard, Trade
from core.effect_kinds import Asked, Durable, Once, Owed, Passing
from core.events import Source
from core.ids import TxnId
from core.messages import RefundChoice, Tender, Totals, WireMoney
from core.receipt import Receipt
from core.screens import Screen
from core.secret import secret
from core.service_effects import ServeNotes, TakeChallenge


class Wanted(Enum):
    """What kind of code the readers should look for."""

    PERSONAL = "personal"
    PRODUCT = "product"
    RECEIPT = "receipt"
    GRANT = "grant"


class Sound(Enum):
    TICK = "tick"
    DONE = "done"
    NO = "no"


@dataclass(frozen=True, slots=True)
class TapOffer:
    """What a tapped phone is asked to bind its answer to (APDU AUTHORISE, see `core.wire.apdu`)."""

    terminal: str
    nonce: str
    amount: WireMoney
    mode: str


@dataclass(frozen=True, slots=True)
class Show(Passing):
    screen: Screen


@dataclass(frozen=True, slots=True)
class Play(Passing):
    sound: Sound


@dataclass(frozen=True, slots=True)
class StartTimer(Passing):
    """Fire `TimerFired(name)` after `ms`; a second start of the same name replaces the first."""

    name: str
    ms: int


@dataclass(frozen=True, slots=True)
class StopTimer(Passing):
    name: str


@dataclass(frozen=True, slots=True)
class Arm(Passing):
    """Let the readers deliver one code of these kinds; `tap` lets a phone answer bound to an amount.

    `again`: the last question got no answer, so a personal code that was delivered for it is delivered once more.
    """

    wanted: tuple[Wanted, ...]
    tap: TapOffer | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Disarm(Passing):
    """Readers deliver nothing until the next `Arm`."""


@dataclass(frozen=True, slots=True)
class Identify(Once):
    """Redeem a personal code, once, into a presentation bound to this transaction and terminal.

    Not repeatable: its code is masked in the journal. After a restart the customer shows a new one.
    """

    key: str
    txn: TxnId
    source: Source
    code: str = secret()


@dataclass(frozen=True, slots=True)
class IdentifyTap(Once):
    """As `Identify`, by a tap whose answer is bound to amount, terminal and nonce."""

    key: str
    txn: TxnId
    offer: TapOffer
    counter: int
    handle: str = secret()
    mac: str = field(default="", repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class AskQuote(Asked):
    """How much of which coin is this price worth now? `asset` "" lets the exchange choose the member's first."""

    key: str
    txn: TxnId
    presentation: str
    price: WireMoney
    asset: str = ""


@dataclass(frozen=True, slots=True)
class Authorise(Durable):
    """Ask the agency, and through it the exchange, to hold exactly what the quote says."""

    key: str
    txn: TxnId
    stan: int
    presentation: str
    quote: str


@dataclass(frozen=True, slots=True)
class Complete(Durable):
    """Make the hold final: sell and pay the seller. The money moves with this one."""

    key: str
    txn: TxnId


@dataclass(frozen=True, slots=True)
class Reverse(Owed):
    """Undo an authorisation whose outcome did not happen or is unknown. Repeated until it is answered."""

    key: str
    txn: TxnId
    reason: str


@dataclass(frozen=True, slots=True)
class FindSale(Asked):
    """Look a sale up by its receipt number (RRN) or transaction id."""

    key: str
    txn: TxnId
    reference: str


@dataclass(frozen=True, slots=True)
class AskRefund(Asked):
    """What would each way of giving the money back come to, today?"""

    key: str
    txn: TxnId
    sale: TxnId
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class Refund(Owed):
    """Give the money back in the chosen way. A new movement that refers to the sale."""

    key: str
    txn: TxnId
    sale: TxnId
    choice: RefundChoice
    offer: str


@dataclass(frozen=True, slots=True)
class Void(Owed):
    """The cashier takes the whole sale back before batch close: everything as it was."""

    key: str
    txn: TxnId
    sale: TxnId


@dataclass(frozen=True, slots=True)
class CloseBatch(Owed):
    """Compare this terminal's totals since the last close with the agency's and the exchange's."""

    key: str
    txn: TxnId
    totals: Totals


# -- a withdrawal: the exchange ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskLimits(Asked):
    """What may this member withdraw here now?"""

    key: str
    txn: TxnId
    presentation: str


@dataclass(frozen=True, slots=True)
class AskApproval(Asked):
    """Let the member's phone page approve amount and machine. `what`: whose gift card, "" for notes."""

    key: str
    txn: TxnId
    presentation: str
    amount: WireMoney
    what: str = ""


@dataclass(frozen=True, slots=True)
class LookApproval(Passing):
    """How does that approval stand now? Carries the key it was asked under, so that only news are written down."""

    key: str
    txn: TxnId
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class AskWithdrawQuote(Asked):
    """What do these notes cost in this tender now? `asset` "" lets the exchange choose the member's first coin."""

    key: str
    txn: TxnId
    presentation: str
    amount: WireMoney
    tender: Tender
    asset: str = ""


@dataclass(frozen=True, slots=True)
class AuthoriseWithdrawal(Durable):
    """Ask the exchange to hold the amount and to sign the dispense authority. From here on only the cash side's signed
    report ends the withdrawal."""

    key: str
    txn: TxnId
    stan: int
    presentation: str
    quote: str
    vault: str
    nonce: str


@dataclass(frozen=True, slots=True)
class SettleNotes(Asked):
    """Carry the cash side's signed report to the exchange. It is on the cash side's disk until the exchange has it, so
    this order needs neither a sync nor the outbox: whoever carries it first will do."""

    key: str
    txn: TxnId
    report: str


# -- a withdrawal: the cash side -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeNonce(Asked):
    """Ask the cash side for a nonce; it refuses here when the machine could not pay."""

    key: str
    txn: TxnId


@dataclass(frozen=True, slots=True)
class PayNotes(Durable):
    """Let the notes move. The cash side knows the transaction: again for the same one gives the same end."""

    key: str
    txn: TxnId
    authority: str
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class CloseNotes(Asked):
    """What became of the notes? What has not begun never will."""

    key: str
    txn: TxnId


@dataclass(frozen=True, slots=True)
class TellTaken(Passing):
    """Tell the cash side that the exchange has its report, under the exchange's seal. Lost, it is told again: the
    report is then carried once more."""

    taken: str


@dataclass(frozen=True, slots=True)
class PrintReceipt(Durable):
    """Print. After a restart it may only come out again as a COPY."""

    key: str
    receipt: Receipt


LineEffect = (
    Identify
    | IdentifyTap
    | AskQuote
    | Authorise
    | Complete
    | Reverse
    | FindSale
    | AskRefund
    | Refund
    | Void
    | CloseBatch
    | AskLimits
    | AskApproval
    | LookApproval
    | AskWithdrawQuote
    | AuthoriseWithdrawal
    | SettleNotes
    | AskCounter
    | AskTradeQuote
    | Trade
    | AskCardQuote
    | BuyCard
)
CashEffect = TakeNonce | PayNotes | CloseNotes | TakeChallenge | ServeNotes
KeyedEffect = LineEffect | CashEffect | PrintReceipt
Effect = KeyedEffect | TellTaken | Show | Play | StartTimer | StopTimer | Arm | Disarm
