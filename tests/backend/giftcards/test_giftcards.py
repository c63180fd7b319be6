"""Gift cards: a code is unsold, or sold to exactly one transaction; asked again it is the same code."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.giftcards import desk, selling
from backend.giftcards.rules import CODES_MAX, FILE_MAX, BadBatch, card_cost, read_batch
from backend.refused import Refused
from backend.settle.rules import FEES
from backend.store import Store
from core.asset import BTC, KRW
from core.faults import Entry
from core.faults.giftcards import (
    CARD_SHORT,
    CARD_UNKNOWN,
    LOAD_BAD,
    LOADED_BEFORE,
    OUT_OF_STOCK,
    SALE_UNKNOWN,
    TENDER_BAD,
)
from core.faults.money import COIN_UNKNOWN, QUOTE_EXPIRED, QUOTE_FOREIGN, TXN_USED
from core.faults.trade import COUNTER_UNFIT
from core.faults.withdrawal import APPROVAL_NEEDED, APPROVAL_OTHER, APPROVAL_REFUSED, OVER_DAY
from core.messages import ApprovalState, Tender
from core.money import BadAmount, Money
from core.rate import Rate
from tests.backend.giftcards.world import FREE, XRP, Shop, batch, txn, won

COIN = BTC.one


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop.opened()
    made.give("ann", 1_000_000)
    made.load()
    yield made
    made.close()


def refused(page: Entry) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == page.code)


def test_fiat_buys_a_card_and_the_issuer_is_owed_its_face(shop: Shop) -> None:
    shop.present(1)
    sold = shop.card(shop.card_quote(1))
    assert (sold.code, sold.name, sold.how_ko) == ("MOON-10000-0000", "Moonlight Coffee", "코드를 보여 주세요.")
    assert (shop.wallet(), shop.owed(), shop.stock()) == (990_000, 10_000, (2, 1))


def test_a_coin_sold_on_the_spot_buys_a_card_in_the_same_record(shop: Shop) -> None:
    shop.card_terms = desk.Terms(coin_fee_bp=100, spread_bp=50)
    shop.give("ann", COIN, BTC)
    shop.present(1)
    sold = shop.card(shop.card_quote(1, tender=Tender.COIN))
    paid = COIN - shop.wallet(BTC)
    assert paid == -(-10_100 * COIN // 9_950_000)
    assert sold.coins is not None
    assert sold.coins.money().minor == paid
    assert (shop.wallet(), shop.owed(), shop.free(FEES)) == (1_000_000, 10_000, 100)
    records = shop.store.read(lambda unit: unit.all("SELECT kind FROM journal WHERE txn = ?", (txn(1).text,)))
    assert records == [("giftcard",)]


def test_the_same_transaction_again_tells_the_same_code_even_days_later(shop: Shop) -> None:
    shop.present(1)
    offer = shop.card_quote(1)
    first = shop.card(offer)
    shop.later(3 * 86_400_000)
    assert shop.card(offer) == first == shop.sold(1)
    assert shop.stock() == (2, 1)
    assert shop.wallet() == 990_000


def test_two_transactions_get_two_codes(shop: Shop) -> None:
    codes = set()
    for number in (1, 2, 3):
        shop.present(number)
        codes.add(shop.card(shop.card_quote(number)).code)
    assert len(codes) == 3


def test_a_sold_out_card_is_refused_by_name_before_anything_moves(shop: Shop) -> None:
    for number in (1, 2, 3, 4):
        shop.present(number)
    late = shop.card_quote(4)
    for number in (1, 2, 3):
        shop.card(shop.card_quote(number))
    with refused(OUT_OF_STOCK):
        shop.card(late)
    with refused(OUT_OF_STOCK):
        shop.card_quote(4)
    assert (shop.wallet(), shop.stock()) == (970_000, (0, 3))
    assert not shop.counter(4).cards[0].faces[0].in_stock


def test_a_failed_sale_leaves_its_code_unsold(shop: Shop) -> None:
    shop.give("bob", 10_000)
    shop.present(1, "bob")
    shop.present(2, "bob")
    one, other = shop.card_quote(1), shop.card_quote(2)
    shop.card(one)
    with refused(CARD_SHORT):
        shop.card(other)
    assert shop.stock() == (2, 1)
    with refused(SALE_UNKNOWN):
        shop.sold(2)


def test_a_quote_ends_and_is_good_for_its_machine_and_its_transaction_alone(shop: Shop) -> None:
    shop.present(1)
    offer, other = shop.card_quote(1), shop.card_quote(1)
    with refused(QUOTE_FOREIGN):
        shop.card(offer, "M2")
    shop.card(offer)
    with refused(TXN_USED):
        shop.card(other)
    with refused(SALE_UNKNOWN):
        shop.sold(1, "M2")
    shop.present(2)
    late = shop.card_quote(2)
    shop.later(late.ttl_ms)
    with refused(QUOTE_EXPIRED):
        shop.card(late)
    assert shop.stock() == (2, 1)


def test_what_is_not_sold_here_is_refused_by_name(shop: Shop) -> None:
    shop.present(1)
    for face, issuer in ((20_000, "moon"), (10_000, "sun")):
        with refused(CARD_UNKNOWN):
            shop.card_quote(1, face, issuer=issuer)
    with refused(TENDER_BAD):
        shop.card_quote(1, tender=Tender.BOTH)
    with refused(COIN_UNKNOWN):
        shop.card_quote(1, tender=Tender.COIN, asset="BTC")
    with refused(CARD_SHORT):
        shop.card_quote(1, tender=Tender.COIN)


def test_whoever_has_too_little_is_told_so_at_the_quote(shop: Shop) -> None:
    shop.present(1, "bob")
    with refused(CARD_SHORT):
        shop.card_quote(1)
    shop.give("bob", 1, BTC)
    with refused(CARD_SHORT):
        shop.card_quote(1, tender=Tender.COIN)


def test_stale_prices_stop_coins_but_fiat_still_buys_a_card(shop: Shop) -> None:
    shop.give("ann", COIN, BTC)
    shop.present(1)
    assert [one.quantity.asset for one in shop.counter(1).coins] == ["BTC"]
    shop.prices = {}
    told = shop.counter(1)
    assert (told.coins, told.buyable, told.fiat, len(told.cards)) == ((), (), won(1_000_000), 1)
    with pytest.raises(Refused, match="TM-MKT"):
        shop.card_quote(1, tender=Tender.COIN)
    shop.card(shop.card_quote(1))


def test_the_first_coin_that_has_enough_is_sold(shop: Shop) -> None:
    shop.give("ann", 1, BTC)
    shop.give("ann", 100 * 10**6, XRP)
    shop.present(1)
    offer = shop.card_quote(1, tender=Tender.COIN)
    assert offer.coins is not None
    assert offer.coins.asset == "XRP"


def test_a_card_above_the_small_limit_needs_the_phone(shop: Shop) -> None:
    shop.load(batch(face="60000", start=100))
    shop.present(1)
    offer = shop.card_quote(1, 60_000)
    with refused(APPROVAL_NEEDED):
        shop.card(offer)
    assert shop.ask_card(1, 60_000).state is ApprovalState.WAITING
    with refused(APPROVAL_NEEDED):
        shop.card(offer)
    assert shop.decide(1).what == "Moonlight Coffee"
    assert shop.card(offer).face == won(60_000)
    assert shop.wallet() == 940_000


def test_a_no_on_the_phone_sells_nothing(shop: Shop) -> None:
    shop.present(1)
    shop.ask_card(1, 10_000)
    shop.decide(1, yes=False)
    with refused(APPROVAL_REFUSED):
        shop.card(shop.card_quote(1))
    assert (shop.stock(), shop.wallet()) == ((3, 0), 1_000_000)


def test_a_yes_to_one_issuer_buys_no_card_of_another_and_no_notes(shop: Shop) -> None:
    shop.load(batch(issuer="sun", name=["Sun Books", "해책방"]))
    shop.present(1)
    shop.ask_card(1, 10_000, "Sun Books")
    shop.decide(1)
    with refused(APPROVAL_OTHER):
        shop.card(shop.card_quote(1))
    with refused(APPROVAL_OTHER):
        shop.ask_card(1, 10_000, "Moonlight Coffee")
    with refused(APPROVAL_OTHER):
        shop.ask(1, 10_000)


def test_cards_without_the_phone_count_together_and_with_the_notes_of_the_day(shop: Shop) -> None:
    shop.load(batch(face="30000", start=100))
    shop.present(1)
    assert shop.counter(1).unapproved == won(50_000)
    shop.card(shop.card_quote(1, 30_000))
    shop.present(2)
    assert shop.counter(2).unapproved == won(20_000)
    with refused(APPROVAL_NEEDED):
        shop.card(shop.card_quote(2, 30_000))


def test_a_days_limit_holds_for_cards_too() -> None:
    shop = Shop.opened(terms=replace(FREE, unapproved_max=15_000, each_max=15_000, day_max=15_000))
    shop.give("ann", 100_000)
    shop.load()
    shop.present(1)
    shop.card(shop.card_quote(1))
    shop.present(2)
    with refused(OVER_DAY):
        shop.card(shop.card_quote(2))
    with refused(OVER_DAY):
        shop.ask_card(2, 10_000)
    shop.close()


def test_a_till_sells_no_cards(shop: Shop) -> None:
    shop.present(1, terminal="S1")
    with refused(COUNTER_UNFIT):
        shop.counter(1, "S1")
    with refused(COUNTER_UNFIT):
        shop.card_quote(1, terminal="S1")


def test_no_code_stands_readably_in_the_store_or_in_a_repr(tmp_path: Path) -> None:
    shop = Shop.opened(tmp_path / "exchange.sqlite")
    shop.give("ann", 100_000)
    shop.load()
    shop.present(1)
    offer = shop.card_quote(1)
    assert "MOON-10000" not in repr(shop.card(offer))
    shop.close()
    for file in tmp_path.iterdir():
        assert b"MOON-10000" not in file.read_bytes()


def test_another_key_file_opens_no_code(shop: Shop) -> None:
    shop.present(1)
    offer = shop.card_quote(1)
    sealer = desk.CardSealer(b"h" * 32, shop.entropy)
    with pytest.raises(InvalidTag):
        shop.store.write(lambda unit: selling.stock.take(unit, sealer, offer.txn.text, "moon", Money(10_000, KRW)))
    assert shop.stock() == (3, 0)


def test_a_file_is_loaded_whole_or_not_at_all(shop: Shop) -> None:
    with refused(LOADED_BEFORE):
        shop.load(batch(3, start=2))
    assert shop.stock() == (3, 0)
    assert shop.load(batch(2, start=3)).count == 2
    assert shop.stock() == (5, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 2},
        {"sha256": "0" * 64},
        {"codes": ["a", "b", "c"]},
        {"codes": ["AAAA", "AAAA", "BBBB"]},
        {"currency": "USD"},
        {"face": "0"},
        {"face": "1.5"},
        {"issuer": "Moon!"},
        {"name": ["", "x"]},
        {"how": ["a\nb", "x"]},
        {"more": 1},
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_the_refusal_tells_no_code(
    shop: Shop, wrong: dict[str, object]
) -> None:
    with refused(LOAD_BAD) as caught:
        shop.load(json.dumps(json.loads(batch(3, start=50)) | wrong).encode())
    assert "MOON-" not in str(caught.value)
    assert shop.stock() == (3, 0)


def test_what_is_no_json_or_too_long_is_refused() -> None:
    for raw in (b"", b"\xff", b"[]", b" " * (FILE_MAX + 1), batch(CODES_MAX + 1)):
        with pytest.raises(BadBatch):
            read_batch(raw, KRW)


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(0, 1_000))
def test_what_a_card_costs_is_its_face_and_the_fee_to_the_unit(face: int, price: int, fee_bp: int) -> None:
    terms = desk.Terms(fiat_fee_bp=fee_bp, coin_fee_bp=fee_bp)
    money = Money(face, KRW)
    fiat = card_cost(money, Tender.FIAT, None, terms)
    try:
        coin = card_cost(money, Tender.COIN, Rate(BTC, Money(price, KRW)), terms)
    except BadAmount:
        return
    assert coin.coins is not None
    for cost in (fiat, coin):
        assert cost.fiat + cost.sold == cost.face + cost.fee
    assert coin.coins.minor * price >= coin.sold.minor * COIN > (coin.coins.minor - 1) * price


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([Tender.FIAT, Tender.COIN]), st.booleans()), max_size=8))
def test_whatever_is_bought_each_code_has_one_transaction_and_the_books_agree(
    acts: list[tuple[int, Tender, bool]],
) -> None:
    shop = Shop.opened()
    shop.card_terms = desk.Terms(fiat_fee_bp=30, coin_fee_bp=70, spread_bp=20)
    shop.give("ann", 25_000)
    shop.give("ann", COIN // 500, BTC)
    shop.load(batch(2))
    offers = {}
    for number, tender, again in acts:
        shop.present(number)
        try:
            offer = offers[number] if again and number in offers else shop.card_quote(number, tender=tender)
            shop.card(offer)
            offers[number] = offer
        except Refused:
            continue
    codes = {number: shop.card(offer).code for number, offer in offers.items()}
    assert len(set(codes.values())) == len(codes)
    assert shop.stock() == (2 - len(codes), len(codes))
    assert shop.owed() == 10_000 * len(codes)
    shop.close()


class Cut(Exception):
    """The power went."""


def test_a_crash_at_every_statement_leaves_a_code_unsold_or_sold_to_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop.opened(tmp_path / "exchange.sqlite")
    shop.give("ann", 1_000_000)
    shop.load(batch(40))
    number = cuts = 0
    while True:
        number += 1
        shop.present(number)
        offer = shop.card_quote(number)
        left = cuts

        def cut_after(original: object) -> object:
            def run(*args: object, **more: object) -> object:
                nonlocal left
                done = original(*args, **more)  # type: ignore[operator]
                if left == 0:
                    raise Cut
                left -= 1
                return done

            return run

        with monkeypatch.context() as patched:
            patched.setattr(selling.stock, "take", cut_after(selling.stock.take))
            patched.setattr(selling, "_book", cut_after(selling._book))
            patched.setattr(selling, "told", cut_after(selling.told))
            try:
                shop.card(offer)
                ended = True
            except Cut:
                ended = False
        shop.store.close()
        shop.store = Store.open(tmp_path / "exchange.sqlite", EXCHANGE_MIGRATIONS)
        before = shop.stock()
        code = shop.card(offer).code
        assert before[1] == number - (0 if ended else 1)
        assert shop.stock() == (40 - number, number)
        assert shop.card(offer).code == code
        if ended:
            break
        cuts += 1
    assert cuts == 3
    assert shop.owed() == 10_000 * number
    shop.close()


def test_a_sold_code_stays_sold_whatever_somebody_writes(shop: Shop) -> None:
    shop.present(1)
    shop.card(shop.card_quote(1))
    for sql in ("UPDATE gift_stock SET txn = NULL", "DELETE FROM gift_stock"):
        with pytest.raises(sqlite3.IntegrityError, match=r"kept|stays"):
            shop.store.write(lambda unit, sql=sql: unit.run(sql))
