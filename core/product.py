"""Product codes: what a label on the goods says.

A product QR carries name and price itself: ``TMP1:KRW:4500:Americano`` (version, currency, decimal price,
name to the end). A barcode (EAN-13, EAN-8, UPC-A, Code 128) is only a number; its name and price are in the
seller's list.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.asset import Asset, BadAsset
from core.money import BadAmount, Money

PREFIX = "TMP1:"
NAME_MAX = 60
TEXT_MAX = 160
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


class BadProduct(ValueError):
    """A text that looks like a product QR and is not one."""


@dataclass(frozen=True, slots=True)
class ProductLabel:
    """What a product QR says; `price` above zero."""

    name: str
    price: Money

    def text(self) -> str:
        return f"{PREFIX}{self.price.asset.code}:{self.price.decimal()}:{self.name}"

    @classmethod
    def parse(cls, text: str, fiat: Asset) -> ProductLabel:
        """Read a product QR priced in `fiat`. Raises `BadProduct`, also for another currency."""
        parts = text.removeprefix(PREFIX).split(":", 2) if len(text) <= TEXT_MAX else []
        if not text.startswith(PREFIX) or len(parts) != 3:
            raise BadProduct("not a product code")
        currency, amount, name = parts
        if currency != fiat.code:
            raise BadProduct(f"priced in {currency[:10]!r}, this shop sells in {fiat.code}")
        name = name.strip()
        if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
            raise BadProduct("the name is empty, too long or not printable")
        try:
            price = Money.parse(amount, fiat)
        except (BadAmount, BadAsset) as error:
            raise BadProduct(str(error)) from None
        if price.minor <= 0:
            raise BadProduct("the price is not above zero")
        return cls(name, price)


def gtin(text: str) -> str | None:
    """The article number as GTIN-13 (GS1 General Specifications 7.9), or None when the check digit is wrong."""
    if not (text.isascii() and text.isdigit()) or len(text) not in _GTIN_LENGTHS:
        return None
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return text.rjust(13, "0") if weighted % 10 == 0 else None
