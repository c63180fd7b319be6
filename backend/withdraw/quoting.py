"""Quotes of withdrawals: what notes cost, in fiat, in coins or both, promised for a few seconds. Nothing is written.

A quote that fiat alone pays asks nobody for a price: it works while the price feed is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner
from backend.market.rules import Board, Pair, Side
from backend.market.rules import Price as Believed
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import capsule
from backend.settle.capsule import BadCapsule, QuoteKeys
from backend.settle.quoting import no_price
from backend.store import Unit
from backend.withdraw.limits import coins_of, fit_machine, used, within
from backend.withdraw.rules import Cost, Price, needs_price, priced
from backend.withdraw.teller import Teller
from core.asset import Asset
from core.faults import Refusal
from core.faults.money import AMOUNT_BAD, COIN_UNKNOWN, QUOTE_BAD, QUOTE_FOREIGN
from core.faults.withdrawal import FUNDS_SHORT
from core.ids import base32
from core.messages import SourcePrice, Tender, WithdrawOffer, WithdrawQuoteRequest, WithdrawRequest
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import BadAmount, Money
from core.rate import Rate

KIND: Final = "w1"  # the capsule's kind: no quote of a sale, no refund or trade offer passes as one of these


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote that came back: what we promised, to whom, until when. `text` is its JSON, for the journal."""

    id: str
    amount: Money
    price: Price
    expires_at: Moment
    text: str

    @property
    def cost(self) -> Cost:
        return self.price.cost(self.amount)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """One way to pay that the wallet has enough for. `found` the believed price of its coin."""

    price: Price
    cost: Cost
    found: Believed | None


def quote(
    unit: Unit, teller: Teller, board: Board, *, terminal: str, request: WithdrawQuoteRequest, at: Moment
) -> WithdrawOffer:
    """Promise what `amount` in notes costs.

    Raises `Refused`: MACHINE_UNFIT, AMOUNT_BAD, the limits, COIN_UNKNOWN, FUNDS_SHORT, the price board's reason (then
    retryable), and what the presentation is refused for.
    """
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    amount = request.amount.money()
    members.amount_agreed(shown, amount)
    fit_machine(unit, terminal)
    within(teller, used(unit, shown.member, terminal, at), amount)
    wallet, fiat, fee_bp = members.wallet_of(shown.member), teller.fiat, teller.terms.fee_bp
    free = ledger.available(unit, wallet, fiat)
    if not needs_price(amount, request.tender, free, fee_bp):
        price = priced(amount, request.tender, free, None, fee_bp)
        cost = _cost(price, amount)
        if cost.fiat > free:
            raise Refused.by(FUNDS_SHORT, status=402)
        return _offer(teller, terminal, request, _Fitting(price, cost, None), at, ())
    fitting = _fitting(unit, teller, board, wallet, request, amount, free)
    chosen = request.asset or next(iter(fitting))
    if chosen not in fitting:
        raise Refused.by(FUNDS_SHORT, status=402)
    return _offer(teller, terminal, request, fitting[chosen], at, tuple(code for code in fitting if code != chosen))


def reopen(keys: QuoteKeys, terminal: str, request: WithdrawRequest) -> Quote:
    """The quote that `request` brings back, checked for signature and binding but not yet for time.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN.
    """
    try:
        text = capsule.open_text(KIND, request.quote, keys)
    except BadCapsule as error:
        raise Refused.by(QUOTE_BAD, str(error), status=422) from None
    claims = msgspec.json.decode(text)
    if (claims["txn"], claims["terminal"], claims["presentation"]) != (
        request.txn.text,
        terminal,
        request.presentation,
    ):
        raise Refused.by(QUOTE_FOREIGN, status=422)
    fiat = Asset(*claims["fiat"])
    coin = Asset(*claims["coin"]) if claims["coin"] else None
    rate = Rate(coin, Money(claims["rate"], fiat)) if coin is not None else None
    price = Price(claims["fee_bp"], claims["fiat_most"], rate)
    return Quote(claims["id"], Money(claims["amount"], fiat), price, Moment(claims["expires"]), text)


def _fitting(
    unit: Unit, teller: Teller, board: Board, wallet: Owner, request: WithdrawQuoteRequest, amount: Money, free: int
) -> dict[str, _Fitting]:
    """Every coin of the wallet that would do, in the ledger's order. Raises `Refused` when none does."""
    held = {coin: ledger.available(unit, wallet, coin) for coin in coins_of(unit)}
    if request.asset and not any(coin.code == request.asset and minor > 0 for coin, minor in held.items()):
        raise Refused.by(COIN_UNKNOWN, request.asset[:12], status=422)
    fitting: dict[str, _Fitting] = {}
    priceless: list[Refusal] = []
    for coin, minor in held.items():
        if minor <= 0:
            continue
        found = board.price(Pair(coin, teller.fiat), Side.SELL)
        if isinstance(found, Refusal):
            priceless.append(found)
            continue
        price = priced(amount, request.tender, free, found.rate.moved(-teller.terms.spread_bp), teller.terms.fee_bp)
        cost = _cost(price, amount)
        if cost.coins <= minor:
            fitting[coin.code] = _Fitting(price, cost, found)
    wanted = request.asset in fitting if request.asset else bool(fitting)
    if not wanted:
        if priceless:
            raise no_price(priceless[0])
        raise Refused.by(FUNDS_SHORT, status=402)
    return fitting


def _cost(price: Price, amount: Money) -> Cost:
    try:
        return price.cost(amount)
    except BadAmount as error:
        raise Refused.by(AMOUNT_BAD, str(error), status=422) from None


def _offer(
    teller: Teller, terminal: str, request: WithdrawQuoteRequest, fit: _Fitting, at: Moment, others: tuple[str, ...]
) -> WithdrawOffer:
    terms, fiat, rate = teller.terms, teller.fiat, fit.price.rate
    sources = () if fit.found is None else fit.found.sources
    id = base32(at.ms.to_bytes(6) + teller.entropy(10))
    ends = at.plus(terms.quote_ms)
    claims: dict[str, Any] = {
        "id": id,
        "txn": request.txn.text,
        "terminal": terminal,
        "presentation": request.presentation,
        "tender": request.tender.value,
        "fiat": [fiat.code, fiat.scale],
        "coin": [] if rate is None else [rate.coin.code, rate.coin.scale],
        "amount": fit.cost.notes,
        "fee_bp": fit.price.fee_bp,
        "fiat_most": fit.price.fiat_most,
        "rate": 0 if rate is None else rate.price.minor,
        "spread_bp": terms.spread_bp,
        "sources": [[name, money.minor, when.ms] for name, money, when in sources],
        "at": at.ms,
        "expires": ends.ms,
    }
    return WithdrawOffer(
        quote=capsule.close(KIND, claims, teller.keys),
        id=id,
        txn=request.txn,
        amount=request.amount,
        tender=request.tender if rate is not None else Tender.FIAT,
        fee=WireMoney.of(Money(fit.cost.fee, fiat)),
        from_fiat=WireMoney.of(Money(fit.cost.fiat, fiat)),
        coins=None if rate is None else WireMoney.of(Money(fit.cost.coins, rate.coin)),
        rate=None if rate is None else WireMoney.of(rate.price),
        spread_bp=terms.spread_bp,
        sources=tuple(SourcePrice(name, WireMoney.of(money), when.rfc3339()) for name, money, when in sources),
        expires_at=ends.rfc3339(),
        ttl_ms=terms.quote_ms,
        others=others,
    )
