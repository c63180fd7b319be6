"""What buying and selling come to. Pure. The fee is taken in fiat and stands beside the price, never hidden in it."""

from __future__ import annotations

from dataclasses import dataclass

from core.money import BadAmount, Money
from core.rate import Rate


@dataclass(frozen=True, slots=True)
class Deal:
    """`fiat` is what leaves (buy) or reaches (sell) the wallet, `fee` is part of it; `coins` the other side."""

    rate: Rate
    fiat: Money
    fee: Money
    coins: Money


def buy(fiat: Money, rate: Rate, fee_bp: int) -> Deal:
    """Spend exactly `fiat`: the fee first, coins for the rest, rounded down. Raises `BadAmount`."""
    fee = fiat.share(fee_bp)
    rest = fiat - fee
    coins = rate.quantity_down(rest) if rest.minor > 0 else Money.zero(rate.coin)
    if coins.minor <= 0:
        raise BadAmount("the amount does not buy a single unit")
    return Deal(rate, fiat, fee, coins)


def sell(coins: Money, rate: Rate, fee_bp: int) -> Deal:
    """Sell exactly `coins`: their value rounded down, less the fee. Raises `BadAmount`."""
    value = rate.value(coins)
    fee = value.share(fee_bp)
    if value.minor <= fee.minor:
        raise BadAmount("the amount is not worth a single unit")
    return Deal(rate, value - fee, fee, coins)


def sell_for(fiat: Money, rate: Rate, fee_bp: int) -> Deal:
    """Sell what brings exactly `fiat` with the fee taken off: as few coins as do, rounded up. Raises `BadAmount`."""
    if fiat.minor <= 0:
        raise BadAmount("the amount is not worth a single unit")
    fee = fiat.share(fee_bp)
    return Deal(rate, fiat, fee, rate.quantity(fiat + fee))
