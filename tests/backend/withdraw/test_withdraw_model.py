"""Withdrawals against a plain reference ledger written apart: any order of acts and reports, one truth.

The model knows nothing of postings, holds, capsules or seals: it is who owns what, and what became of each withdrawal,
with the arithmetic done in fractions. Reports are lost, repeated and reordered at will.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind
from backend.refused import Refused
from backend.store import Unit
from backend.withdraw import books, desk
from core.asset import BTC, KRW
from core.cash_report import Act
from core.messages import Tender
from tests.backend.withdraw.world import CashSide, World

FEE, SPREAD = Fraction(70, 10_000), Fraction(40, 10_000)
NOTE = 10_000
COIN = BTC.one


@dataclass
class Note:
    """What became of one withdrawal. `fiat` what the wallet's fiat pays at most, `rate` None where fiat pays all."""

    amount: int
    fiat: int
    rate: int | None
    kept: int
    least: int = 0
    open: bool = True
    counted: bool = False

    def cost(self, notes: int) -> tuple[int, int, int]:
        """(fiat, coins, fee) of having `notes`."""
        fee = ceil(notes * FEE)
        if self.rate is None:
            return notes + fee, 0, fee
        fiat = min(self.fiat, notes + fee)
        return fiat, ceil(Fraction(notes + fee - fiat, self.rate) * COIN), fee


class WithdrawAgainstModel(RuleBasedStateMachine):
    """Both must agree on every balance after every act."""

    @initialize()
    def begin(self) -> None:
        terms = desk.Terms(
            fee_bp=70, spread_bp=40, each_max=10**9, day_max=10**10, machine_each_max=10**9, machine_day_max=10**10
        )
        self.world = World.open(terms=terms)
        self.side: CashSide = self.world.m1
        self.own: dict[str, int] = dict.fromkeys(
            ("krw", "btc", "machine", "suspense", "loss", "operator", "difference", "fees", "house"), 0
        )
        self.notes: dict[int, Note] = {}
        self.sent: list[str] = []
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    @rule(won=st.integers(0, 3_000_000), units=st.integers(0, COIN))
    def fund(self, won: int, units: int) -> None:
        if won:
            self.world.give("ann", won)
        if units:
            self.world.give("ann", units, BTC)
        self.own["krw"] += won
        self.own["btc"] += units

    @rule(price=st.integers(5_000_000, 30_000_000))
    def market_moves(self, price: int) -> None:
        self.world.prices[BTC] = price

    @rule(notes=st.integers(1, 40), tender=st.sampled_from(Tender))
    def withdraw(self, notes: int, tender: Tender) -> None:
        self.count += 1
        amount = notes * NOTE
        whole = amount + ceil(amount * FEE)
        rate = floor(self.world.prices[BTC] * (1 - SPREAD))
        if tender is Tender.FIAT or (tender is Tender.BOTH and self.own["krw"] >= whole):
            note = Note(amount, 0, None, amount)
        else:
            note = Note(amount, self.own["krw"] if tender is Tender.BOTH else 0, rate, amount)
        fiat, coins, _ = note.cost(amount)
        enough = self.own["krw"] >= fiat and self.own["btc"] >= coins
        try:
            self.world.withdraw(self.count, amount, tender)
        except Refused:
            done = False
        else:
            done = True
        assert done == enough
        if not done:
            return
        self.notes[self.count] = note
        self.pay(note, 0, amount)

    def pay(self, note: Note, before: int, now: int) -> None:
        """The wallet pays for `now` instead of `before`."""
        for sign, notes in ((1, before), (-1, now)):
            fiat, coins, fee = note.cost(notes) if notes else (0, 0, 0)
            self.own["krw"] += sign * fiat
            self.own["btc"] += sign * coins
            self.own["fees"] -= sign * fee
            self.own["house"] += sign * (notes + fee - fiat)

    def learn(self, note: Note, least: int, highest: int) -> None:
        """Evidence: the old standing is taken back whole, the new one booked whole."""
        if not note.open:
            self.move(note, -1)
        kept = min(highest, note.kept)
        self.pay(note, note.kept, kept)
        note.kept, note.least, note.open = kept, least, False
        self.move(note, 1)

    def move(self, note: Note, sign: int) -> None:
        sure = min(note.least, note.kept)
        self.own["machine"] += sign * note.least
        self.own["suspense"] += sign * (note.kept - sure)
        self.own["loss"] -= sign * (note.least - sure)

    @precondition(lambda self: any(note.open for note in getattr(self, "notes", {}).values()))
    @rule(data=st.data(), least=st.integers(0, 50), doubt=st.integers(0, 3))
    def report(self, data: st.DataObject, least: int, doubt: int) -> None:
        number = data.draw(st.sampled_from(sorted(key for key, note in self.notes.items() if note.open)))
        note = self.notes[number]
        most = note.amount // NOTE + 2  # two notes too many are a broken dispenser
        low = min(least, most)
        high = min(low + doubt, most)
        self.world.report(self.side.paid(number, low * NOTE, high * NOTE))
        self.learn(note, low * NOTE, high * NOTE)

    @precondition(lambda self: getattr(self, "notes", {}))
    @rule(data=st.data(), given=st.integers(0, 45))
    def count_one(self, data: st.DataObject, given: int) -> None:
        """Counted, whether its own report has come or not."""
        number = data.draw(st.sampled_from(sorted(self.notes)))
        note = self.notes[number]
        self.world.report(self.side.served(900, Act.COUNTED, closed=((number, given * NOTE),)))
        self.learn(note, given * NOTE, given * NOTE)
        note.counted = True

    @precondition(lambda self: any(not note.open for note in getattr(self, "notes", {}).values()))
    @rule(data=st.data())
    def a_report_that_comes_after_the_count_and_admits_it_changes_nothing(self, data: st.DataObject) -> None:
        ended = sorted(key for key, note in self.notes.items() if not note.open and note.counted)
        if not ended:
            return
        number = data.draw(st.sampled_from(ended))
        self.world.report(self.side.paid(number, 0, 100 * NOTE))

    @rule(count=st.integers(1, 100), load=st.booleans())
    def load(self, count: int, load: bool) -> None:
        act = Act.LOADED if load else Act.REMOVED
        text = self.side.served(901, act, ("cassette:1", NOTE, count))
        self.sent.append(text)
        self.world.report(text)
        sign = 1 if load else -1
        self.own["machine"] -= sign * count * NOTE
        self.own["operator"] += sign * count * NOTE

    @rule(book=st.integers(0, 100), found=st.integers(0, 100))
    def count_machine(self, book: int, found: int) -> None:
        self.world.report(self.side.served(902, Act.COUNTED, book=book * NOTE, found=found * NOTE))
        self.own["machine"] += (book - found) * NOTE
        self.own["difference"] -= (book - found) * NOTE

    @precondition(lambda self: getattr(self, "sent", []))
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """The answer was lost: the same statement once more."""
        self.world.report(data.draw(st.sampled_from(self.sent)))

    @rule()
    def long_wait(self) -> None:
        """No clock ends a withdrawal."""
        self.world.now = self.world.now.plus(7 * 86_400_000)
        self.world.store.write(lambda unit: ledger.expire(unit, self.world.now))

    @invariant()
    def books_are_right_and_equal_the_model(self) -> None:
        if not hasattr(self, "world"):
            return
        member = Owner(OwnerKind.MEMBER, "ann", 1)
        owners = {
            "krw": member,
            "machine": books.machine(self.world.m1.vault),
            "suspense": books.suspense(self.world.m1.vault),
            "difference": books.difference(self.world.m1.vault),
            "loss": books.loss("op"),
            "operator": books.operator("op"),
            "fees": Owner(OwnerKind.HOUSE, "fees"),
        }

        def look(unit: Unit) -> None:
            assert ledger.check(unit) == ()
            for name, owner in owners.items():
                assert ledger.available(unit, owner, KRW) == self.own[name], name
            assert ledger.available(unit, member, BTC) == self.own["btc"]
            assert -ledger.available(unit, Owner(OwnerKind.HOUSE, "liquidity"), KRW) == -self.own["house"]

        self.world.store.read(look)
        held = sum(note.amount for note in self.notes.values() if note.open)
        assert self.world.held() == (held, held)


TestWithdrawAgainstModel = WithdrawAgainstModel.TestCase
TestWithdrawAgainstModel.settings = settings(stateful_step_count=40, deadline=None)
