"""Events of the counter: what the exchange answers about coins and gift cards."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages import Counter, GiftQuote, GiftSold, TradeDone, TradeQuote


@dataclass(frozen=True, slots=True)
class CounterKnown:
    answers: str
    counter: Counter


@dataclass(frozen=True, slots=True)
class TradeQuoted:
    answers: str
    quote: TradeQuote


@dataclass(frozen=True, slots=True)
class Traded:
    answers: str
    done: TradeDone


@dataclass(frozen=True, slots=True)
class CardQuoted:
    answers: str
    quote: GiftQuote


@dataclass(frozen=True, slots=True)
class CardSold:
    """The card is the member's. Its code is masked on disk: after a restart the exchange is asked again."""

    answers: str
    sold: GiftSold
