"""The sale on the wire: present a code, ask a quote, authorise, capture, reverse.

Routes (E exchange, A payment agency):

====================================== ==================== ================
``POST E/v1/presentations``            `PresentRequest`     `Presentation`
``POST E/v1/quotes``                   `QuoteRequest`       `QuoteOffer`
``POST A/v1/authorisations``           `AuthoriseRequest`   `Authorisation`
``POST A/v1/captures``                 `CaptureRequest`     `Capture`
``POST A/v1/reversals``                `ReverseRequest`     `Sale`
``GET  A/v1/sales/{txn or rrn}``       -                    `Sale`
====================================== ==================== ================

The agency takes what belongs to it (the seller's right to sell, its commission) and passes the request
on to the exchange under ``E/v1/agency/...``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.ids import TxnId
from core.messages.money import WireMoney


@dataclass(frozen=True, slots=True)
class TapProof:
    """A phone's answer to AUTHORISE, bound to what the terminal asked: see `core.wire.apdu`.

    `handle` nine digits, `nonce` and `mac` hex, `terminal` and `mode` as offered.
    """

    handle: str
    counter: int
    nonce: str
    terminal: str
    amount: WireMoney
    mode: str
    mac: str


@dataclass(frozen=True, slots=True)
class PresentRequest:
    """Redeem what the customer showed: exactly one of `code` (18 digits) and `tap`."""

    txn: TxnId
    source: str
    code: str | None = None
    tap: TapProof | None = None

    def __post_init__(self) -> None:
        if (self.code is None) == (self.tap is None):
            raise ValueError("a presentation carries a code or a tap, not both")


@dataclass(frozen=True, slots=True)
class Presentation:
    """A redeemed code, bound to transaction and terminal. `hint` is its last four characters, for paper."""

    id: str
    txn: TxnId
    hint: str
    assets: tuple[str, ...]
    expires_at: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    txn: TxnId
    presentation: str
    price: WireMoney
    asset: str = ""


@dataclass(frozen=True, slots=True)
class SourcePrice:
    """One venue's price as it went into a quote."""

    name: str
    price: WireMoney
    at: str


@dataclass(frozen=True, slots=True)
class QuoteOffer:
    """A promise that never changes: this price for that quantity until `expires_at`.

    `quote` is the signed capsule to send back. `price` fiat asked; `quantity` coins for the price;
    `fee` the shopper's fee in fiat and `fee_quantity` in coins; `total` = quantity + fee_quantity.
    `rate` fiat for one coin. `others` codes of the member's other coins that would do.
    """

    quote: str
    id: str
    txn: TxnId
    price: WireMoney
    quantity: WireMoney
    fee: WireMoney
    fee_quantity: WireMoney
    total: WireMoney
    rate: WireMoney
    spread_bp: int
    sources: tuple[SourcePrice, ...]
    priced_at: str
    expires_at: str
    ttl_ms: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthoriseRequest:
    txn: TxnId
    stan: int
    presentation: str
    quote: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The exchange's yes, with a hold. `rrn` is its reference for the whole business."""

    txn: TxnId
    rrn: str
    approval_code: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    txn: TxnId


@dataclass(frozen=True, slots=True)
class Payout:
    """What the seller was credited, after the agency's commission; fiat or the coin, as the seller chose."""

    amount: WireMoney
    commission: WireMoney


@dataclass(frozen=True, slots=True)
class Capture:
    """Settled: the coins are sold and the seller is credited. `proof` verifies the receipt (`core.proof`)."""

    txn: TxnId
    rrn: str
    approval_code: str
    price: WireMoney
    quantity: WireMoney
    fee: WireMoney
    total: WireMoney
    rate: WireMoney
    payout: Payout
    settled_at: str
    proof: str


@dataclass(frozen=True, slots=True)
class ReverseRequest:
    """Undo or never do. An unknown `txn` is remembered, so that a late original loses."""

    txn: TxnId
    reason: str


class SaleState(Enum):
    """Where a sale stands. A state we do not know is not success."""

    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    SETTLED = "settled"
    REVERSED = "reversed"
    VOIDED = "voided"
    EXPIRED = "expired"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Sale:
    """What the far side knows of a sale. `capture` when settled; `refundable` is what may still be given back.

    `proof` verifies the paper of a void (`core.proof`); "" in every other state, there the capture has its own.
    """

    txn: TxnId
    rrn: str
    state: SaleState
    at: str
    price: WireMoney | None = None
    refundable: WireMoney | None = None
    voidable: bool = False
    capture: Capture | None = None
    proof: str = ""
