"""Effects of the counter: buying and selling coins, and gift cards."""

from __future__ import annotations

from dataclasses import dataclass

from core.effect_kinds import Asked, Owed
from core.ids import TxnId
from core.messages import Tender, TradeSide, WireMoney


@dataclass(frozen=True, slots=True)
class AskCounter(Asked):
    """What can this member sell, buy and have as a card here now?"""

    key: str
    txn: TxnId
    presentation: str


@dataclass(frozen=True, slots=True)
class AskTradeQuote(Asked):
    """What does buying or selling coins for this much fiat come to now?"""

    key: str
    txn: TxnId
    presentation: str
    side: TradeSide
    asset: str
    fiat: WireMoney


@dataclass(frozen=True, slots=True)
class Trade(Owed):
    """Do the quoted trade, in one act. Unanswered it is asked again with its key: done, or never done."""

    key: str
    txn: TxnId
    stan: int
    presentation: str
    quote: str


@dataclass(frozen=True, slots=True)
class AskCardQuote(Asked):
    """What does this gift card cost in this tender now?"""

    key: str
    txn: TxnId
    presentation: str
    issuer: str
    face: WireMoney
    tender: Tender


@dataclass(frozen=True, slots=True)
class BuyCard(Owed):
    """Buy the quoted card, in one act. Asked again for the same transaction the exchange tells the same code."""

    key: str
    txn: TxnId
    stan: int
    presentation: str
    quote: str
