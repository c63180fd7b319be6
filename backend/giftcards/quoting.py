"""Quotes of cards: what one costs in fiat or in a coin, promised for a few seconds. Nothing is written.

A quote that fiat pays asks nobody for a price: it works while the price feed is down.
"""

from __future__ import annotations

from typing import Any, Final

from backend.giftcards import stock
from backend.giftcards.finding import Clerk
from backend.giftcards.rules import CardCost, card_cost
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner
from backend.market.rules import Board, Pair, Side
from backend.market.rules import Price as Believed
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import capsule
from backend.settle.quoting import no_price
from backend.store import Unit
from backend.trade.terminal import fit_counter
from core.asset import AssetKind
from core.faults import Refusal
from core.faults.giftcards import CARD_SHORT, CARD_UNKNOWN, OUT_OF_STOCK, TENDER_BAD
from core.faults.money import AMOUNT_BAD, COIN_UNKNOWN
from core.ids import base32
from core.messages import GiftQuote, GiftQuoteRequest, SourcePrice, Tender
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import BadAmount, Money
from core.rate import Rate

KIND: Final = "g1"  # the capsule's kind: no other promise passes as one of these


def quote(unit: Unit, clerk: Clerk, board: Board, *, terminal: str, request: GiftQuoteRequest, at: Moment) -> GiftQuote:
    """Promise what a card costs. Nothing is written and no card is kept back.

    Raises `Refused`: COUNTER_UNFIT, CARD_UNKNOWN, OUT_OF_STOCK, TENDER_BAD, CARD_SHORT, COIN_UNKNOWN, the price board's
    reason (then retryable; fiat asks nobody for a price), and what the presentation is refused for.
    """
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    fit_counter(unit, terminal)
    face, fiat = request.face.money(), clerk.teller.fiat
    known, in_stock = stock.has(unit, request.issuer, face) if face.asset == fiat else (False, False)
    if not known:
        raise Refused.by(CARD_UNKNOWN, request.issuer[:20], status=422)
    members.amount_agreed(shown, face)
    if not in_stock:
        raise Refused.by(OUT_OF_STOCK, f"{request.issuer} {face}", status=409)
    wallet = members.wallet_of(shown.member)
    match request.tender:
        case Tender.FIAT:
            cost = card_cost(face, Tender.FIAT, None, clerk.terms)
            if ledger.available(unit, wallet, fiat) < cost.fiat.minor:
                raise Refused.by(CARD_SHORT, status=402)
            return _quote(clerk, terminal, request, cost, None, None, at)
        case Tender.COIN:
            cost, rate, found = _coins(unit, clerk, board, wallet, request, face)
            return _quote(clerk, terminal, request, cost, rate, found, at)
        case _:
            raise Refused.by(TENDER_BAD, request.tender.value, status=422)


def _coins(
    unit: Unit, clerk: Clerk, board: Board, wallet: Owner, request: GiftQuoteRequest, face: Money
) -> tuple[CardCost, Rate, Believed]:
    """The asked coin, or the first of the wallet that has enough. Raises `Refused` when none does."""
    coins = [asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN]
    held = [(coin, minor) for coin in coins if (minor := ledger.available(unit, wallet, coin)) > 0]
    wanted = [one for one in held if request.asset in ("", one[0].code)]
    if request.asset and not wanted:
        raise Refused.by(COIN_UNKNOWN, request.asset[:12], status=422)
    priceless: list[Refusal] = []
    for coin, minor in wanted:
        found = board.price(Pair(coin, face.asset), Side.SELL)
        if isinstance(found, Refusal):
            priceless.append(found)
            continue
        rate = found.rate.moved(-clerk.terms.spread_bp)
        try:
            cost = card_cost(face, Tender.COIN, rate, clerk.terms)
        except BadAmount as error:
            raise Refused.by(AMOUNT_BAD, str(error), status=422) from None
        assert cost.coins is not None, "coins pay it"
        if cost.coins.minor <= minor:
            return cost, rate, found
    raise no_price(priceless[0]) if priceless else Refused.by(CARD_SHORT, status=402)


def _quote(
    clerk: Clerk,
    terminal: str,
    request: GiftQuoteRequest,
    cost: CardCost,
    rate: Rate | None,
    found: Believed | None,
    at: Moment,
) -> GiftQuote:
    terms, teller = clerk.terms, clerk.teller
    sources = () if found is None else found.sources
    id, ends = base32(at.ms.to_bytes(6) + teller.entropy(10)), at.plus(terms.quote_ms)
    fiat = cost.face.asset
    claims: dict[str, Any] = {
        "id": id,
        "txn": request.txn.text,
        "terminal": terminal,
        "presentation": request.presentation,
        "issuer": request.issuer,
        "fiat": [fiat.code, fiat.scale],
        "coin": ["", 0] if rate is None else [rate.coin.code, rate.coin.scale],
        "face": cost.face.minor,
        "fee": cost.fee.minor,
        "from_fiat": cost.fiat.minor,
        "sold": cost.sold.minor,
        "coins": 0 if cost.coins is None else cost.coins.minor,
        "rate": 0 if rate is None else rate.price.minor,
        "spread_bp": terms.spread_bp,
        "sources": [[name, money.minor, when.ms] for name, money, when in sources],
        "at": at.ms,
        "expires": ends.ms,
    }
    return GiftQuote(
        quote=capsule.close(KIND, claims, teller.keys),
        id=id,
        txn=request.txn,
        issuer=request.issuer,
        face=request.face,
        tender=request.tender,
        fee=WireMoney.of(cost.fee),
        from_fiat=WireMoney.of(cost.fiat),
        coins=None if cost.coins is None else WireMoney.of(cost.coins),
        rate=None if rate is None else WireMoney.of(rate.price),
        spread_bp=terms.spread_bp,
        sources=tuple(SourcePrice(name, WireMoney.of(money), when.rfc3339()) for name, money, when in sources),
        expires_at=ends.rfc3339(),
        ttl_ms=terms.quote_ms,
    )
