"""Refund and void on the wire.

``POST A/v1/refund-offers`` `RefundAsk` -> `RefundOffer`; ``POST A/v1/refunds`` `RefundRequest` ->
`RefundDone`; ``POST A/v1/voids`` `VoidRequest` -> `Sale`. A refund is a new movement that refers to the
sale; a void takes the whole sale back before the batch is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.ids import TxnId
from core.messages.money import WireMoney


class RefundChoice(Enum):
    """How the money goes back: the coin bought again at today's price, or fiat into the wallet."""

    COINS_TODAY = "coins_today"
    FIAT = "fiat"


@dataclass(frozen=True, slots=True)
class RefundAsk:
    txn: TxnId
    sale: TxnId
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class RefundOption:
    """One outcome, shown before it is chosen. `gives` is what the shopper gets; `rate` where a coin is bought."""

    choice: RefundChoice
    gives: WireMoney
    rate: WireMoney | None = None


@dataclass(frozen=True, slots=True)
class RefundOffer:
    """Both outcomes for the same fiat `amount`, good until `expires_at`. `offer` is the signed capsule."""

    offer: str
    sale: TxnId
    amount: WireMoney
    options: tuple[RefundOption, ...]
    expires_at: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class RefundRequest:
    txn: TxnId
    sale: TxnId
    choice: RefundChoice
    offer: str


@dataclass(frozen=True, slots=True)
class RefundDone:
    """Given back. `proof` verifies the refund's own receipt."""

    txn: TxnId
    sale: TxnId
    rrn: str
    choice: RefundChoice
    amount: WireMoney
    given: WireMoney
    refunded_at: str
    proof: str


@dataclass(frozen=True, slots=True)
class VoidRequest:
    txn: TxnId
    sale: TxnId
