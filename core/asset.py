"""Assets: what a unit of value is called and how finely it divides.

An asset is fiat, a coin, or one of the house units (cybermoney, points, gift cards). Its *scale* is the
number of decimals of its ledger unit. The scale is chosen so that total supply x 10^scale stays below
2^63 (an SQLite and PostgreSQL integer), which is why no asset may have more than eight decimals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

SCALE_MAX = 8
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")


class AssetKind(Enum):
    """What sort of value an asset is; decides which rules apply to it."""

    FIAT = "fiat"
    COIN = "coin"
    CYBER = "cyber"
    POINT = "point"
    GIFT = "gift"


class BadAsset(ValueError):
    """An asset code or scale outside the permitted form."""


@dataclass(frozen=True, slots=True, order=True)
class Asset:
    """One unit kept in the ledger.

    `code`: 2-10 characters, `A-Z` then `A-Z0-9` (``KRW``, ``BTC``). `scale`: decimals of the minor
    unit, 0-8. Raises `BadAsset` for anything else.
    """

    code: str
    scale: int

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise BadAsset(f"asset code {self.code!r} is not 2-10 characters A-Z 0-9")
        if not 0 <= self.scale <= SCALE_MAX:
            raise BadAsset(f"asset {self.code} has scale {self.scale}, allowed is 0-{SCALE_MAX}")

    @property
    def one(self) -> int:
        """Minor units in one whole unit."""
        ten: int = 10
        one: int = ten**self.scale
        return one

    def __str__(self) -> str:
        return self.code


KRW = Asset("KRW", 0)
BTC = Asset("BTC", 8)
