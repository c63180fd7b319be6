"""Quotes: how much of which coin a price is worth right now, promised for a few seconds.

Nothing is written. The first coin of the member's order that covers price and fee is quoted; the others that would do
are listed. Who has not enough learns only that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind
from backend.market.rules import Board, Pair, Price, Side
from backend.refused import Refused
from backend.settle import capsule
from backend.settle.capsule import BadCapsule, QuoteKeys
from backend.settle.rules import House, Presented, Sum, sum_up
from backend.store.unit import Unit
from core.asset import Asset, AssetKind
from core.faults import Refusal
from core.faults.market import PAIR_UNKNOWN
from core.faults.money import AMOUNT_BAD, COIN_UNKNOWN, COINS_SHORT, QUOTE_BAD, QUOTE_EXPIRED, QUOTE_FOREIGN
from core.ids import TxnId, base32
from core.messages import AuthoriseRequest, QuoteOffer, QuoteRequest, SourcePrice, WireMoney
from core.moment import Moment
from core.money import BadAmount, Money
from core.rate import Rate


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote that came back: what we promised, to whom, until when. `priced` is its JSON, for the journal."""

    id: str
    txn: str
    terminal: str
    presentation: str
    sum: Sum
    expires_at: Moment
    priced: str


def quote(
    unit: Unit,
    house: House,
    board: Board,
    *,
    terminal: str,
    presented: Presented,
    request: QuoteRequest,
    at: Moment,
) -> QuoteOffer:
    """Promise a quantity for a price.

    Raises `Refused`: AMOUNT_BAD, COIN_UNKNOWN, COINS_SHORT, or the price board's reason (then retryable).
    """
    price = request.price.money()
    if price.minor <= 0:
        raise Refused.by(AMOUNT_BAD, "a price is above zero", status=422)
    if request.asset and request.asset not in presented.coins_order:
        raise Refused.by(COIN_UNKNOWN, request.asset[:12], status=422)
    coins = {asset.code: asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN}
    fitting: dict[str, tuple[Sum, Price]] = {}
    priceless: list[Refusal] = []
    for code in presented.coins_order:
        if code not in coins:
            continue
        found = board.price(Pair(coins[code], price.asset), Side.SELL)
        if isinstance(found, Refusal):
            priceless.append(found)
            continue
        made = _sum(price, found, house)
        owner = Owner(OwnerKind.MEMBER, presented.member, presented.wallet)
        if ledger.available(unit, owner, coins[code]) >= made.total.minor:
            fitting[code] = (made, found)
    chosen = request.asset or next(iter(fitting), "")
    if chosen not in fitting:
        if priceless:
            raise no_price(priceless[0])
        raise Refused.by(COINS_SHORT, status=402)
    others = tuple(code for code in fitting if code != chosen)
    made, found = fitting[chosen]
    return _offer(house, terminal, request, made, found, at, others)


def reopen(keys: QuoteKeys, terminal: str, request: AuthoriseRequest) -> Quote:
    """The quote that `request` brings back, checked for signature and binding but not yet for time.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN.
    """
    try:
        text = capsule.open_text(capsule.QUOTE, request.quote, keys)
    except BadCapsule as error:
        raise Refused.by(QUOTE_BAD, str(error), status=422) from None
    claims = msgspec.json.decode(text)
    bound = (claims["txn"], claims["terminal"], claims["presentation"])
    if bound != (request.txn.text, terminal, request.presentation):
        raise Refused.by(QUOTE_FOREIGN, status=422)
    fiat, coin = Asset(*claims["fiat"]), Asset(*claims["coin"])
    made = Sum(
        Rate(coin, Money(claims["rate"], fiat)),
        Money(claims["price"], fiat),
        Money(claims["quantity"], coin),
        Money(claims["fee"], fiat),
        Money(claims["fee_quantity"], coin),
    )
    return Quote(*(claims["id"], *bound), made, Moment(claims["expires"]), text)


def assert_alive(expires_at: Moment, at: Moment) -> None:
    """Raises `Refused` QUOTE_EXPIRED. The backend's clock decides, nobody else's."""
    if at >= expires_at:
        raise Refused.by(QUOTE_EXPIRED, f"{at.since(expires_at)} ms late", status=409)


def no_price(refusal: Refusal) -> Refused:
    """The board's no: it may have a price in a moment, unless the pair is not traded here at all."""
    if refusal.code == PAIR_UNKNOWN.code:
        return Refused(refusal, 422)
    return Refused(refusal, 503, retryable=True)


def _sum(price: Money, found: Price, house: House) -> Sum:
    try:
        return sum_up(price, found.rate.moved(-house.terms.spread_bp), house.terms.fee_bp)
    except BadAmount as error:
        raise Refused.by(AMOUNT_BAD, str(error), status=422) from None


def _offer(
    house: House, terminal: str, request: QuoteRequest, made: Sum, found: Price, at: Moment, others: tuple[str, ...]
) -> QuoteOffer:
    terms = house.terms
    id = base32(at.ms.to_bytes(6) + house.entropy(10))  # in order of time, so that an index grows at its end
    expires_at = at.plus(terms.quote_ms)
    fiat, coin = made.price.asset, made.quantity.asset
    claims: dict[str, Any] = {
        "id": id,
        "txn": request.txn.text,
        "terminal": terminal,
        "presentation": request.presentation,
        "fiat": [fiat.code, fiat.scale],
        "coin": [coin.code, coin.scale],
        "price": made.price.minor,
        "quantity": made.quantity.minor,
        "fee": made.fee.minor,
        "fee_quantity": made.fee_quantity.minor,
        "rate": made.rate.price.minor,
        "spread_bp": terms.spread_bp,
        "sources": [[name, money.minor, when.ms] for name, money, when in found.sources],
        "at": at.ms,
        "expires": expires_at.ms,
    }
    return QuoteOffer(
        quote=capsule.close(capsule.QUOTE, claims, house.keys),
        id=id,
        txn=TxnId(request.txn.text),
        price=WireMoney.of(made.price),
        quantity=WireMoney.of(made.quantity),
        fee=WireMoney.of(made.fee),
        fee_quantity=WireMoney.of(made.fee_quantity),
        total=WireMoney.of(made.total),
        rate=WireMoney.of(made.rate.price),
        spread_bp=terms.spread_bp,
        sources=tuple(SourcePrice(name, WireMoney.of(money), when.rfc3339()) for name, money, when in found.sources),
        priced_at=found.at.rfc3339(),
        expires_at=expires_at.rfc3339(),
        ttl_ms=terms.quote_ms,
        others=others,
    )
