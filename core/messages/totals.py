"""Batch close on the wire: ``POST A/v1/batches`` `BatchRequest` -> `BatchTotals`.

Three parties counted the same day: terminal, agency and exchange. The close compares and says where
they differ; it never makes them agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.ids import TxnId
from core.messages.money import WireMoney


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts and fiat sums of one batch. A void counts in `voids` and no longer in `sales`."""

    sales: int
    sold: WireMoney
    refunds: int
    refunded: WireMoney
    voids: int
    voided: WireMoney


@dataclass(frozen=True, slots=True)
class BatchRequest:
    txn: TxnId
    totals: Totals


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """`batch` the number just closed. `agrees` only when all three are equal; else `differing` names
    sales and refunds, by the number on their paper."""

    txn: TxnId
    batch: int
    terminal: Totals
    agency: Totals
    exchange: Totals
    agrees: bool
    differing: tuple[str, ...]
    commission: WireMoney
    closed_at: str
