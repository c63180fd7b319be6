"""An exchange with many members and quotes in hand, for measuring: everything up to the first settlement."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Record
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Board, Pair, Reading
from backend.settle import desk
from backend.settle.desk import House, Presented, QuoteKeys, Seller, Terms
from backend.store import Store, Unit, idempotent
from core.asset import BTC, KRW, AssetKind
from core.ids import TxnId
from core.messages import AuthoriseRequest, QuoteRequest, WireMoney
from core.moment import Moment
from core.money import Money

AT = Moment(1_790_000_000_000)
FUND = 1_000 * BTC.one  # for each member: enough that nobody runs out
FUND_AT_ONCE = 500  # records in one unit of work while funding
COMMISSION_BP = 80


@dataclass(frozen=True, slots=True)
class Job:
    """One settlement to do: who, where, and the request with its quote."""

    terminal: str
    seller: Seller
    presented: Presented
    request: AuthoriseRequest

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.request.quote.encode()).hexdigest()


class Exchange:
    """A store at `path` with `members` funded members and `sellers` sellers, half of them paid in coin."""

    def __init__(self, path: Path, *, members: int, sellers: int, sealed: bool) -> None:
        migrations = [*ledger.MIGRATIONS, *idempotent.MIGRATIONS, *desk.MIGRATIONS]
        self.store = Store.open(path, migrations)
        keys = QuoteKeys("k1", {"k1": os.urandom(32)})
        self.house = House(Terms(), keys, os.urandom, _sealer() if sealed else desk.unsealed)
        self._members = [Presented(f"member-{n}", 1, ("BTC",)) for n in range(members)]
        self._sellers = [Seller(f"seller-{n}", "fiat" if n % 2 else "coin", "Shop") for n in range(sellers)]
        self.store.write(lambda unit: ledger.enrol(unit, KRW, AssetKind.FIAT))
        self.store.write(lambda unit: ledger.enrol(unit, BTC, AssetKind.COIN))
        for start in range(0, members, FUND_AT_ONCE):
            self.store.write(partial(_fund, members=self._members[start : start + FUND_AT_ONCE]))
        self._number = 0

    def jobs(self, count: int) -> Iterator[Job]:
        """Fresh quotes, each for another transaction, spread over members and sellers."""
        board = _board()
        for _ in range(count):
            self._number += 1
            seller = self._sellers[self._number % len(self._sellers)]
            yield self._job(board, self._number, seller)

    def _job(self, board: Board, number: int, seller: Seller) -> Job:
        presented = self._members[number * 7919 % len(self._members)]
        txn, terminal, presentation = TxnId.of(os.urandom(16)), f"t-{seller.id}", f"p-{number}"
        asked = QuoteRequest(txn, presentation, WireMoney.of(Money(1_000 + number % 50_000, KRW)))
        offer = self.store.read(
            lambda unit: desk.quote(
                unit, self.house, board, terminal=terminal, presented=presented, request=asked, at=AT
            )
        )
        return Job(terminal, seller, presented, AuthoriseRequest(txn, number, presentation, offer.quote))

    def troubles(self) -> int:
        """How many invariants of the books are broken after the run."""
        return len(self.store.read(ledger.check))

    def close(self) -> None:
        self.store.close()


def _fund(unit: Unit, members: list[Presented]) -> None:
    bank = ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), BTC)
    for member in members:
        into = ledger.account(unit, Owner(OwnerKind.MEMBER, member.member, 1), BTC)
        postings = (ledger.give(bank, FUND), ledger.get(into, FUND))
        ledger.post(unit, Record("deposit", f"fund/{member.member}", AT, postings))


def _board() -> Board:
    pair = Pair(BTC, KRW)
    board = PriceBoard([pair], Bands(), lambda: 0)
    for source in ("one", "two"):
        board.offer(Reading(source, pair, 90_000_000, 90_010_000, None, AT, 0))
    return board.snapshot()


def _sealer() -> desk.Sealer:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return desk.Sealer("x1", Ed25519PrivateKey.generate())


__all__ = ["AT", "COMMISSION_BP", "Exchange", "Job"]
