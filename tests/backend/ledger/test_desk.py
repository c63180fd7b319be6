"""The ledger by examples: each refusal by its name, in the order of its checks, and nothing left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.ledger import desk
from backend.ledger.desk import Account, HoldState, Owner, OwnerKind, Posting, Record
from backend.refused import Refused
from backend.store import Store, Unit
from core.asset import BTC, KRW, Asset, AssetKind
from core.faults.money import (
    ASSET_UNKNOWN,
    BURIED,
    HOLD_EXPIRED,
    HOLD_RESOLVED,
    HOLD_UNKNOWN,
    KEY_REUSED,
    NOT_ENOUGH,
    TOO_LARGE,
    UNBALANCED,
)
from core.moment import Moment
from core.money import Money

NOW = Moment(1_790_000_000_000)
SOON = NOW.plus(1000)
WORLD = Owner(OwnerKind.WORLD, "bank")
ANN = Owner(OwnerKind.MEMBER, "ann", 1)
BEN = Owner(OwnerKind.MEMBER, "ben", 1)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:", desk.MIGRATIONS) as made:
        made.write(lambda unit: desk.enrol(unit, KRW, AssetKind.FIAT))
        made.write(lambda unit: desk.enrol(unit, BTC, AssetKind.COIN))
        made.write(lambda unit: desk.post(unit, moving(unit, "fund", 1000, WORLD, ANN)))
        yield made
        assert made.read(desk.check) == ()


def krw(unit: Unit, owner: Owner) -> Account:
    return desk.account(unit, owner, KRW)


def moving(unit: Unit, key: str, minor: int, giver: Owner, getter: Owner, kind: str = "transfer") -> Record:
    return Record(kind, key, NOW, (desk.give(krw(unit, giver), minor), desk.get(krw(unit, getter), minor)))


def free(store: Store, owner: Owner = ANN) -> int:
    return store.read(lambda unit: desk.available(unit, owner, KRW))


def refused(store: Store, work: Callable[[Unit], Any]) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        store.write(work)
    return caught.value.code, caught.value.status


def holding(minor: int, key: str = "h", expires_at: Moment | None = SOON) -> Callable[[Unit], desk.Hold]:
    return lambda unit: desk.hold(unit, key, krw(unit, ANN), minor, reason="sale", at=NOW, expires_at=expires_at)


def capturing(minor: int, key: str = "h", at: Moment = NOW, record: str = "r") -> Callable[[Unit], desk.Posted]:
    def work(unit: Unit) -> desk.Posted:
        made = moving(unit, record, minor, ANN, BEN, "sale")
        return desk.capture(unit, key, Record(made.kind, made.key, at, made.postings), minor=minor)

    return work


def test_a_record_moves_value_and_is_booked_once_under_its_key(store: Store) -> None:
    first = store.write(lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN)))
    second = store.write(lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN)))
    assert (first.new, second.new) == (True, False)
    assert first.journal == second.journal
    assert (free(store, ANN), free(store, BEN)) == (700, 300)


def test_the_same_key_for_something_else_is_refused(store: Store) -> None:
    store.write(lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN)))
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "t", 301, ANN, BEN))) == (KEY_REUSED.code, 422)
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN, "gift")))[0] == KEY_REUSED.code
    assert free(store) == 700


def test_a_balance_below_its_floor_is_refused_and_tells_no_balance(store: Store) -> None:
    with pytest.raises(Refused) as caught:
        store.write(lambda unit: desk.post(unit, moving(unit, "t", 1001, ANN, BEN)))
    assert (caught.value.code, caught.value.status) == (NOT_ENOUGH.code, 402)
    assert "1000" not in str(caught.value)
    assert free(store) == 1000


@pytest.mark.parametrize(
    ("name", "amounts"),
    [("empty", []), ("off", [(0, -10), (1, 9)]), ("twice", [(0, -5), (0, 5)]), ("nothing", [(0, 0), (1, 0)])],
)
def test_a_record_that_is_not_whole_is_refused(store: Store, name: str, amounts: list[tuple[int, int]]) -> None:
    def work(unit: Unit) -> None:
        accounts = [krw(unit, ANN), krw(unit, BEN)]
        desk.post(unit, Record("bad", name, NOW, tuple(Posting(accounts[who], minor) for who, minor in amounts)))

    assert refused(store, work) == (UNBALANCED.code, 500)


def test_two_assets_are_balanced_each_for_itself(store: Store) -> None:
    def work(unit: Unit) -> None:
        won, coin = krw(unit, ANN), desk.account(unit, BEN, BTC)
        desk.post(unit, Record("bad", "x", NOW, (desk.give(won, 10), desk.get(coin, 10))))

    assert refused(store, work) == (UNBALANCED.code, 500)


def test_a_posting_takes_only_money_of_its_account() -> None:
    with pytest.raises(AssertionError):
        Posting.of(Account(1, ANN, KRW), Money(1, BTC))
    assert Posting.of(Account(1, ANN, KRW), Money(5, KRW)).minor == 5


def test_an_account_named_with_another_asset_moves_nothing(store: Store) -> None:
    def work(unit: Unit) -> None:
        won = krw(unit, ANN)
        wrong = Account(won.id, ANN, BTC)
        desk.post(unit, Record("bad", "x", NOW, (desk.give(wrong, 10), desk.get(desk.account(unit, BEN, BTC), 10))))

    assert refused(store, work)[0] == NOT_ENOUGH.code


def test_a_balance_never_passes_63_bits_or_turns_into_a_float(store: Store) -> None:
    most = 2**63 - 1
    other = Owner(OwnerKind.WORLD, "other")
    store.write(lambda unit: desk.post(unit, moving(unit, "most", most - 1000, other, BEN)))
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "over", 1001, WORLD, BEN))) == (TOO_LARGE.code, 422)
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "huge", 2**64, WORLD, BEN)))[0] == TOO_LARGE.code
    assert free(store, BEN) == most - 1000
    store.write(lambda unit: desk.reverse(unit, "most", kind="undo", at=NOW))


def test_journal_and_entries_can_neither_be_changed_nor_deleted(store: Store) -> None:
    for sql in (
        "UPDATE journal SET kind = 'x'",
        "DELETE FROM journal",
        "UPDATE entry SET amount = 1",
        "DELETE FROM entry",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.write(lambda unit, sql=sql: unit.run(sql))


def test_a_reversal_takes_the_record_back_once(store: Store) -> None:
    store.write(lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN)))
    first = store.write(lambda unit: desk.reverse(unit, "t", kind="reversal", at=NOW))
    second = store.write(lambda unit: desk.reverse(unit, "t", kind="reversal", at=NOW.plus(5)))
    assert first is not None
    assert second is not None
    assert (first.new, second.new) == (True, False)
    assert free(store) == 1000


def test_a_record_is_reversed_by_one_record_only(store: Store) -> None:
    store.write(lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN)))
    reversal = store.write(lambda unit: desk.reverse(unit, "t", kind="reversal", at=NOW))
    assert reversal is not None

    def again(unit: Unit) -> None:
        found = desk.postings_of(unit, "t")
        assert found is not None
        desk.post(unit, Record("reversal", "other", NOW, desk.mirrored(found[1])), reverses=found[0])

    assert refused(store, again) == (KEY_REUSED.code, 422)


def test_a_late_original_loses_against_the_reversal_that_came_first(store: Store) -> None:
    assert store.write(lambda unit: desk.reverse(unit, "t", kind="reversal", at=NOW)) is None
    assert not store.write(lambda unit: desk.bury(unit, "t", NOW, "again"))
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "t", 300, ANN, BEN))) == (BURIED.code, 409)
    store.write(lambda unit: desk.bury(unit, "h", NOW, "reversal"))
    assert refused(store, holding(5)) == (BURIED.code, 409)


def test_a_hold_reserves_and_a_capture_moves_all_or_part(store: Store) -> None:
    store.write(holding(600))
    balance = store.read(lambda unit: desk.balance(unit, krw(unit, ANN)))
    assert (balance.posted.minor, balance.held.minor, balance.available.minor) == (1000, 600, 400)
    assert refused(store, lambda unit: desk.post(unit, moving(unit, "t", 401, ANN, BEN)))[0] == NOT_ENOUGH.code
    assert store.write(capturing(250)).new
    assert not store.write(capturing(250)).new
    assert (free(store, ANN), free(store, BEN)) == (750, 250)
    hold = store.read(lambda unit: desk.find_hold(unit, "h"))
    assert hold is not None
    assert (hold.state, hold.captured) == (HoldState.CAPTURED, 250)


def test_a_hold_beyond_what_is_free_is_refused(store: Store) -> None:
    store.write(holding(600))
    assert refused(store, holding(401, "second")) == (NOT_ENOUGH.code, 402)
    assert free(store) == 400


def test_the_same_hold_again_is_the_same_hold_and_another_under_its_key_is_refused(store: Store) -> None:
    assert store.write(holding(600)) == store.write(holding(600))
    assert refused(store, holding(601)) == (KEY_REUSED.code, 422)
    assert free(store) == 400


@pytest.mark.parametrize("minor", [0, -1, 2**63])
def test_a_hold_of_nothing_or_too_much_is_refused(store: Store, minor: int) -> None:
    assert refused(store, holding(minor)) == (TOO_LARGE.code, 422)


@pytest.mark.parametrize("minor", [0, 601])
def test_a_capture_of_nothing_or_more_than_held_is_refused(store: Store, minor: int) -> None:
    store.write(holding(600))
    assert refused(store, capturing(minor)) == (TOO_LARGE.code, 422)


def test_a_capture_takes_exactly_what_its_record_takes(store: Store) -> None:
    store.write(holding(600))
    assert refused(store, lambda unit: desk.capture(unit, "h", moving(unit, "r", 599, ANN, BEN), minor=600)) == (
        UNBALANCED.code,
        500,
    )


def test_a_record_booked_without_the_hold_does_not_capture_it(store: Store) -> None:
    store.write(lambda unit: desk.post(unit, moving(unit, "r", 100, ANN, BEN, "sale")))
    store.write(holding(100))
    assert refused(store, capturing(100)) == (KEY_REUSED.code, 422)


def test_a_hold_is_resolved_once(store: Store) -> None:
    store.write(holding(600))
    assert store.write(lambda unit: desk.release(unit, "h", NOW)).state is HoldState.RELEASED
    assert store.write(lambda unit: desk.release(unit, "h", NOW)).state is HoldState.RELEASED
    assert refused(store, capturing(600)) == (HOLD_RESOLVED.code, 409)
    assert refused(store, holding(600)) == (HOLD_RESOLVED.code, 409)
    store.write(holding(100, "second"))
    store.write(capturing(100, "second"))
    assert refused(store, lambda unit: desk.release(unit, "second", NOW)) == (HOLD_RESOLVED.code, 409)
    assert refused(store, capturing(50, "second")) == (HOLD_RESOLVED.code, 409)
    assert free(store) == 900


def test_an_unknown_hold_is_refused(store: Store) -> None:
    assert refused(store, capturing(1)) == (HOLD_UNKNOWN.code, 404)
    assert refused(store, lambda unit: desk.release(unit, "h", NOW)) == (HOLD_UNKNOWN.code, 404)
    assert refused(store, lambda unit: desk.bind(unit, "h", NOW)) == (HOLD_UNKNOWN.code, 404)


def test_a_hold_expires_by_the_clock_before_and_after_the_sweep(store: Store) -> None:
    store.write(holding(600))
    assert refused(store, capturing(600, at=NOW.plus(1000))) == (HOLD_EXPIRED.code, 409)
    assert store.write(lambda unit: desk.expire(unit, NOW.plus(999))) == []
    assert store.write(lambda unit: desk.expire(unit, NOW.plus(1000))) == ["h"]
    assert refused(store, capturing(600)) == (HOLD_EXPIRED.code, 409)
    assert free(store) == 1000


def test_a_hold_with_a_dispense_authority_never_expires_by_time(store: Store) -> None:
    store.write(holding(600))
    store.write(lambda unit: desk.bind(unit, "h", NOW))
    assert store.write(lambda unit: desk.expire(unit, NOW.plus(10**9))) == []
    store.write(capturing(600, at=NOW.plus(10**9)))
    assert free(store) == 400


def test_a_hold_without_an_end_waits_for_evidence(store: Store) -> None:
    store.write(holding(600, expires_at=None))
    assert store.write(lambda unit: desk.expire(unit, NOW.plus(10**9))) == []
    assert store.write(capturing(1, at=NOW.plus(10**9))).new


def test_an_asset_kept_with_other_decimals_is_refused(store: Store) -> None:
    wrong, foreign = Asset("BTC", 6), Asset("ETH", 8)
    store.write(lambda unit: desk.account(unit, ANN, BTC))
    assert refused(store, lambda unit: desk.account(unit, ANN, wrong)) == (ASSET_UNKNOWN.code, 422)
    assert refused(store, lambda unit: desk.account(unit, BEN, wrong)) == (ASSET_UNKNOWN.code, 422)
    assert refused(store, lambda unit: desk.several(unit, [(ANN, wrong)])) == (ASSET_UNKNOWN.code, 422)
    assert refused(store, lambda unit: desk.account(unit, ANN, foreign)) == (ASSET_UNKNOWN.code, 422)
    assert refused(store, lambda unit: desk.enrol(unit, wrong, AssetKind.COIN)) == (ASSET_UNKNOWN.code, 422)
    assert store.read(desk.assets) == [(BTC, AssetKind.COIN), (KRW, AssetKind.FIAT)]


def test_an_owner_sees_every_account_and_each_line(store: Store) -> None:
    store.write(lambda unit: desk.post(unit, moving(unit, "t1", 300, ANN, BEN)))
    store.write(lambda unit: desk.post(unit, moving(unit, "t2", 200, ANN, BEN)))
    found = store.read(lambda unit: desk.of_owner(unit, ANN))
    assert [(account.asset, balance.posted.minor) for account, balance in found] == [(KRW, 500)]
    account = found[0][0]
    lines = store.read(lambda unit: desk.statement(unit, account, limit=2))
    assert [line.amount.minor for line in lines] == [-200, -300]
    older = store.read(lambda unit: desk.statement(unit, account, before=lines[-1].journal))
    assert [line.amount.minor for line in older] == [1000]
    assert store.read(lambda unit: desk.available(unit, BEN, BTC)) == 0


def test_several_accounts_are_found_or_opened_at_once_with_what_is_free(store: Store) -> None:
    found = store.write(lambda unit: desk.several(unit, [(ANN, KRW), (BEN, BTC), (WORLD, KRW)]))
    assert [(account.owner, account.asset, free) for account, free in found] == [
        (ANN, KRW, 1000),
        (BEN, BTC, 0),
        (WORLD, KRW, -1000),
    ]
    assert store.write(lambda unit: desk.several(unit, [(BEN, BTC)])) == [found[1]]


def test_sums_name_each_asset_and_are_zero(store: Store) -> None:
    store.write(lambda unit: desk.account(unit, ANN, BTC))
    assert store.read(desk.sums) == [(Money(0, BTC), 1), (Money(0, KRW), 2)]


TAMPERED = [
    ("I2", "UPDATE account SET posted = posted + 1 WHERE owner = 'ann'"),
    ("I2", "INSERT INTO entry SELECT 1, 9, id, 7 FROM account WHERE owner = 'ann'"),
    ("I2", "INSERT INTO journal VALUES(99, 'k', 'x', '', '', '', 1, NULL, '{}')"),
    ("I6", "UPDATE account SET held = 3 WHERE owner = 'ann'"),
]


@pytest.mark.parametrize(("invariant", "sql"), TAMPERED)
def test_books_that_were_tampered_with_are_found_out(invariant: str, sql: str) -> None:
    with Store.open(":memory:", desk.MIGRATIONS) as store:
        store.write(lambda unit: desk.enrol(unit, KRW, AssetKind.FIAT))
        store.write(lambda unit: desk.post(unit, moving(unit, "fund", 1000, WORLD, ANN)))
        store.write(lambda unit: unit.run(sql))
        assert invariant in {trouble.invariant for trouble in store.read(desk.check)}


def test_a_balance_below_its_floor_is_found_even_if_the_table_no_longer_guards_it() -> None:
    with Store.open(":memory:", desk.MIGRATIONS) as store:
        store.write(lambda unit: desk.enrol(unit, KRW, AssetKind.FIAT))
        store.write(lambda unit: desk.post(unit, moving(unit, "fund", 1000, WORLD, ANN)))

        def tamper(unit: Unit) -> None:
            unit.one("PRAGMA ignore_check_constraints = 1")
            unit.run("UPDATE account SET posted = -1 WHERE owner = 'ann'")

        store.write(tamper)
        assert "I3" in {trouble.invariant for trouble in store.read(desk.check)}
