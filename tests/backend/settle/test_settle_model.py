"""Settlement against a plain reference ledger written apart: any order of acts, one truth.

The model knows nothing of postings, holds or capsules: it is a dictionary of who owns what and a note of what became
of each sale, with the arithmetic done in fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind
from backend.refused import Refused
from backend.settle import desk
from backend.settle.desk import Seller, Terms
from core.asset import BTC, KRW
from core.messages import QuoteOffer, RefundChoice
from core.money import Money
from tests.backend.settle.world import ANN, CAFE, MALL, World, txn

FEE, SPREAD, COMMISSION = Fraction(50, 10_000), Fraction(30, 10_000), Fraction(100, 10_000)
COIN = BTC.one
SELLERS = {"mall": MALL, "cafe": CAFE}


@dataclass
class Note:
    """What became of one sale."""

    seller: str
    price: int
    quantity: int
    fee: int
    ends: int
    state: str = "authorised"
    refunded: int = 0
    closed: bool = False


class Model:
    """Who owns what; sellers may owe (`owes`), which later sales pay first."""

    def __init__(self) -> None:
        self.own: dict[tuple[str, str], int] = {}
        self.owes: dict[tuple[str, str], int] = {}
        self.sales: dict[int, Note] = {}
        self.dead: set[int] = set()

    def add(self, who: str, asset: str, units: int) -> None:
        self.own[who, asset] = self.own.get((who, asset), 0) + units

    def has(self, who: str, asset: str) -> int:
        return self.own.get((who, asset), 0)

    def reserved(self) -> int:
        return sum(note.quantity + note.fee for note in self.sales.values() if note.state == "authorised")

    def earn(self, who: str, asset: str, units: int) -> None:
        back = min(units, self.owes.get((who, asset), 0))
        self.owes[who, asset] = self.owes.get((who, asset), 0) - back
        self.add(who, asset, units - back)

    def lose(self, who: str, asset: str, units: int) -> None:
        """Whoever has not enough owes the rest."""
        here = min(units, max(self.has(who, asset), 0))
        self.add(who, asset, -here)
        self.owes[who, asset] = self.owes.get((who, asset), 0) + units - here

    def settle(self, note: Note) -> None:
        note.state = "settled"
        self.add("ann", "BTC", -(note.quantity + note.fee))
        self.add("fees", "BTC", note.fee)
        if note.seller == "mall":
            cut = ceil(note.price * COMMISSION)
            self.add("house", "BTC", note.quantity)
            self.add("house", "KRW", -note.price)
            self.earn("mall", "KRW", note.price - cut)
            self.add("agency", "KRW", cut)
        else:
            cut = ceil(note.quantity * COMMISSION)
            self.earn("cafe", "BTC", note.quantity - cut)
            self.add("agency", "BTC", cut)

    def undo(self, note: Note, state: str) -> None:
        note.state = state
        self.add("ann", "BTC", note.quantity + note.fee)
        self.add("fees", "BTC", -note.fee)
        if note.seller == "mall":
            cut = ceil(note.price * COMMISSION)
            self.add("house", "BTC", -note.quantity)
            self.add("house", "KRW", note.price)
            self.lose("mall", "KRW", note.price - cut)
            self.lose("agency", "KRW", cut)
        else:
            cut = ceil(note.quantity * COMMISSION)
            self.lose("cafe", "BTC", note.quantity - cut)
            self.lose("agency", "BTC", cut)


class SettleAgainstModel(RuleBasedStateMachine):
    """Acts on sales at prices that move; the two must agree on yes or no and on every balance."""

    @initialize()
    def begin(self) -> None:
        self.world = World.open(terms=Terms(fee_bp=50, spread_bp=30, hold_ms=60_000))
        self.world.prices = {BTC: (10_000, 10_000)}
        self.model = Model()
        self.offers: dict[int, tuple[QuoteOffer, int, int]] = {}
        self.next_sale, self.next_other = 0, 1_000_000
        self.world.give("ann", Money(40 * COIN, BTC))
        self.model.add("ann", "BTC", 40 * COIN)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    def agree(self, expected: bool, act: Any) -> Any:
        try:
            result = act()
        except Refused as refused:
            result, why = None, refused.code
        else:
            why = ""
        assert expected == (not why), (why, result)
        return result

    @rule(price=st.integers(5_000, 30_000))
    def market_moves(self, price: int) -> None:
        self.world.prices[BTC] = (price, price)

    @rule(price=st.integers(1, 60_000))
    def quote(self, price: int) -> None:
        self.quoted(price)

    def quoted(self, price: int) -> int | None:
        """A new sale's quote, on both; its number, or None where there are not enough coins."""
        rate = floor(self.world.prices[BTC][0] * (1 - SPREAD))
        quantity, fee = ceil(Fraction(price, rate) * COIN), ceil(Fraction(ceil(price * FEE), rate) * COIN)
        enough = self.model.has("ann", "BTC") - self.model.reserved() >= quantity + fee
        self.next_sale += 1
        offer = self.agree(enough, lambda: self.world.quote(self.next_sale, price))
        if offer is None:
            return None
        assert offer.total.money().minor == quantity + fee
        self.offers[self.next_sale] = (offer, quantity, fee)
        return self.next_sale

    @rule(price=st.integers(100, 60_000), seller=st.sampled_from(sorted(SELLERS)))
    def sell(self, price: int, seller: str) -> None:
        """A whole sale, so that there is always something to take back."""
        number = self.quoted(price)
        if number is not None:
            self.authorised(number, seller)
            self.captured(number)

    @rule(seller=st.sampled_from(sorted(SELLERS)))
    def pay_out(self, seller: str) -> None:
        """The seller takes everything out, so that a later reversal finds nothing."""
        code = "KRW" if seller == "mall" else "BTC"
        minor = self.model.has(seller, code)
        if minor:
            self.model.add(seller, code, -minor)
            self.next_other += 1

            def work(unit: Any) -> None:
                asset = KRW if code == "KRW" else BTC
                pays = ledger.account(unit, OWNERS[seller], asset)
                bank = ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), asset)
                postings = (ledger.give(pays, minor), ledger.get(bank, minor))
                ledger.post(unit, ledger.Record("payout", str(self.next_other), self.world.now, postings))

            self.world.store.write(work)

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), seller=st.sampled_from(sorted(SELLERS)))
    def authorise(self, data: st.DataObject, seller: str) -> None:
        self.authorised(data.draw(st.sampled_from(sorted(self.offers))), seller)

    def authorised(self, number: int, seller: str) -> None:
        offer, _, _ = self.offers[number]
        self.agree(self.expects_hold(number, seller), lambda: self.world.authorise(offer, self.seller(seller), ANN))

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), seller=st.sampled_from(sorted(SELLERS)))
    def sell_at_once(self, data: st.DataObject, seller: str) -> None:
        """Both acts in one: the books must not tell it from one after the other."""
        number = data.draw(st.sampled_from(sorted(self.offers)))
        expected = self.expects_hold(number, seller)
        note = self.model.sales.get(number)
        if expected and note is not None and note.state == "authorised":
            expected = self.world.now.ms < note.ends
            if expected:
                self.model.settle(note)
        offer, _, _ = self.offers[number]
        self.agree(expected, lambda: self.world.sell_at_once(offer, self.seller(seller)))

    def expects_hold(self, number: int, seller: str) -> bool:
        """May this quote be authorised now? If so, and it is new, the model notes the sale."""
        offer, quantity, fee = self.offers[number]
        note = self.model.sales.get(number)
        if note is not None:
            # The very quote of the sale again gives the original answer while the sale stands; anything else is no.
            same = self.world.store.read(
                lambda unit: unit.one("SELECT quote_id FROM sale WHERE txn = ?", (txn(number).text,))
            ) == (offer.id,)
            expected = same and note.state in ("authorised", "settled")
        else:
            enough = self.model.has("ann", "BTC") - self.model.reserved() >= quantity + fee
            alive = self.world.now.ms < _ms(offer)
            expected = number not in self.model.dead and alive and enough
            if expected:
                price = offer.price.money().minor
                self.model.sales[number] = Note(seller, price, quantity, fee, self.world.now.ms + 60_000)
        return expected

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        self.captured(self.pick(data))

    def captured(self, number: int) -> None:
        note = self.model.sales.get(number)
        expected = note is not None and (
            note.state == "settled" or (note.state == "authorised" and self.world.now.ms < note.ends)
        )
        if expected and note is not None and note.state == "authorised":
            self.model.settle(note)
        self.agree(expected, lambda: self.world.capture(number))

    @precondition(lambda self: self.offers)
    @rule(data=st.data())
    def reverse_early(self, data: st.DataObject) -> None:
        """The reversal overtakes its original."""
        number = data.draw(st.sampled_from(sorted(self.offers)))
        if number not in self.model.sales:
            self.model.dead.add(number)
            self.agree(True, lambda: self.world.reverse(number))

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        number = self.pick(data)
        note = self.model.sales[number]
        expected = not (note.state == "settled" and note.refunded)
        if expected and note.state == "authorised":
            note.state = "reversed"
        elif expected and note.state == "settled":
            self.model.undo(note, "reversed")
        self.agree(expected, lambda: self.world.reverse(number))

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        number = self.pick(data)
        note = self.model.sales[number]
        expected = note.state == "voided" or (note.state == "settled" and not note.closed and not note.refunded)
        if expected and note.state == "settled":
            self.model.undo(note, "voided")
        self.agree(expected, lambda: self.world.void(number + 500_000, number))

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data(), part=st.integers(1, 100), choice=st.sampled_from(RefundChoice))
    def refund(self, data: st.DataObject, part: int, choice: RefundChoice) -> None:
        number = self.pick(data)
        note = self.model.sales[number]
        if note.state != "settled":
            return
        amount = max(1, note.price * part // 100)
        price = self.world.prices[BTC][0]
        coins = floor(Fraction(amount, floor(price * (1 + SPREAD))) * COIN)
        asset = "KRW" if note.seller == "mall" else "BTC"
        gives = amount if note.seller == "mall" else ceil(Fraction(amount, floor(price * (1 - SPREAD))) * COIN)
        left = note.refunded + amount <= note.price
        able = self.model.has(note.seller, asset) >= gives
        fits = choice is RefundChoice.FIAT or coins > 0
        self.next_other += 1
        expected = left and able and fits
        if expected:
            note.refunded += amount
            self.model.add(note.seller, asset, -gives)
            self.model.add("house", asset, gives)
            got, given = ("KRW", amount) if choice is RefundChoice.FIAT else ("BTC", coins)
            self.model.add("house", got, -given)
            self.model.add("ann", got, given)
        seller = self.seller(note.seller)
        self.agree(expected, lambda: self.world.refund(self.next_other, number, amount, choice, seller))

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.world.now = self.world.now.plus(seconds * 1000)

    @rule()
    def sweep(self) -> None:
        due = [
            n for n, note in self.model.sales.items() if note.state == "authorised" and note.ends <= self.world.now.ms
        ]
        for number in due:
            self.model.sales[number].state = "expired"
        ended = self.world.store.write(lambda unit: desk.expire(unit, self.world.now))
        assert set(ended) == {txn(number) for number in due}

    @rule()
    def close_batch(self) -> None:
        self.next_other += 1
        closing = [note for note in self.model.sales.values() if note.state == "settled" and not note.closed]
        closed = self.world.store.write(
            lambda unit: desk.close_batch(unit, terminal="t1", txn=txn(self.next_other), fiat=KRW, at=self.world.now)
        )
        assert closed.totals.sales == len(closing)
        assert closed.totals.sold.money().minor == sum(note.price for note in closing)
        for note in closing:
            note.closed = True

    @invariant()
    def books_are_right_and_equal_the_model(self) -> None:
        def look(unit: Any) -> None:
            assert ledger.check(unit) == ()
            for who, owner in OWNERS.items():
                for asset in (BTC, KRW):
                    account = ledger.find(unit, owner, asset)
                    posted = 0 if account is None else ledger.balance(unit, account).posted.minor
                    assert posted == self.model.has(who, asset.code), (who, asset.code)
                    debt = ledger.available(unit, Owner(OwnerKind.RECEIVABLE, owner.id), asset)
                    assert -debt == self.model.owes.get((who, asset.code), 0)
            held = ledger.balance(unit, ledger.account(unit, OWNERS["ann"], BTC)).held.minor
            assert held == self.model.reserved()

        if hasattr(self, "world"):
            self.world.store.read(look)

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.model.sales)))

    def seller(self, name: str) -> Seller:
        return SELLERS[name]


OWNERS = {
    "ann": Owner(OwnerKind.MEMBER, "ann", 1),
    "mall": Owner(OwnerKind.SELLER, "mall"),
    "cafe": Owner(OwnerKind.SELLER, "cafe"),
    "agency": Owner(OwnerKind.AGENCY, "agency"),
    "house": Owner(OwnerKind.HOUSE, "liquidity"),
    "fees": Owner(OwnerKind.HOUSE, "fees"),
}


def _ms(offer: QuoteOffer) -> int:
    from core.moment import Moment

    return Moment.parse(offer.expires_at).ms


TestSettleAgainstModel = SettleAgainstModel.TestCase
TestSettleAgainstModel.settings = settings(stateful_step_count=60)
