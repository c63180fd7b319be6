"""Buying and selling for a member on the page: a signed offer, then one record after a yes.

The house is the other side (`house:liquidity`), at the board's ask or bid and the exchange's spread; its fee is an
entry of its own. The offer is stateless; its id is the business key of the record, so it is used once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from backend.ledger import desk as ledger
from backend.ledger.desk import Posting, Record
from backend.market.rules import Board, Pair, Side
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import capsule
from backend.settle.quoting import assert_alive, no_price
from backend.settle.rules import FEES, LIQUIDITY, House
from backend.store import Unit
from backend.trade.rules import Deal, buy, sell
from core.asset import Asset, AssetKind
from core.faults import Refusal
from core.faults.market import PAIR_UNKNOWN
from core.faults.money import AMOUNT_BAD, QUOTE_BAD, QUOTE_FOREIGN
from core.ids import base32
from core.messages import TradeSide, WireMoney
from core.moment import Moment
from core.money import BadAmount, Money
from core.rate import Rate

KIND: Final = "t1"  # the capsule's kind: a trade offer never passes as a quote or a refund offer


@dataclass(frozen=True, slots=True)
class TradeAsk:
    """`amount` is the fiat to spend when buying, the coins to sell when selling; `asset` the coin's code."""

    side: TradeSide
    asset: str
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class TradeOffer:
    """`offer` is the signed capsule to send back. `fiat` leaves (buy) or reaches (sell) the wallet, fee included."""

    offer: str
    side: TradeSide
    fiat: WireMoney
    fee: WireMoney
    coins: WireMoney
    rate: WireMoney
    expires_at: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class TradeConfirm:
    offer: str


@dataclass(frozen=True, slots=True)
class Traded:
    """Done. `number` is the record's in the wallet's history."""

    number: int
    side: TradeSide
    fiat: WireMoney
    fee: WireMoney
    coins: WireMoney
    rate: WireMoney
    at: str


def offer(unit: Unit, house: House, board: Board, member: str, ask: TradeAsk, fiat: Asset, at: Moment) -> TradeOffer:
    """What the trade comes to right now. Nothing is written. Raises `Refused`."""
    coins = {asset.code: asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN}
    coin = coins.get(ask.asset)
    if coin is None:
        raise Refused.by(PAIR_UNKNOWN, ask.asset[:12], status=422)
    deal = _deal(house, board, ask, Pair(coin, fiat))
    ends = at.plus(house.terms.quote_ms)
    claims: dict[str, Any] = {
        "id": base32(house.entropy(16)),
        "member": member,
        "side": ask.side.value,
        "coin": [coin.code, coin.scale, deal.coins.minor],
        "fiat": [fiat.code, fiat.scale, deal.fiat.minor],
        "fee": deal.fee.minor,
        "rate": deal.rate.price.minor,
        "expires": ends.ms,
    }
    return TradeOffer(
        capsule.close(KIND, claims, house.keys),
        ask.side,
        WireMoney.of(deal.fiat),
        WireMoney.of(deal.fee),
        WireMoney.of(deal.coins),
        WireMoney.of(deal.rate.price),
        ends.rfc3339(),
        house.terms.quote_ms,
    )


def confirm(unit: Unit, house: House, member: str, capsule_text: str, at: Moment) -> Traded:
    """Do what was offered, once. Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, NOT_ENOUGH."""
    try:
        claims = capsule.open_(KIND, capsule_text, house.keys)
    except capsule.BadCapsule:
        raise Refused.by(QUOTE_BAD, status=422) from None
    if claims["member"] != member:
        raise Refused.by(QUOTE_FOREIGN, status=403)
    assert_alive(Moment(claims["expires"]), at)
    coins, fiat = _money(claims["coin"]), _money(claims["fiat"])
    fee = Money(claims["fee"], fiat.asset)
    side = TradeSide(claims["side"])
    record = Record(
        side.value, f"trade/{claims['id']}", at, postings(unit, member, side, fiat, fee, coins), actor=member
    )
    posted = ledger.post(unit, record)
    facts = {"fiat": fiat.decimal(), "currency": fiat.asset.code, "coins": coins.decimal(), "coin": coins.asset.code}
    unit.tell(members.TOPIC, members.MemberEvent(member, side.value, facts))
    rate = WireMoney.of(Money(claims["rate"], fiat.asset))
    return Traded(posted.journal, side, WireMoney.of(fiat), WireMoney.of(fee), WireMoney.of(coins), rate, at.rfc3339())


def _deal(house: House, board: Board, ask: TradeAsk, pair: Pair) -> Deal:
    found = board.price(pair, Side.BUY if ask.side is TradeSide.BUY else Side.SELL)
    if isinstance(found, Refusal):
        raise no_price(found)
    amount, spread = ask.amount.money(), house.terms.spread_bp
    wanted = pair.fiat if ask.side is TradeSide.BUY else pair.coin
    if amount.asset != wanted or amount.minor <= 0:
        raise Refused.by(AMOUNT_BAD, f"an amount of {wanted.code} above zero", status=422)
    try:
        if ask.side is TradeSide.BUY:
            return buy(amount, _up(found.rate, spread), house.terms.fee_bp)
        return sell(amount, found.rate.moved(-spread), house.terms.fee_bp)
    except BadAmount as error:
        raise Refused.by(AMOUNT_BAD, str(error), status=422) from None


def _up(rate: Rate, spread_bp: int) -> Rate:
    return rate.moved(spread_bp)


def postings(unit: Unit, member: str, side: TradeSide, fiat: Money, fee: Money, coins: Money) -> tuple[Posting, ...]:
    """`sign` is plus when the member gets coins. The house's fiat is what the member gives or gets, less the fee."""
    sign = 1 if side is TradeSide.BUY else -1
    wallet = members.wallet_of(member)
    house_fiat = fiat.minor - fee.minor if side is TradeSide.BUY else -(fiat.minor + fee.minor)
    made = (
        Posting(ledger.account(unit, wallet, fiat.asset), -sign * fiat.minor),
        Posting(ledger.account(unit, wallet, coins.asset), sign * coins.minor),
        Posting(ledger.account(unit, LIQUIDITY, fiat.asset), house_fiat),
        Posting(ledger.account(unit, LIQUIDITY, coins.asset), -sign * coins.minor),
        Posting(ledger.account(unit, FEES, fiat.asset), fee.minor),
    )
    return tuple(one for one in made if one.minor)


def _money(claim: list[Any]) -> Money:
    code, scale, minor = claim
    return Money(minor, Asset(code, scale))
