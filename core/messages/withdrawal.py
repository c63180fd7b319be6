"""The withdrawal on the wire: limits, the member's approval, a quote, the authorisation, the cash side's reports.

====================================== ==================== ====================
``POST E/v1/withdrawals/limits``       `LimitsRequest`      `WithdrawLimits`
``POST E/v1/withdrawals/approvals``    `ApprovalRequest`    `Approval`
``GET  E/v1/withdrawals/approvals/T``  -                    `Approval`
``POST E/v1/withdrawals/quotes``       `WithdrawQuoteRequest` `WithdrawOffer`
``POST E/v1/withdrawals``              `WithdrawRequest`    `WithdrawAuthorisation`
``GET  E/v1/withdrawals/T``            -                    `Withdrawal`
``POST E/v1/cash-reports``             `CashReportRequest`  `CashReportReply`
====================================== ==================== ====================

T is the transaction id. A reversal does not exist here: once an authority may have been given, only the cash side's
signed report ends the withdrawal, also one that says that nothing moved and nothing will. A report about a transaction
the exchange does not know is remembered, so that a late original loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.ids import TxnId
from core.messages.money import WireMoney
from core.messages.sale import SourcePrice


class Tender(Enum):
    """What pays for the notes: the wallet's fiat, coins sold now, or all of the fiat and coins for the rest."""

    FIAT = "fiat"
    COIN = "coin"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class LimitsRequest:
    txn: TxnId
    presentation: str


@dataclass(frozen=True, slots=True)
class CoinWorth:
    """One coin of the wallet and what it would bring now, fee taken off."""

    quantity: WireMoney
    worth: WireMoney


@dataclass(frozen=True, slots=True)
class WithdrawLimits:
    """What this member may withdraw here now. `limit` the most of one withdrawal, everything considered: fiat and
    sellable coins, the day's and the machine's limit. `unapproved` up to this amount no phone is asked when it has no
    network (zero: always); `fee_bp` what comes on top of the notes, rounded up."""

    txn: TxnId
    fiat: WireMoney
    coins: tuple[CoinWorth, ...]
    day_left: WireMoney
    unapproved: WireMoney
    limit: WireMoney
    fee_bp: int = 0


class ApprovalState(Enum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Ask the member's phone page to approve amount and machine. Again for the same txn: how it stands.

    `what` names an issuer whose gift card is bought; "" for notes."""

    txn: TxnId
    presentation: str
    amount: WireMoney
    what: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """`machine` is the name the page shows beside the amount."""

    txn: TxnId
    state: ApprovalState
    amount: WireMoney
    machine: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class WithdrawQuoteRequest:
    """`asset` "" lets the exchange choose the member's first coin."""

    txn: TxnId
    presentation: str
    amount: WireMoney
    tender: Tender
    asset: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """What `amount` in notes costs, promised until `expires_at`. `quote` is the signed capsule to send back.

    `from_fiat` leaves the fiat of the wallet (fee included where fiat pays it); `coins` leave the wallet and are sold
    at `rate` (both None when fiat pays all). `fee` in fiat, contained in the two.
    """

    quote: str
    id: str
    txn: TxnId
    amount: WireMoney
    tender: Tender
    fee: WireMoney
    from_fiat: WireMoney
    coins: WireMoney | None
    rate: WireMoney | None
    spread_bp: int
    sources: tuple[SourcePrice, ...]
    expires_at: str
    ttl_ms: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """`nonce` and `vault` come from the cash side, for the authority."""

    txn: TxnId
    stan: int
    presentation: str
    quote: str
    vault: str
    nonce: str


@dataclass(frozen=True, slots=True)
class WithdrawAuthorisation:
    """The exchange's yes: coins are sold into the withdrawal account, the amount is held, and `authority` (sealed
    `core.authority.Authority`) lets the cash side pay it."""

    txn: TxnId
    rrn: str
    approval_code: str
    authority: str


class WithdrawState(Enum):
    """Where a withdrawal stands. SUSPENSE: notes are in doubt until they are counted."""

    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    PAID = "paid"
    RELEASED = "released"
    SUSPENSE = "suspense"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal at the exchange. `given` is captured; `in_doubt` waits for the count; `back_fiat` and `back_coins`
    were credited at the locked price for what did not come out; `coins` and `fee` what it cost in the end."""

    txn: TxnId
    rrn: str
    approval_code: str
    state: WithdrawState
    amount: WireMoney
    given: WireMoney
    in_doubt: WireMoney
    fee: WireMoney
    from_fiat: WireMoney
    coins: WireMoney | None
    rate: WireMoney | None
    back_fiat: WireMoney
    back_coins: WireMoney | None
    at: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class CashReportRequest:
    """One sealed statement of the cash side, carried by the runtime."""

    report: str


@dataclass(frozen=True, slots=True)
class CashReportReply:
    """`taken`: the sealed `core.cash_report.ReportTaken`. `withdrawal`: how the one it is about stands."""

    number: int
    taken: str
    withdrawal: Withdrawal | None = None
