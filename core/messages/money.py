"""An amount as it travels: a decimal string, never a number, with its asset and scale."""

from __future__ import annotations

from dataclasses import dataclass

from core.asset import Asset
from core.money import Money


@dataclass(frozen=True, slots=True)
class WireMoney:
    """``{"asset": "BTC", "scale": 8, "amount": "0.00512340"}``. Building one checks it."""

    asset: str
    scale: int
    amount: str

    def __post_init__(self) -> None:
        self.money()

    @classmethod
    def of(cls, money: Money) -> WireMoney:
        """Not checked again: a `Money` is right by its making. A receipt has seven of them."""
        made = object.__new__(cls)
        object.__setattr__(made, "asset", money.asset.code)
        object.__setattr__(made, "scale", money.asset.scale)
        object.__setattr__(made, "amount", money.decimal())
        return made

    def money(self) -> Money:
        """Raises `BadAsset` or `BadAmount` (both ValueErrors)."""
        return Money.parse(self.amount, Asset(self.asset, self.scale))
