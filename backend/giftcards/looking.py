"""The counter of a machine: what this member can sell, buy and have as a card here and now."""

from __future__ import annotations

from backend.giftcards import stock
from backend.giftcards.finding import Clerk
from backend.ledger import desk as ledger
from backend.market.rules import Board, Pair, Side
from backend.members import desk as members
from backend.settle.rules import House
from backend.store import Unit
from backend.trade.terminal import fit_counter
from backend.withdraw import desk as withdraw
from backend.withdraw.rules import net_of_fee
from core.asset import Asset, AssetKind
from core.faults import Refusal
from core.messages import CoinWorth, Counter, CounterRequest
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.rate import Rate


def counter(
    unit: Unit, house: House, clerk: Clerk, board: Board, *, terminal: str, request: CounterRequest, at: Moment
) -> Counter:
    """Nothing is written. Coins without a believable price are not offered; cards always are.

    Raises `Refused`: COUNTER_UNFIT, and what the presentation is refused for.
    """
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    fit_counter(unit, terminal)
    fiat, spread, fee_bp = clerk.teller.fiat, house.terms.spread_bp, house.terms.fee_bp
    wallet = members.wallet_of(shown.member)
    coins = [asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN]
    sellable: list[CoinWorth] = []
    buyable: list[CoinWorth] = []
    for coin in coins:
        held = Money(ledger.available(unit, wallet, coin), coin)
        bid, ask = _rate(board, coin, fiat, Side.SELL, -spread), _rate(board, coin, fiat, Side.BUY, spread)
        if bid is not None and held.minor > 0:
            worth = net_of_fee(bid.value(held), fee_bp)
            sellable.append(CoinWorth(WireMoney.of(held), WireMoney.of(worth)))
        if ask is not None:
            buyable.append(CoinWorth(WireMoney.of(Money(coin.one, coin)), WireMoney.of(ask.price)))
    return Counter(
        txn=request.txn,
        fiat=WireMoney.of(Money(ledger.available(unit, wallet, fiat), fiat)),
        coins=tuple(sellable),
        buyable=tuple(buyable),
        unapproved=WireMoney.of(withdraw.unapproved(unit, clerk.teller, shown, terminal, at)),
        cards=stock.catalogue(unit, fiat),
    )


def _rate(board: Board, coin: Asset, fiat: Asset, side: Side, spread_bp: int) -> Rate | None:
    found = board.price(Pair(coin, fiat), side)
    return None if isinstance(found, Refusal) else found.rate.moved(spread_bp)
