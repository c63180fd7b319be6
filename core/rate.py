"""Rate: the exact ratio between a coin and a fiat, and the quantity a price is worth.

A price is "fiat for one whole unit of the coin". It is kept as an integer ratio so that
quantity = ceil(fiat x coin-minor / fiat-minor) is computed once, in integers, and always rounded
in the same declared direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.asset import Asset
from core.money import BadAmount, Money, grouped


@dataclass(frozen=True, slots=True)
class Rate:
    """One whole unit of `coin` costs `price` (fiat, above zero)."""

    coin: Asset
    price: Money

    def __post_init__(self) -> None:
        if self.price.minor <= 0:
            raise BadAmount(f"a price of {self.price} is not above zero")
        if self.coin == self.price.asset:
            raise BadAmount(f"{self.coin.code} cannot be priced in itself")

    def quantity(self, fiat: Money) -> Money:
        """Coins that `fiat` is worth, rounded up: the payer never sends less than the price."""
        self._fiat(fiat)
        return Money(-(-fiat.minor * self.coin.one // self.price.minor), self.coin)

    def quantity_down(self, fiat: Money) -> Money:
        """Coins that `fiat` buys, rounded down: the buyer never gets more than was paid for."""
        self._fiat(fiat)
        return Money(fiat.minor * self.coin.one // self.price.minor, self.coin)

    def value(self, coins: Money) -> Money:
        """Fiat that `coins` are worth, rounded down: the house never pays more than the market."""
        if coins.asset != self.coin:
            raise BadAmount(f"a rate of {self.coin.code} cannot value {coins.asset.code}")
        return Money(coins.minor * self.price.minor // self.coin.one, self.price.asset)

    def moved(self, bp: int) -> Rate:
        """This rate with its price changed by `bp` ten-thousandths, rounded down, at least one minor unit."""
        exact = Fraction(self.price.minor * (10_000 + bp), 10_000)
        return Rate(self.coin, Money(max(1, int(exact)), self.price.asset))

    def _fiat(self, fiat: Money) -> None:
        if fiat.asset != self.price.asset:
            raise BadAmount(f"a rate in {self.price.asset.code} cannot take {fiat.asset.code}")
        if fiat.minor < 0:
            raise BadAmount("a quantity is asked for a non-negative price")

    def __str__(self) -> str:
        return f"1 {self.coin.code} = {grouped(self.price)} {self.price.asset.code}"
