"""The rules of shops, price lists and pairing codes. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.asset import Asset
from core.money import BadAmount, Money

PAIRING_MS: Final = 600_000  # long enough to walk to the office and type six characters
PAIRINGS_MAX: Final = 500  # devices waiting at once; each row is a stranger's
PAIRING_MISSES_MAX: Final = 10  # wrong codes a person may type in ten minutes: of a billion codes
PAIRING_SPAN_MS: Final = 600_000
CODE_LENGTH: Final = 6
MODES: Final = frozenset({"seller", "atm", "kiosk"})
SHOP_CHARS_MAX: Final = 60  # five large rows of a receipt; its seal states as much of it as it has room for
GOODS_MAX: Final = 2_000  # a corner shop with room; fits the body limit as CSV
NAME_MAX: Final = 60
BARCODE_MAX: Final = 64
_LOOKALIKES = str.maketrans("OIL", "011")  # Crockford's base 32: what people type instead


class PayoutChoice(Enum):
    """How a seller is paid: fiat sold at the market, or the coin itself."""

    FIAT = "fiat"
    COIN = "coin"


@dataclass(frozen=True, slots=True)
class Good:
    """One line of a price list. `price` a decimal in the shop's currency."""

    barcode: str
    name: str
    price: str


class BadList(ValueError):
    """A price list that cannot be taken; the text names the line."""


class BadShop(ValueError):
    """A shop name that cannot stand on a receipt."""


def pairing_code(text: str) -> str:
    """A pairing code as it was typed, in its one form; any other text is simply nobody's code."""
    return text.strip().upper().replace("-", "").replace(" ", "").translate(_LOOKALIKES)[:CODE_LENGTH]


def shop_name(text: str) -> str:
    """Raises `BadShop`."""
    name = " ".join(text.split())
    if not name or len(name) > SHOP_CHARS_MAX or not name.isprintable():
        raise BadShop(f"a shop's name has 1-{SHOP_CHARS_MAX} printable characters")
    return name


def goods_of_csv(text: str) -> tuple[Good, ...]:
    """Read ``barcode,name,price`` with or without that heading. Raises `BadList`."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise BadList(f"not CSV: {error}") from None
    goods = []
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and [cell.lower() for cell in cells] == ["barcode", "name", "price"]):
            continue
        if len(cells) != 3:
            raise BadList(f"line {number}: three columns barcode,name,price are needed, not {len(cells)}")
        goods.append(Good(*cells))
    return tuple(goods)


def checked(goods: Iterable[Good], currency: Asset) -> list[tuple[str, str, int]]:
    """(barcode, name, minor units) of every line, or the first thing wrong. Raises `BadList`."""
    seen: dict[str, int] = {}
    rows = []
    for number, good in enumerate(goods, start=1):
        if number > GOODS_MAX:
            raise BadList(f"more than {GOODS_MAX} goods")
        if not (1 <= len(good.barcode) <= BARCODE_MAX and good.barcode.isascii() and good.barcode.isprintable()):
            raise BadList(f"good {number}: a barcode has 1-{BARCODE_MAX} visible ASCII characters")
        if good.barcode in seen:
            raise BadList(f"good {number}: the barcode stands already at good {seen[good.barcode]}")
        if not (1 <= len(good.name) <= NAME_MAX and good.name.isprintable()):
            raise BadList(f"good {number}: a name has 1-{NAME_MAX} printable characters")
        try:
            minor = Money.parse(good.price, currency).minor
        except BadAmount as error:
            raise BadList(f"good {number}: {error}") from None
        if minor <= 0:
            raise BadList(f"good {number}: a price is above zero")
        seen[good.barcode] = number
        rows.append((good.barcode, good.name, minor))
    return rows
