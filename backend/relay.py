"""What the payment agency passes on to the exchange: the terminal's request, who sent it, and on what conditions.

====================================== ==================== ================
``POST E/v1/agency/authorisations``    `RelayedAuthorise`   `Authorisation`
``POST E/v1/agency/captures``          `RelayedCapture`     `Capture`
``POST E/v1/agency/sales``             `RelayedSale`        `Capture`
``POST E/v1/agency/reversals``         `RelayedReverse`     `Sale`
``POST E/v1/agency/voids``             `RelayedVoid`        `Sale`
``POST E/v1/agency/refund-offers``     `RelayedRefundAsk`   `RefundOffer`
``POST E/v1/agency/refunds``           `RelayedRefund`      `RefundDone`
``POST E/v1/agency/batches``           `RelayedBatch`       `ClosedBatch`
``GET  E/v1/agency/sales/{reference}`` ``?terminal=``       `Sale`
``GET  E/v1/agency/terminals/{id}``    -                    the terminal's record
====================================== ==================== ================

All are signed by the agency and carry the terminal's idempotency key unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.ids import TxnId
from core.messages import (
    AuthoriseRequest,
    CaptureRequest,
    RefundAsk,
    RefundRequest,
    ReverseRequest,
    Totals,
    VoidRequest,
    WireMoney,
)
from core.money import MINOR_MAX

STAN_MAX: Final = 2**31 - 1  # a terminal that sells once a second reaches it after 68 years


@dataclass(frozen=True, slots=True)
class RelayedAuthorise:
    """`commission_bp`: ten-thousandths of the payout that the agency keeps. `sale_limit` and `day_left`: the most this
    sale may come to, in minor units of the price; the agency approves up to them in lieu of the exchange (VAN)."""

    terminal: str
    commission_bp: int
    sale_limit: int
    day_left: int
    request: AuthoriseRequest

    def __post_init__(self) -> None:
        if not 0 <= self.commission_bp <= 3_000:
            raise ValueError("a commission is 0 to 3000 bp")
        if not 0 <= self.request.stan <= STAN_MAX:
            raise ValueError(f"a running number is 0 to {STAN_MAX}")
        if not (0 <= self.sale_limit <= MINOR_MAX and 0 <= self.day_left <= MINOR_MAX):
            raise ValueError("a limit is not negative and fits 63 bits")


@dataclass(frozen=True, slots=True)
class RelayedSale(RelayedAuthorise):
    """Authorise and capture in one act (ISO 8583 0200), where nothing stands between the yes and the goods."""


@dataclass(frozen=True, slots=True)
class RelayedCapture:
    terminal: str
    request: CaptureRequest


@dataclass(frozen=True, slots=True)
class RelayedReverse:
    terminal: str
    request: ReverseRequest


@dataclass(frozen=True, slots=True)
class RelayedVoid:
    terminal: str
    request: VoidRequest


@dataclass(frozen=True, slots=True)
class RelayedRefundAsk:
    terminal: str
    request: RefundAsk


@dataclass(frozen=True, slots=True)
class RelayedRefund:
    terminal: str
    request: RefundRequest


@dataclass(frozen=True, slots=True)
class RelayedBatch:
    terminal: str
    txn: TxnId


@dataclass(frozen=True, slots=True)
class Tallied:
    """One transaction of a batch as the exchange counted it: `kind` ``sale | void | refund``; `rrn` is on its paper."""

    txn: TxnId
    kind: str
    amount: WireMoney
    rrn: str = ""


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """The exchange's half of a batch close."""

    txn: TxnId
    number: int
    totals: Totals
    commission: WireMoney
    tallied: tuple[Tallied, ...]
    closed_at: str


@dataclass(frozen=True, slots=True)
class TerminalRecord:
    """What the agency reads of a terminal; other fields are ignored. `public_key` raw Ed25519, base64."""

    id: str
    seller: str
    shop: str
    mode: str
    state: str
    public_key: str
