"""A small world for the tests of settlement: one exchange, two members, two sellers, two prices that agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Record
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Board, Pair, Reading
from backend.settle import desk
from backend.settle.desk import House, Presented, QuoteKeys, Seller, Terms
from backend.store import Store, Unit
from core.asset import BTC, KRW, Asset, AssetKind
from core.ids import TxnId
from core.messages import (
    Authorisation,
    AuthoriseRequest,
    Capture,
    CaptureRequest,
    QuoteOffer,
    QuoteRequest,
    RefundAsk,
    RefundChoice,
    RefundDone,
    RefundOffer,
    RefundRequest,
    ReverseRequest,
    Sale,
    VoidRequest,
    WireMoney,
)
from core.moment import Moment
from core.money import Money

NOW = Moment(1_790_000_000_000)
XRP = Asset("XRP", 6)
KEYS = QuoteKeys("k1", {"k1": b"1" * 32, "k0": b"0" * 32})
FREE = Terms(fee_bp=0, spread_bp=0)
MALL = Seller("mall", "fiat", "Corner shop")
CAFE = Seller("cafe", "coin", "Cafe")
ANN = Presented("ann", 1, ("BTC", "XRP"))
BEN = Presented("ben", 1, ("BTC",))


def txn(number: int) -> TxnId:
    return TxnId.of(number.to_bytes(16))


def won(minor: int) -> WireMoney:
    return WireMoney.of(Money(minor, KRW))


@dataclass
class World:
    """Every act goes through the store, as a server would do it. `now` is the exchange's clock."""

    store: Store
    terms: Terms = FREE
    now: Moment = NOW
    prices: dict[Asset, tuple[int, int]] = field(default_factory=lambda: {BTC: (10_000, 10_000), XRP: (500, 500)})
    drawn: int = 0

    @classmethod
    def open(cls, path: Path | str = ":memory:", terms: Terms = FREE) -> World:
        world = cls(Store.open(path, [*ledger.MIGRATIONS, *desk.MIGRATIONS]), terms)
        for asset, kind in ((KRW, AssetKind.FIAT), (BTC, AssetKind.COIN), (XRP, AssetKind.COIN)):
            world.store.write(lambda unit, asset=asset, kind=kind: ledger.enrol(unit, asset, kind))
        return world

    def fund(self, owner: Owner, money: Money) -> None:
        """Value comes in from outside; each time under a new key."""
        self.drawn += 1
        key = f"fund/{self.drawn}"

        def work(unit: Unit) -> None:
            world = ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), money.asset)
            into = ledger.account(unit, owner, money.asset)
            postings = (ledger.give(world, money.minor), ledger.get(into, money.minor))
            ledger.post(unit, Record("deposit", key, self.now, postings))

        self.store.write(work)

    def give(self, member: str, money: Money) -> None:
        self.fund(Owner(OwnerKind.MEMBER, member, 1), money)

    def entropy(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count)

    @property
    def house(self) -> House:
        return House(self.terms, KEYS, self.entropy, desk.unsealed)

    @property
    def board(self) -> Board:
        board = PriceBoard([Pair(asset, KRW) for asset in self.prices], Bands(), lambda: 0)
        for asset, (bid, ask) in self.prices.items():
            for source in ("one", "two"):
                board.offer(Reading(source, Pair(asset, KRW), bid, ask, None, self.now, 0))
        return board.snapshot()

    def quote(
        self, number: int, price: int, presented: Presented = ANN, asset: str = "", terminal: str = "t1"
    ) -> QuoteOffer:
        request = QuoteRequest(txn(number), f"p{number}", won(price), asset)
        return self.store.read(
            lambda unit: desk.quote(
                unit, self.house, self.board, terminal=terminal, presented=presented, request=request, at=self.now
            )
        )

    def authorise(
        self, offer: QuoteOffer, seller: Seller = MALL, presented: Presented = ANN, terminal: str = "t1", **more: Any
    ) -> Authorisation:
        request = AuthoriseRequest(offer.txn, 1, f"p{int_of(offer.txn)}", offer.quote)
        request = replace(request, **more)
        return self.store.write(self.authorising(request, seller, presented, terminal))

    def authorising(
        self, request: AuthoriseRequest, seller: Seller = MALL, presented: Presented = ANN, terminal: str = "t1"
    ) -> Callable[[Unit], Authorisation]:
        return lambda unit: desk.authorise(
            unit,
            self.house,
            terminal=terminal,
            seller=seller,
            commission_bp=100,
            presented=presented,
            request=request,
            at=self.now,
        )

    def capture(self, number: int, terminal: str = "t1") -> Capture:
        request = CaptureRequest(txn(number))
        return self.store.write(
            lambda unit: desk.capture(unit, self.house, terminal=terminal, request=request, at=self.now)
        )

    def sell(self, number: int, price: int, seller: Seller = MALL, presented: Presented = ANN) -> Capture:
        """A whole sale."""
        self.authorise(self.quote(number, price, presented), seller, presented)
        return self.capture(number)

    def sell_at_once(self, offer: QuoteOffer, seller: Seller = MALL, presented: Presented = ANN) -> Capture:
        """A whole sale in one act."""
        request = AuthoriseRequest(offer.txn, 1, f"p{int_of(offer.txn)}", offer.quote)
        return self.store.write(
            lambda unit: desk.sell(
                unit,
                self.house,
                terminal="t1",
                seller=seller,
                commission_bp=100,
                presented=presented,
                request=request,
                at=self.now,
            )
        )

    def reverse(self, number: int, terminal: str = "t1") -> Sale:
        request = ReverseRequest(txn(number), "no answer")
        return self.store.write(
            lambda unit: desk.reverse(unit, self.house, terminal=terminal, request=request, at=self.now)
        )

    def void(self, number: int, sale: int, terminal: str = "t1") -> Sale:
        request = VoidRequest(txn(number), txn(sale))
        return self.store.write(
            lambda unit: desk.void(unit, self.house, terminal=terminal, request=request, at=self.now)
        )

    def find(self, reference: str, seller: str = "mall") -> Sale:
        return self.store.read(
            lambda unit: desk.find_sale(unit, self.house, seller=seller, reference=reference, at=self.now)
        )

    def offer_refund(self, number: int, sale: int, amount: int, seller: Seller = MALL) -> RefundOffer:
        request = RefundAsk(txn(number), txn(sale), won(amount))
        return self.store.read(
            lambda unit: desk.refund_offer(
                unit, self.house, self.board, terminal="t1", seller=seller, request=request, at=self.now
            )
        )

    def refunding(
        self, number: int, offer: RefundOffer, choice: RefundChoice, seller: Seller = MALL
    ) -> Callable[[Unit], RefundDone]:
        request = RefundRequest(txn(number), offer.sale, choice, offer.offer)
        return lambda unit: desk.refund(unit, self.house, terminal="t1", seller=seller, request=request, at=self.now)

    def refund(
        self, number: int, sale: int, amount: int, choice: RefundChoice = RefundChoice.FIAT, seller: Seller = MALL
    ) -> RefundDone:
        return self.store.write(self.refunding(number, self.offer_refund(number, sale, amount, seller), choice, seller))

    def free(self, kind: OwnerKind, owner: str, asset: Asset) -> int:
        wallet = 1 if kind is OwnerKind.MEMBER else 0
        return self.store.read(lambda unit: ledger.available(unit, Owner(kind, owner, wallet), asset))

    def close(self) -> None:
        """Whatever a test did, the books are right at its end."""
        try:
            assert self.store.read(ledger.check) == ()
        finally:
            self.store.close()


def int_of(id: TxnId) -> int:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for char in id.text:
        number = number << 5 | alphabet.index(char)
    return number
