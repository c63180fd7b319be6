"""The counter of a machine on the wire: what it can do for this member, buying and selling coins, gift cards.

================================ ===================== =================
``POST E/v1/counter``            `CounterRequest`      `Counter`
``POST E/v1/counter/quotes``     `TradeQuoteRequest`   `TradeQuote`
``POST E/v1/counter/trades``     `TradeRequest`        `TradeDone`
``GET  E/v1/counter/trades/T``   -                     `TradeDone`
``POST E/v1/gift-cards/quotes``  `GiftQuoteRequest`    `GiftQuote`
``POST E/v1/gift-cards``         `GiftRequest`         `GiftSold`
``GET  E/v1/gift-cards/T``       -                     `GiftSold`
================================ ===================== =================

T is the transaction id. A trade and the sale of a gift card are each one act under their transaction id: there is no
hold and no reversal, and asked again they give the original answer, also the same code. What was never done cannot
be done later than its quote lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.ids import TxnId
from core.messages.money import WireMoney
from core.messages.sale import SourcePrice
from core.messages.withdrawal import CoinWorth, Tender


class TradeSide(Enum):
    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class CounterRequest:
    txn: TxnId
    presentation: str


@dataclass(frozen=True, slots=True)
class CardFace:
    """One denomination of an issuer; `in_stock` at this moment."""

    face: WireMoney
    in_stock: bool


@dataclass(frozen=True, slots=True)
class CardIssuer:
    """An issuer's cards, in the order of their faces. `name` and `name_ko` are what people read."""

    issuer: str
    name: str
    name_ko: str
    faces: tuple[CardFace, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """What the machine can do for this member now.

    `fiat` free in the wallet. `coins` what could be sold and what it would bring, fee taken off; `buyable` the coins
    that have a price, each with the fiat one whole coin costs. Both are empty while no price is believed: gift cards
    are then sold for fiat alone. `unapproved` up to this amount a gift card needs no phone.
    """

    txn: TxnId
    fiat: WireMoney
    coins: tuple[CoinWorth, ...]
    buyable: tuple[CoinWorth, ...]
    unapproved: WireMoney
    cards: tuple[CardIssuer, ...]


@dataclass(frozen=True, slots=True)
class TradeQuoteRequest:
    """`fiat` is what leaves the wallet (buy, fee included) or what reaches it (sell, fee taken off)."""

    txn: TxnId
    presentation: str
    side: TradeSide
    asset: str
    fiat: WireMoney


@dataclass(frozen=True, slots=True)
class TradeQuote:
    """A promise until `expires_at`; `quote` is the signed capsule to send back. `fee` is contained in the two."""

    quote: str
    id: str
    txn: TxnId
    side: TradeSide
    fiat: WireMoney
    fee: WireMoney
    coins: WireMoney
    rate: WireMoney
    spread_bp: int
    sources: tuple[SourcePrice, ...]
    expires_at: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class TradeRequest:
    txn: TxnId
    stan: int
    presentation: str
    quote: str


@dataclass(frozen=True, slots=True)
class TradeDone:
    """Done, in one record. `fiat` left (buy) or reached (sell) the wallet, `coins` the other way."""

    txn: TxnId
    rrn: str
    approval_code: str
    side: TradeSide
    fiat: WireMoney
    fee: WireMoney
    coins: WireMoney
    rate: WireMoney
    at: str


@dataclass(frozen=True, slots=True)
class GiftQuoteRequest:
    """`tender` FIAT or COIN; `asset` "" lets the exchange choose the member's first coin."""

    txn: TxnId
    presentation: str
    issuer: str
    face: WireMoney
    tender: Tender
    asset: str = ""


@dataclass(frozen=True, slots=True)
class GiftQuote:
    """What the card costs, promised until `expires_at`. `from_fiat` leaves the wallet, or `coins`, which are sold at
    `rate` (both None when fiat pays). No card is kept back for it."""

    quote: str
    id: str
    txn: TxnId
    issuer: str
    face: WireMoney
    tender: Tender
    fee: WireMoney
    from_fiat: WireMoney
    coins: WireMoney | None
    rate: WireMoney | None
    spread_bp: int
    sources: tuple[SourcePrice, ...]
    expires_at: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class GiftRequest:
    txn: TxnId
    stan: int
    presentation: str
    quote: str


@dataclass(frozen=True, slots=True)
class GiftSold:
    """The card is the member's. `code` is worth its face to whoever has it: it is masked on every disk of a machine,
    which asks again for the same transaction instead. `how` and `how_ko` say how it is used."""

    txn: TxnId
    rrn: str
    approval_code: str
    issuer: str
    name: str
    name_ko: str
    face: WireMoney
    fee: WireMoney
    from_fiat: WireMoney
    coins: WireMoney | None
    rate: WireMoney | None
    how: str
    how_ko: str
    at: str
    code: str = field(default="", repr=False, metadata={"secret": True})
