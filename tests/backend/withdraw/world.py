"""A small world for the tests of withdrawals: one exchange, two members, two machines with a cash side each.

Signatures are a fast MAC behind the same ports as the product's; everything else is the product's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Record
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Board, Pair, Reading
from backend.settle.capsule import QuoteKeys
from backend.store import Store, Unit
from backend.withdraw import books, desk
from core.asset import BTC, KRW, Asset, AssetKind
from core.authority import AUTHORITY, Authority
from core.cash import Count
from core.cash_report import (
    PAID_REPORT,
    SERVICE_REPORT,
    Act,
    Closed,
    NotesAt,
    NotesOf,
    PaidReport,
    ReportTaken,
    ServiceReport,
)
from core.fingerprint import vault_id
from core.ids import TxnId
from core.messages import (
    Approval,
    ApprovalRequest,
    CashReportReply,
    CashReportRequest,
    LimitsRequest,
    Tender,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawQuoteRequest,
    WithdrawRequest,
)
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.sealed import Verifier, seal, unseal

NOW = Moment(1_790_000_000_000)
XRP = Asset("XRP", 6)
KEYS = QuoteKeys("k1", {"k1": b"1" * 32})
FREE = desk.Terms(fee_bp=0, spread_bp=0)


class Mac:
    """A signature only this key can make: a signer and a verifier in one."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id

    def sign(self, signed: bytes) -> bytes:
        return hmac.digest(self.key_id.encode(), signed, hashlib.sha256)

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        return key_id == self.key_id and hmac.compare_digest(self.sign(signed), signature)


def believes(vault_key: str) -> tuple[str, Verifier]:
    return vault_id(vault_key), Mac(vault_id(vault_key))


def public(number: int) -> str:
    return base64.b64encode(bytes([number]) * 32).decode()


def txn(number: int) -> TxnId:
    return TxnId.of(number.to_bytes(16))


def won(minor: int) -> WireMoney:
    return WireMoney.of(Money(minor, KRW))


@dataclass
class CashSide:
    """The vault of one machine as far as reports go: it numbers and signs what it is told to say."""

    terminal: str
    vault_key: str
    number: int = 0

    @property
    def vault(self) -> str:
        return vault_id(self.vault_key)

    def paid(self, number: int, least: int, highest: int | None = None, *, nonce: str = "", numbered: int = 0) -> str:
        most = least if highest is None else highest
        notes = (NotesOf(won(10_000), Count(least // 10_000, most // 10_000), Count.exact(0), Count.exact(0)),)
        said = PaidReport(
            self.vault, self.terminal, numbered or self.next(), txn(number), nonce, won(least), won(most), notes
        )
        return seal(PAID_REPORT, said, Mac(self.vault))

    def served(
        self,
        number: int,
        act: Act,
        *notes: tuple[str, int, int],
        closed: tuple[tuple[int, int], ...] = (),
        book: int | None = None,
        found: int | None = None,
        numbered: int = 0,
    ) -> str:
        """`notes` (place, face, count); `closed` (number of the transaction, given)."""
        said = ServiceReport(
            self.vault,
            self.terminal,
            numbered or self.next(),
            txn(number),
            act,
            tuple(NotesAt(place, won(face), Count.exact(count)) for place, face, count in notes),
            ("kim", "lee"),
            tuple(Closed(txn(one), won(given)) for one, given in closed),
            None if book is None else won(book),
            None if found is None else won(found),
        )
        return seal(SERVICE_REPORT, said, Mac(self.vault))

    def next(self) -> int:
        self.number += 1
        return self.number


@dataclass
class World:
    """Every act goes through the store, as a server would do it. `now` is the exchange's clock."""

    store: Store
    terms: desk.Terms = FREE
    now: Moment = NOW
    prices: dict[Asset, int] = field(default_factory=lambda: {BTC: 10_000_000, XRP: 500})
    drawn: int = 0
    m1: CashSide = field(default_factory=lambda: CashSide("M1", public(1)))
    m2: CashSide = field(default_factory=lambda: CashSide("M2", public(2)))

    @classmethod
    def open(cls, path: Path | str = ":memory:", terms: desk.Terms = FREE) -> World:
        world = cls(Store.open(path, EXCHANGE_MIGRATIONS), terms)
        for asset, kind in ((KRW, AssetKind.FIAT), (BTC, AssetKind.COIN), (XRP, AssetKind.COIN)):
            world.store.write(lambda unit, asset=asset, kind=kind: ledger.enrol(unit, asset, kind))
        world.store.write(lambda unit: unit.run("INSERT INTO seller VALUES('op', 'Station ATM', 'fiat', 0, 0)"))
        world.machine("M1", public(1))
        world.machine("M2", public(2), mode="kiosk")
        world.machine("S1", "", mode="seller")
        return world

    def machine(self, terminal: str, vault_key: str, *, mode: str = "atm", state: str = "active") -> None:
        self.store.write(
            lambda unit: unit.run(
                "INSERT INTO terminal VALUES(?, 'op', 'Station ATM', ?, ?, 'm', '1', ?, 0, 0, NULL, ?)",
                (terminal, f"key {terminal}", mode, state, vault_key),
            )
        )

    def fund(self, owner: Owner, money: Money) -> None:
        self.drawn += 1
        key = f"fund/{self.drawn}"

        def work(unit: Unit) -> None:
            world = ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), money.asset)
            into = ledger.account(unit, owner, money.asset)
            ledger.post(
                unit, Record("deposit", key, self.now, (ledger.give(world, money.minor), ledger.get(into, money.minor)))
            )

        self.store.write(work)

    def give(self, member: str, minor: int, asset: Asset = KRW) -> None:
        self.fund(Owner(OwnerKind.MEMBER, member, 1), Money(minor, asset))

    def entropy(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count)

    @property
    def teller(self) -> desk.Teller:
        return desk.Teller(self.terms, KRW, KEYS, self.entropy, Mac("d1"), believes)

    @property
    def board(self) -> Board:
        board = PriceBoard([Pair(asset, KRW) for asset in self.prices], Bands(), lambda: 0)
        for asset, price in self.prices.items():
            for source in ("one", "two"):
                board.offer(Reading(source, Pair(asset, KRW), price, price, None, self.now, 0))
        return board.snapshot()

    def present(
        self, number: int, member: str = "ann", terminal: str = "M1", source: str = "camera", bound: int | None = None
    ) -> str:
        """A redeemed code, or a tap bound to an amount (redeeming itself has its own tests)."""
        return self.present_again(number, f"p{number}", member, terminal, source, bound)

    def present_again(
        self,
        number: int,
        shown: str,
        member: str = "ann",
        terminal: str = "M1",
        source: str = "camera",
        bound: int | None = None,
    ) -> str:
        tap = (None, None, None) if bound is None else (KRW.code, KRW.scale, bound)
        self.store.write(
            lambda unit: unit.run(
                "INSERT OR IGNORE INTO member_presentation VALUES(?, ?, ?, ?, '1234', ?, ?, ?, ?, ?)",
                (shown, txn(number).text, terminal, member, source, *tap, self.now.plus(120_000).ms),
            )
        )
        return shown

    def limits(self, number: int, terminal: str = "M1") -> WithdrawLimits:
        request = LimitsRequest(txn(number), f"p{number}")
        return self.store.read(
            lambda unit: desk.limits(unit, self.teller, self.board, terminal=terminal, request=request, at=self.now)
        )

    def quote(
        self,
        number: int,
        amount: int,
        tender: Tender = Tender.FIAT,
        asset: str = "",
        terminal: str = "M1",
        presentation: str = "",
    ) -> WithdrawOffer:
        request = WithdrawQuoteRequest(txn(number), presentation or f"p{number}", won(amount), tender, asset)
        return self.store.read(
            lambda unit: desk.quote(unit, self.teller, self.board, terminal=terminal, request=request, at=self.now)
        )

    def ask(self, number: int, amount: int, terminal: str = "M1", presentation: str = "") -> Approval:
        request = ApprovalRequest(txn(number), presentation or f"p{number}", won(amount))
        return self.store.write(
            lambda unit: desk.ask(unit, self.teller, terminal=terminal, request=request, at=self.now)
        )

    def stands(self, number: int, terminal: str = "M1") -> Approval:
        return self.store.read(lambda unit: desk.stands(unit, terminal=terminal, txn=txn(number).text, at=self.now))

    def decide(self, number: int, *, yes: bool = True, member: str = "ann") -> desk.Asked:
        return self.store.write(
            lambda unit: desk.decide(unit, member=member, txn=txn(number).text, yes=yes, at=self.now)
        )

    def request(self, offer: WithdrawOffer, side: CashSide | None = None, **more: Any) -> WithdrawRequest:
        vault = (side or self.m1).vault
        nonce = hashlib.sha256(offer.txn.text.encode()).hexdigest()[:32]
        told: dict[str, Any] = {"presentation": f"p{int_of(offer.txn)}", "vault": vault, "nonce": nonce} | more
        return WithdrawRequest(offer.txn, 1, quote=offer.quote, **told)

    def authorise(self, offer: WithdrawOffer, side: CashSide | None = None, **more: Any) -> WithdrawAuthorisation:
        request, terminal = self.request(offer, side, **more), (side or self.m1).terminal
        return self.store.write(
            lambda unit: desk.authorise(unit, self.teller, terminal=terminal, request=request, at=self.now)
        )

    def withdraw(
        self,
        number: int,
        amount: int,
        tender: Tender = Tender.FIAT,
        *,
        member: str = "ann",
        side: CashSide | None = None,
    ) -> Authority:
        """A whole yes: presented, approved, quoted, authorised; the authority as the cash side reads it."""
        terminal = (side or self.m1).terminal
        self.present(number, member, terminal)
        self.ask(number, amount, terminal)
        self.decide(number, member=member)
        made = self.authorise(self.quote(number, amount, tender, terminal=terminal), side)
        return unseal(AUTHORITY, Authority, made.authority, Mac("d1")).statement

    def report(self, text: str, terminal: str = "M1") -> CashReportReply:
        return self.store.write(
            lambda unit: desk.take_report(
                unit, self.teller, terminal=terminal, request=CashReportRequest(text), at=self.now
            )
        )

    def taken(self, reply: CashReportReply) -> ReportTaken:
        return unseal("ct1", ReportTaken, reply.taken, Mac("d1")).statement

    def find(self, number: int, terminal: str = "M1") -> Withdrawal:
        return self.store.read(lambda unit: desk.find(unit, self.teller, terminal=terminal, txn=txn(number).text))

    def alarms(self) -> list[str]:
        found = self.store.read(lambda unit: desk.open_alarms(unit, self.terms.doubt_ms, self.now))
        return sorted(one.code for one in found)

    def wallet(self, asset: Asset = KRW, member: str = "ann") -> int:
        return self.free(Owner(OwnerKind.MEMBER, member, 1), asset)

    def free(self, owner: Owner, asset: Asset = KRW) -> int:
        return self.store.read(lambda unit: ledger.available(unit, owner, asset))

    def cash(self) -> tuple[int, int, int, int]:
        """Machine, suspense, difference of `m1`, and the operator's loss."""
        return (
            self.free(books.machine(self.m1.vault)),
            self.free(books.suspense(self.m1.vault)),
            self.free(books.difference(self.m1.vault)),
            self.free(books.loss("op")),
        )

    def held(self, member: str = "ann") -> tuple[int, int]:
        """What stands on the withdrawal account, and how much of it is held."""
        owner = books.withdrawing(member, 1)

        def look(unit: Unit) -> tuple[int, int]:
            account = ledger.find(unit, owner, KRW)
            if account is None:
                return 0, 0
            found = ledger.balance(unit, account)
            return found.posted.minor, found.held.minor

        return self.store.read(look)

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
