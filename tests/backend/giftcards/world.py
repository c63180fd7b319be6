"""A world for the tests of a machine's counter: the one of withdrawals, with a house, a clerk and codes in stock."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.giftcards import desk
from backend.giftcards.rules import checksum
from backend.ledger import desk as ledger
from backend.settle.rules import House
from backend.settle.rules import Terms as SaleTerms
from backend.store import Store
from backend.trade import terminal as trades
from backend.withdraw import desk as withdraw
from core.asset import BTC, KRW, AssetKind
from core.messages import (
    Approval,
    ApprovalRequest,
    Counter,
    CounterRequest,
    GiftQuote,
    GiftQuoteRequest,
    GiftRequest,
    GiftSold,
    Tender,
    TradeDone,
    TradeQuote,
    TradeQuoteRequest,
    TradeRequest,
    TradeSide,
)
from tests.backend.withdraw.world import FREE, KEYS, XRP, World, int_of, txn, won

FILE_KEY = b"g" * 32


def batch(count: int = 3, *, issuer: str = "moon", face: str = "10000", start: int = 0, **more: Any) -> bytes:
    codes = tuple(f"{issuer.upper()}-{face}-{number:04d}" for number in range(start, start + count))
    told: dict[str, Any] = {
        "issuer": issuer,
        "name": ["Moonlight Coffee", "달빛커피"],
        "how": ["Show the code.", "코드를 보여 주세요."],
        "currency": "KRW",
        "face": face,
        "count": count,
        "sha256": checksum(codes),
        "codes": codes,
    }
    return json.dumps(told | more).encode()


@dataclass
class Shop(World):
    """`quoted` and `sold` go through the store as a server would do it."""

    sale_terms: SaleTerms = field(default_factory=lambda: SaleTerms(fee_bp=0, spread_bp=0))
    card_terms: desk.Terms = field(default_factory=lambda: desk.Terms(coin_fee_bp=0, spread_bp=0))

    file_key: bytes = FILE_KEY

    @classmethod
    def opened(cls, path: Path | str = ":memory:", terms: withdraw.Terms = FREE) -> Shop:
        shop = cls(Store.open(path, EXCHANGE_MIGRATIONS), terms)
        for asset, kind in ((KRW, AssetKind.FIAT), (BTC, AssetKind.COIN), (XRP, AssetKind.COIN)):
            shop.store.write(lambda unit, asset=asset, kind=kind: ledger.enrol(unit, asset, kind))
        shop.store.write(lambda unit: unit.run("INSERT INTO seller VALUES('op', 'Station ATM', 'fiat', 0, 0)"))
        shop.machine("M1", "")
        shop.machine("M2", "", mode="kiosk")
        shop.machine("S1", "", mode="seller")
        return shop

    @property
    def house(self) -> House:
        return House(self.sale_terms, KEYS, self.entropy, lambda _: "")

    @property
    def clerk(self) -> desk.Clerk:
        return desk.Clerk(self.card_terms, self.teller, desk.CardSealer(self.file_key, self.entropy))

    def load(self, raw: bytes | None = None) -> desk.Loaded:
        data = batch() if raw is None else raw
        return self.store.write(lambda unit: desk.load(unit, self.clerk.sealer, data, KRW, self.now))

    def counter(self, number: int, terminal: str = "M1") -> Counter:
        request = CounterRequest(txn(number), f"p{number}")
        return self.store.read(
            lambda unit: desk.counter(
                unit, self.house, self.clerk, self.board, terminal=terminal, request=request, at=self.now
            )
        )

    def trade_quote(
        self, number: int, side: TradeSide, fiat: int, asset: str = "BTC", terminal: str = "M1"
    ) -> TradeQuote:
        request = TradeQuoteRequest(txn(number), f"p{number}", side, asset, won(fiat))
        return self.store.read(
            lambda unit: trades.quote(
                unit, self.house, self.board, terminal=terminal, request=request, fiat=KRW, at=self.now
            )
        )

    def trade(self, offer: TradeQuote, terminal: str = "M1") -> TradeDone:
        request = TradeRequest(offer.txn, 1, f"p{int_of(offer.txn)}", offer.quote)
        return self.store.write(
            lambda unit: trades.trade(unit, self.house, terminal=terminal, request=request, at=self.now)
        )

    def traded(self, number: int, terminal: str = "M1") -> TradeDone:
        return self.store.read(lambda unit: trades.find(unit, terminal=terminal, txn=txn(number).text))

    def card_quote(
        self, number: int, face: int = 10_000, tender: Tender = Tender.FIAT, asset: str = "", issuer: str = "moon",
        terminal: str = "M1",
    ) -> GiftQuote:  # fmt: skip
        request = GiftQuoteRequest(txn(number), f"p{number}", issuer, won(face), tender, asset)
        return self.store.read(
            lambda unit: desk.quote(unit, self.clerk, self.board, terminal=terminal, request=request, at=self.now)
        )

    def card(self, offer: GiftQuote, terminal: str = "M1") -> GiftSold:
        request = GiftRequest(offer.txn, 1, f"p{int_of(offer.txn)}", offer.quote)
        return self.store.write(
            lambda unit: desk.sell(unit, self.clerk, terminal=terminal, request=request, at=self.now)
        )

    def sold(self, number: int, terminal: str = "M1") -> GiftSold:
        return self.store.read(lambda unit: desk.find(unit, self.clerk, terminal=terminal, txn=txn(number).text))

    def ask_card(self, number: int, amount: int, what: str = "Moonlight Coffee", terminal: str = "M1") -> Approval:
        request = ApprovalRequest(txn(number), f"p{number}", won(amount), what)
        return self.store.write(
            lambda unit: withdraw.ask(unit, self.teller, terminal=terminal, request=request, at=self.now)
        )

    def stock(self) -> tuple[int, int]:
        """Left and sold."""
        every = self.store.read(lambda unit: desk.shelves(unit, KRW))
        return sum(one.left for one in every), sum(one.sold for one in every)

    def owed(self, issuer: str = "moon") -> int:
        return self.free(desk.issuer_account(issuer))

    def later(self, ms: int) -> None:
        self.now = self.now.plus(ms)


__all__ = ["BTC", "KRW", "Shop", "batch", "txn", "won"]
