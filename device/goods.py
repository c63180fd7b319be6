"""Goods: the seller's price list, and what a scanned text means at the till.

The list is a CSV file with the columns ``barcode,name,price`` in the terminal's currency.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.asset import Asset
from core.code import BadCode, PersonalCode
from core.events import CodeScanned, ProductScanned, Source
from core.messages import WireMoney
from core.money import BadAmount, Money
from core.product import NAME_MAX, PREFIX, BadProduct, ProductLabel, gtin

GOODS_MAX = 50_000  # a supermarket's range; more belongs in the seller's own till


class BadGoods(ValueError):
    """A price list that cannot be used: file, line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Goods:
    """Names and prices by barcode."""

    fiat: Asset
    by_code: Mapping[str, ProductLabel] = field(default_factory=dict)

    def recognise(self, scanned: CodeScanned) -> CodeScanned | ProductScanned:
        """A product, with or without a price, where the text is one; anything else stays what it was."""
        text = scanned.text.strip()
        if scanned.source is Source.NFC or _is_personal(text) or text.startswith("TMR1:"):
            return scanned
        if text.startswith(PREFIX):
            try:
                label = ProductLabel.parse(text, self.fiat)
            except BadProduct:
                return ProductScanned(text[:NAME_MAX], _shortened(text), None)
            return ProductScanned(text[:NAME_MAX], label.name, WireMoney.of(label.price))
        known = self.by_code.get(gtin(text) or text)
        if known is not None:
            return ProductScanned(text, known.name, WireMoney.of(known.price))
        return ProductScanned(text, text, None) if gtin(text) else scanned


def read_goods(path: Path, fiat: Asset) -> Goods:
    """Read the CSV. Raises `BadGoods` at the first bad line: half a price list sells at wrong prices."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            return parse_goods(lines, fiat, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BadGoods(f"{path}: {error}") from None


def parse_goods(lines: Iterable[str], fiat: Asset, name: str) -> Goods:
    rows = csv.DictReader(lines)
    if rows.fieldnames is None or not {"barcode", "name", "price"} <= set(rows.fieldnames):
        raise BadGoods(f"{name}: the first line must name the columns barcode,name,price")
    found: dict[str, ProductLabel] = {}
    for row in rows:
        where = f"{name}: line {rows.line_num}"
        code, label, price = (str(row[column] or "").strip() for column in ("barcode", "name", "price"))
        if not code or not 1 <= len(label) <= NAME_MAX:
            raise BadGoods(f"{where}: a barcode and a name of 1-{NAME_MAX} characters are needed")
        try:
            money = Money.parse(price, fiat)
        except BadAmount as error:
            raise BadGoods(f"{where}: {error}") from None
        if money.minor <= 0:
            raise BadGoods(f"{where}: the price is not above zero")
        key = gtin(code) or code
        if key in found:
            raise BadGoods(f"{where}: {code} is listed twice")
        found[key] = ProductLabel(label, money)
        if len(found) > GOODS_MAX:
            raise BadGoods(f"{where}: more than {GOODS_MAX} goods")
    return Goods(fiat, found)


def merged(local: Goods, listed: Iterable[tuple[str, str, str]], currency: str) -> Goods:
    """The exchange's list (barcode, name, price) over the local one. Raises `BadGoods` and takes nothing of it."""
    fiat, found = local.fiat, dict(local.by_code)
    if currency != fiat.code:
        raise BadGoods(f"the exchange's list is in {currency}, this terminal sells in {fiat.code}")
    seen: set[str] = set()
    for barcode, name, price in listed:
        key = gtin(barcode) or barcode
        try:
            money = Money.parse(price, fiat)
        except BadAmount as error:
            raise BadGoods(f"the exchange's list: {barcode}: {error}") from None
        if not key or key in seen or not 1 <= len(name) <= NAME_MAX or money.minor <= 0:
            raise BadGoods(f"the exchange's list: {barcode!r} is empty, twice in it, or has no name or price")
        seen.add(key)
        found[key] = ProductLabel(name, money)
        if len(found) > GOODS_MAX:
            raise BadGoods(f"the exchange's list: more than {GOODS_MAX} goods")
    return Goods(fiat, found)


def _is_personal(text: str) -> bool:
    try:
        PersonalCode.parse(text)
    except BadCode:
        return False
    return True


def _shortened(text: str) -> str:
    return text.rsplit(":", 1)[-1][:NAME_MAX] or text[:NAME_MAX]
