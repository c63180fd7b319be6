"""The ledger against a plain model written apart: any order of acts, and the books agree after each one."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.ledger import desk
from backend.ledger.desk import Owner, OwnerKind, Record
from backend.refused import Refused
from backend.store import Store, Unit
from core.asset import BTC, KRW, Asset, AssetKind
from core.moment import Moment

START = 1_790_000_000_000
MEMBERS = ("ann", "ben", "cho")
ASSETS = {"KRW": KRW, "BTC": BTC}
members = st.sampled_from(MEMBERS)
codes = st.sampled_from(sorted(ASSETS))
amounts = st.integers(1, 60)
pairs = st.sampled_from([(one, other) for one in MEMBERS for other in MEMBERS if one != other])


class Model:
    """Free and held units by (owner, asset); what became of each key. Knows nothing of tables or postings."""

    def __init__(self) -> None:
        self.posted: dict[tuple[str, str], int] = {}
        self.holds: dict[str, dict[str, Any]] = {}
        self.moves: dict[str, tuple[str, str, str, int]] = {}
        self.reversed: set[str] = set()
        self.dead: set[str] = set()
        self.now = START

    def held(self, owner: str, code: str) -> int:
        open_ = [one for one in self.holds.values() if one["state"] == "open" and one["on"] == (owner, code)]
        return sum(one["minor"] for one in open_)

    def free(self, owner: str, code: str) -> int:
        return self.posted.get((owner, code), 0) - self.held(owner, code)

    def shift(self, giver: str, getter: str, code: str, minor: int) -> None:
        self.posted[giver, code] = self.posted.get((giver, code), 0) - minor
        self.posted[getter, code] = self.posted.get((getter, code), 0) + minor

    def move(self, key: str, giver: str, getter: str, code: str, minor: int) -> bool:
        if key in self.dead:
            return False
        if key in self.moves:
            return self.moves[key] == (giver, getter, code, minor)
        if giver != "bank" and self.free(giver, code) < minor:
            return False
        self.moves[key] = (giver, getter, code, minor)
        self.shift(giver, getter, code, minor)
        return True

    def reverse(self, key: str) -> bool:
        if key not in self.moves:
            self.dead.add(key)
            return True
        if key in self.reversed:
            return True
        giver, getter, code, minor = self.moves[key]
        if self.free(getter, code) < minor:
            return False
        self.reversed.add(key)
        self.shift(getter, giver, code, minor)
        return True

    def hold(self, key: str, owner: str, code: str, minor: int, life: int) -> bool:
        if key in self.dead:
            return False
        if key in self.holds:
            one = self.holds[key]
            return bool(one["state"] == "open" and (one["on"], one["minor"]) == ((owner, code), minor))
        if self.free(owner, code) < minor:
            return False
        self.holds[key] = {"on": (owner, code), "minor": minor, "state": "open", "ends": self.now + life}
        return True

    def capture(self, key: str, minor: int, getter: str) -> bool:
        one = self.holds.get(key)
        if one is None or minor > one["minor"]:
            return False
        if one["state"] == "captured":
            return bool(one["to"] == (getter, minor))
        if one["state"] != "open" or one["ends"] <= self.now:
            return False
        one["state"], one["to"] = "captured", (getter, minor)
        self.shift(one["on"][0], getter, one["on"][1], minor)
        return True

    def release(self, key: str) -> bool:
        one = self.holds.get(key)
        if one is None or one["state"] == "captured":
            return False
        if one["state"] == "open":
            one["state"] = "released"
        return True

    def expire(self) -> int:
        due = [one for one in self.holds.values() if one["state"] == "open" and one["ends"] <= self.now]
        for one in due:
            one["state"] = "expired"
        return len(due)


class LedgerAgainstModel(RuleBasedStateMachine):
    """Every act is done on both; they must agree on yes or no and on every balance."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.next_key = 0
        self.store = Store.open(":memory:", desk.MIGRATIONS)
        self.store.write(lambda unit: desk.enrol(unit, KRW, AssetKind.FIAT))
        self.store.write(lambda unit: desk.enrol(unit, BTC, AssetKind.COIN))

    def teardown(self) -> None:
        self.store.close()

    def owner(self, name: str) -> Owner:
        return Owner(OwnerKind.WORLD, name) if name == "bank" else Owner(OwnerKind.MEMBER, name, 1)

    def record(self, unit: Unit, kind: str, key: str, giver: str, getter: str, code: str, minor: int) -> Record:
        gives = desk.account(unit, self.owner(giver), ASSETS[code])
        gets = desk.account(unit, self.owner(getter), ASSETS[code])
        return Record(kind, key, Moment(self.model.now), (desk.give(gives, minor), desk.get(gets, minor)))

    def agree(self, expected: bool, work: Any) -> None:
        try:
            self.store.write(work)
            done = True
        except Refused:
            done = False
        assert done == expected

    @initialize()
    def everybody_has_something(self) -> None:
        for name in MEMBERS:
            for code in ASSETS:
                self.moved(self.fresh(), "bank", name, code, 100)

    def fresh(self) -> str:
        self.next_key += 1
        return f"k{self.next_key}"

    def moved(self, key: str, giver: str, getter: str, code: str, minor: int) -> None:
        expected = self.model.move(key, giver, getter, code, minor)
        self.agree(expected, lambda unit: desk.post(unit, self.record(unit, "move", key, giver, getter, code, minor)))

    @rule(pair=pairs, code=codes, minor=amounts)
    def transfer(self, pair: tuple[str, str], code: str, minor: int) -> None:
        self.moved(self.fresh(), *pair, code, minor)

    @precondition(lambda self: self.model.moves)
    @rule(data=st.data(), more=st.integers(0, 1))
    def transfer_again(self, data: st.DataObject, more: int) -> None:
        """The same key: with the same content it is the same record, with other content it is refused."""
        key = data.draw(st.sampled_from(sorted(self.model.moves)))
        giver, getter, code, minor = self.model.moves[key]
        self.moved(key, giver, getter, code, minor + more)

    @precondition(lambda self: self.model.moves)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.reversed(data.draw(st.sampled_from(sorted(self.model.moves))))

    @rule(pair=pairs, code=codes, minor=amounts)
    def reverse_early(self, pair: tuple[str, str], code: str, minor: int) -> None:
        key = self.fresh()
        self.reversed(key)
        self.moved(key, *pair, code, minor)
        self.held(key, pair[0], code, minor, 5)

    def reversed(self, key: str) -> None:
        expected = self.model.reverse(key)
        self.agree(expected, lambda unit: desk.reverse(unit, key, kind="reversal", at=Moment(self.model.now)))

    @rule(owner=members, code=codes, minor=amounts, life=st.integers(1, 4))
    def hold(self, owner: str, code: str, minor: int, life: int) -> None:
        self.held(self.fresh(), owner, code, minor, life)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), more=st.integers(0, 1))
    def hold_again(self, data: st.DataObject, more: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.holds)))
        one = self.model.holds[key]
        self.held(key, *one["on"], one["minor"] + more, 4)

    def held(self, key: str, owner: str, code: str, minor: int, life: int) -> None:
        expected = self.model.hold(key, owner, code, minor, life)
        now = Moment(self.model.now)

        def work(unit: Unit) -> None:
            account = desk.account(unit, self.owner(owner), ASSETS[code])
            desk.hold(unit, key, account, minor, reason="sale", at=now, expires_at=now.plus(life))

        self.agree(expected, work)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), less=st.integers(-1, 1))
    def capture(self, data: st.DataObject, less: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.holds)))
        one = self.model.holds[key]
        giver, code = one["on"]
        getter = next(name for name in MEMBERS if name != giver)
        minor = max(1, one["minor"] - less)
        expected = self.model.capture(key, minor, getter)

        def work(unit: Unit) -> None:
            record = self.record(unit, "capture", f"{key}/capture", giver, getter, code, minor)
            desk.capture(unit, key, record, minor=minor)

        self.agree(expected, work)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.holds)))
        expected = self.model.release(key)
        self.agree(expected, lambda unit: desk.release(unit, key, Moment(self.model.now)))

    @rule(passed=st.integers(1, 3))
    def time_passes(self, passed: int) -> None:
        self.model.now += passed

    @rule()
    def expire(self) -> None:
        expected = self.model.expire()
        assert len(self.store.write(lambda unit: desk.expire(unit, Moment(self.model.now)))) == expected

    @invariant()
    def the_books_are_right_and_equal_the_model(self) -> None:
        def look(unit: Unit) -> None:
            assert desk.check(unit) == ()
            for name in (*MEMBERS, "bank"):
                for code, asset in ASSETS.items():
                    self.same(unit, name, code, asset)

        self.store.read(look)

    def same(self, unit: Unit, name: str, code: str, asset: Asset) -> None:
        account = desk.find(unit, self.owner(name), asset)
        seen = (0, 0)
        if account is not None:
            balance = desk.balance(unit, account)
            seen = (balance.posted.minor, balance.held.minor)
        assert seen == (self.model.posted.get((name, code), 0), self.model.held(name, code))


TestLedgerAgainstModel = LedgerAgainstModel.TestCase
TestLedgerAgainstModel.settings = settings(stateful_step_count=40)
