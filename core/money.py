"""Money: an exact, signed count of the minor units of one asset.

There is no float anywhere in a path of money. Amounts travel as decimal strings ("50000", "0.00512340");
`Money.parse` and `Money.decimal` are the only two doors between text and minor units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.asset import Asset

MINOR_MAX = 2**63 - 1  # a signed 64-bit column, in SQLite as in PostgreSQL
TEXT_MAX = 32  # 19 digits, a sign, a point and room; a longer text is an attack or a mistake
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


class BadAmount(ValueError):
    """Text that is not an exact amount of the asset: wrong form, too many decimals, too large."""


class AssetMismatch(TypeError):
    """Two assets met in one sum. A programmer's error: never caught, never shown."""


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` smallest units of `asset`; may be negative (a posting is signed)."""

    minor: int
    asset: Asset

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units must be int, not {type(self.minor).__name__}")
        if abs(self.minor) > MINOR_MAX:
            raise BadAmount(f"{self.minor} minor units of {self.asset.code} do not fit 63 bits")

    @classmethod
    def zero(cls, asset: Asset) -> Money:
        return cls(0, asset)

    @classmethod
    def parse(cls, text: str, asset: Asset) -> Money:
        """Read a plain decimal ("-12.5"); no grouping, no exponent, no more decimals than the scale.

        Raises `BadAmount` and never rounds.
        """
        found = _DECIMAL.fullmatch(text) if len(text) <= TEXT_MAX else None
        if found is None:
            raise BadAmount(f"{text[:TEXT_MAX]!r} is not a decimal amount of {asset.code}")
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if len(fraction) > asset.scale:
            raise BadAmount(f"{text!r} has more than {asset.scale} decimals of {asset.code}")
        minor = int(whole + fraction.ljust(asset.scale, "0"))
        return cls(-minor if sign else minor, asset)

    def decimal(self) -> str:
        """The plain decimal text with exactly `scale` decimals; inverse of `parse`."""
        sign = "-" if self.minor < 0 else ""
        digits = str(abs(self.minor)).rjust(self.asset.scale + 1, "0")
        if self.asset.scale == 0:
            return sign + digits
        return f"{sign}{digits[: -self.asset.scale]}.{digits[-self.asset.scale :]}"

    def _same(self, other: Money) -> None:
        if self.asset != other.asset:
            raise AssetMismatch(f"{self.asset.code} met {other.asset.code}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.asset)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.asset)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.asset)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise TypeError("money is multiplied by whole numbers only; a ratio is a Rate")
        return Money(self.minor * times, self.asset)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, bp: int) -> Money:
        """`bp` ten-thousandths of a non-negative amount, rounded up to a whole minor unit.

        Rounding is the house's in one place only: fees and commissions are never a fraction short.
        """
        if self.minor < 0 or bp < 0:
            raise ValueError("a share is taken of a non-negative amount, at a non-negative rate")
        return Money(-(-self.minor * bp // 10_000), self.asset)

    def __str__(self) -> str:
        return f"{grouped(self)} {self.asset.code}"


def grouped(money: Money) -> str:
    """For people: thousands grouped, trailing zeros of the fraction dropped ("1,234.5")."""
    whole, _, fraction = money.decimal().partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    fraction = fraction.rstrip("0")
    return f"{sign}{int(whole):,}" + (f".{fraction}" if fraction else "")
