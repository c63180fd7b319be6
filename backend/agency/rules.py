"""The agency's rules: what an answer of the exchange means, and where three counts of one day differ. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from backend.relay import ClosedBatch
from core.codec import BadMessage, from_plain
from core.faults import Refusal
from core.faults.agency import BAD_REPLY, EXCHANGE_SILENT
from core.messages import Problem, Totals

DAY_MS: Final = 86_400_000
ATTEMPTS: Final = 3  # sends of one request before its outcome is called unknown
PAUSES_S: Final = (0.1, 0.3)  # between them; with `TIMEOUT_S` below the terminal's own deadline of 8 s
TIMEOUT_S: Final = 2.2
ASKS_MAX: Final = 40  # times the agency asks by itself what became of a sale: about a day, then a person looks
ASK_FIRST_MS: Final = 10_000
ASK_PAUSE_MAX_MS: Final = 3_600_000


class SaleStep(Enum):
    """Where a relayed sale stands at the agency. UNKNOWN is neither yes nor no."""

    CREATED = "created"
    AUTHORISED = "authorised"
    SETTLED = "settled"
    DECLINED = "declined"
    REVERSED = "reversed"
    VOIDED = "voided"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    SUSPENSE = "suspense"


# What the exchange may tell about a sale in each step; anything else is not taken over (only forward edges).
FORWARD: Final[Mapping[SaleStep, frozenset[SaleStep]]] = {
    SaleStep.CREATED: frozenset(SaleStep),
    SaleStep.UNKNOWN: frozenset(SaleStep),
    SaleStep.SUSPENSE: frozenset(SaleStep),
    SaleStep.AUTHORISED: frozenset(
        {SaleStep.AUTHORISED, SaleStep.SETTLED, SaleStep.REVERSED, SaleStep.EXPIRED, SaleStep.UNKNOWN}
    ),
    SaleStep.SETTLED: frozenset({SaleStep.SETTLED, SaleStep.VOIDED, SaleStep.REVERSED}),
    SaleStep.DECLINED: frozenset(SaleStep),  # another attempt, with a new quote, may be authorised
    SaleStep.REVERSED: frozenset({SaleStep.REVERSED}),
    SaleStep.VOIDED: frozenset({SaleStep.VOIDED}),
    SaleStep.EXPIRED: frozenset({SaleStep.EXPIRED, SaleStep.REVERSED}),
}


@dataclass(frozen=True, slots=True)
class Yes:
    """The exchange did it. `body` is its answer, as it came."""

    body: bytes


@dataclass(frozen=True, slots=True)
class No:
    """The exchange refused. `final`: asking again with the same key gives the same answer."""

    refusal: Refusal
    status: int
    final: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say. The same request with the same key may be sent again."""

    refusal: Refusal


Outcome = Yes | No | Unknown
SILENT: Final = Unknown(Refusal(EXCHANGE_SILENT.code, EXCHANGE_SILENT.name))


def outcome(status: int, body: bytes) -> Outcome:
    """What an answer means. Only a problem of ours is a no; everything unexpected is unknown."""
    if 200 <= status < 300:
        return Yes(body)
    try:
        told = from_plain(Problem, json.loads(body))
    except (BadMessage, ValueError, RecursionError):
        return Unknown(Refusal(BAD_REPLY.code, f"status {status}"))
    if status >= 500 and not (told.retryable and status == 503):
        return Unknown(Refusal(EXCHANGE_SILENT.code, f"the exchange said {told.code}"))
    return No(Refusal(told.code, told.detail), status, final=not told.retryable)


def next_ask(asks: int, now_ms: int) -> int:
    """When to ask again what became of a sale: soon at first, hourly in the end."""
    return now_ms + min(ASK_FIRST_MS << min(asks, 20), ASK_PAUSE_MAX_MS)


@dataclass(frozen=True, slots=True)
class Counted:
    """One transaction as the agency counted it."""

    txn: str
    kind: str
    minor: int
    rrn: str = ""


def differing(ours: tuple[Counted, ...], exchange: ClosedBatch) -> tuple[str, ...]:
    """What stands in one count and not, or otherwise, in the other: by the number on its paper where one knows it."""
    mine = {(one.txn, one.kind, one.minor) for one in ours}
    theirs = {(one.txn.text, one.kind, one.amount.money().minor) for one in exchange.tallied}
    numbers = {one.txn: one.rrn for one in ours if one.rrn} | {
        one.txn.text: one.rrn for one in exchange.tallied if one.rrn
    }
    return tuple(sorted({numbers.get(txn, txn) for txn, _, _ in mine ^ theirs}))


def agree(terminal: Totals, agency: Totals, exchange: Totals) -> bool:
    return terminal == agency == exchange
