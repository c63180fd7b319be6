"""A sale through agency and exchange, both on real sockets: once, whatever is repeated, lost or changed on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind
from backend.members import desk as members
from core.asset import BTC, KRW
from core.messages import CaptureRequest, RefundAsk, RefundRequest, ReverseRequest, Totals, VoidRequest
from core.messages.refund import RefundChoice
from core.money import Money
from tests.backend.agency.running import KRW_0, Town, town, txn, won

BTC_TEN = Money.parse("10", BTC)


def seller_won(all_: Town) -> int:
    row = all_.servers["exchange"].store.read(lambda unit: unit.one("SELECT id FROM seller"))
    assert row is not None
    return all_.available(Owner(OwnerKind.SELLER, row[0]), KRW)


def books(all_: Town) -> object:
    return all_.servers["exchange"].store.read(ledger.check)


def step_of(all_: Town, sale: object) -> str:
    row = all_.servers["agency"].store.read(
        lambda unit: unit.one("SELECT state FROM agency_sale WHERE txn = ?", (str(sale),))
    )
    return "" if row is None else str(row[0])


def test_fifty_thousand_won_at_ten_thousand_each_take_exactly_five_coins(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        captured = till.sell(50_000)
        assert captured.quantity.money().decimal() == "5.00000000"
        assert captured.payout.amount == won(49_500)
        assert captured.payout.commission == won(500)
        assert all_.available(members.wallet_of(all_.member), BTC) == 95 * 10**8
        assert seller_won(all_) == 49_500
        assert all_.available(Owner(OwnerKind.AGENCY, "agency"), KRW) == 500
        assert books(all_) == ()
        assert step_of(all_, captured.txn) == "settled"


def test_every_repeat_gets_the_first_answer_and_moves_nothing(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        first = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        again = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        captures = [till.agency("/v1/captures", CaptureRequest(sale), sale.key("complete")) for _ in range(3)]
        assert len({one.text for one in captures}) == 1
        assert seller_won(all_) == 49_500
        assert books(all_) == ()


def test_the_same_key_for_another_request_is_refused(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        assert till.agency("/v1/authorisations", asked, "K").status_code == 200
        other = till.agency("/v1/authorisations", replace(asked, stan=99), "K")
        assert (other.status_code, other.json()["code"]) == (422, "TM-HTTP-022")


def test_money_moves_only_under_a_key(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        paths = ["authorisations", "captures", "reversals", "voids", "refunds", "batches"]
        for path in paths:
            reply = till.agency(f"/v1/{path}", ReverseRequest(txn(), "x"), None)
            assert reply.status_code == 400, path


def test_a_final_no_of_the_exchange_is_the_terminals_no_and_stays_so(tmp_path: Path) -> None:
    with town(tmp_path, coins="5.1") as all_:
        till, sale, other = all_.till(), txn(), txn()
        asked = till.authorising(sale)
        later = till.authorising(other)
        assert till.agency("/v1/authorisations", later, other.key("authorise")).status_code == 200
        reply = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert (reply.status_code, reply.json()["retryable"]) == (402, False)
        all_.give(members.wallet_of(all_.member), BTC_TEN)
        again = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert again.json()["code"] == reply.json()["code"]
        assert step_of(all_, sale) == "declined"


def test_a_reversal_of_a_sale_nobody_knows_blocks_a_late_original(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        told = till.agency("/v1/reversals", ReverseRequest(sale, "timeout"), sale.key("reverse"))
        assert (told.status_code, told.json()["state"]) == (200, "reversed")
        late = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert late.status_code in (409, 410, 422), late.text
        assert all_.available(members.wallet_of(all_.member), BTC) == 100 * 10**8


def test_a_reversed_sale_gives_the_coins_back_and_is_not_captured(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        till.authorise(sale)
        assert all_.available(members.wallet_of(all_.member), BTC) == 95 * 10**8
        till.agency("/v1/reversals", ReverseRequest(sale, "cancelled"), sale.key("reverse"))
        assert all_.available(members.wallet_of(all_.member), BTC) == 100 * 10**8
        reply = till.agency("/v1/captures", CaptureRequest(sale), sale.key("complete"))
        assert reply.json()["code"] == "TM-AGCY-005"


def test_a_void_takes_the_whole_sale_back(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        sold, void = till.sell(), txn()
        told = till.agency("/v1/voids", VoidRequest(void, sold.txn), void.key("void"))
        assert told.json()["state"] == "voided"
        assert (seller_won(all_), all_.available(members.wallet_of(all_.member), BTC)) == (0, 100 * 10**8)
        assert books(all_) == ()


@pytest.mark.parametrize(("choice", "asset", "minor"), [("coins_today", BTC, 97 * 10**8), ("fiat", KRW, 20_000)])
def test_a_refund_shows_both_outcomes_and_gives_the_chosen_one(
    tmp_path: Path, choice: str, asset: object, minor: int
) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        sold, back = till.sell(), txn()
        offered = till.agency("/v1/refund-offers", RefundAsk(back, sold.txn, won(20_000)), back.key("offer")).json()
        assert {one["choice"] for one in offered["options"]} == {"coins_today", "fiat"}
        asked = RefundRequest(back, sold.txn, RefundChoice(choice), offered["offer"])
        done = till.agency("/v1/refunds", asked, back.key("refund"))
        assert done.status_code == 200, done.text
        assert all_.available(members.wallet_of(all_.member), asset) == minor
        assert seller_won(all_) == 29_500
        assert books(all_) == ()


def test_a_batch_agrees_when_three_counts_are_equal_and_names_what_differs(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        one, two = till.sell(50_000), till.sell(20_000)
        void = txn()
        till.agency("/v1/voids", VoidRequest(void, two.txn), void.key("void"))
        right = Totals(1, won(50_000), 0, KRW_0, 1, won(20_000))
        closed = till.close(right)
        assert closed.agrees, closed
        assert (closed.batch, closed.commission, closed.differing) == (1, won(500), ())
        three = till.sell(10_000)
        all_.servers["agency"].store.write(
            lambda unit: unit.run("UPDATE agency_sale SET minor = 9999 WHERE txn = ?", (three.txn.text,))
        )
        closed = till.close(Totals(1, won(10_000), 0, KRW_0, 0, KRW_0))
        assert (closed.batch, closed.agrees, closed.differing) == (2, False, (three.rrn,))
        assert closed.agency.sold == won(9_999)
        assert till.close(Totals(0, KRW_0, 0, KRW_0, 0, KRW_0)).agrees
        assert one.txn != three.txn


def test_a_batch_whose_terminal_counted_otherwise_does_not_agree(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        till.sell()
        closed = till.close(Totals(0, KRW_0, 0, KRW_0, 0, KRW_0))
        assert not closed.agrees
        assert closed.differing == ()  # agency and exchange agree; the terminal alone is off


def test_a_seller_over_its_limits_is_refused_by_name(tmp_path: Path) -> None:
    with town(tmp_path, sale_limit="40000", day_limit="50000") as all_:
        till, sale = all_.till(), txn()
        reply = till.agency("/v1/authorisations", till.authorising(sale, 40_001), sale.key("authorise"))
        assert reply.json()["code"] == "TM-AGCY-003"
        till.sell(30_000)
        sale = txn()
        reply = till.agency("/v1/authorisations", till.authorising(sale, 20_001), sale.key("authorise"))
        assert reply.json()["code"] == "TM-AGCY-004"
        till.sell(20_000)
        sale = txn()
        reply = till.agency("/v1/authorisations", till.authorising(sale, 1), sale.key("authorise"))
        assert reply.json()["code"] == "TM-AGCY-004"


def test_a_suspended_seller_and_a_copied_terminal_are_refused(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        till.sell()
        till.stan = 0
        sale = txn()
        reply = till.agency("/v1/authorisations", till.authorising(sale), sale.key("authorise"))
        assert reply.json()["code"] == "TM-TERM-008"
        all_.servers["agency"].store.write(lambda unit: unit.run("UPDATE agency_seller SET state = 'suspended'"))
        till.stan = 7
        sale = txn()
        reply = till.agency("/v1/authorisations", till.authorising(sale), sale.key("authorise"))
        assert reply.json()["code"] == "TM-AGCY-002"


def test_a_terminal_cannot_touch_another_shops_sale(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, thief = all_.till(), all_.till("Other shop", contact="thief@example.org")
        sale = txn()
        till.authorise(sale)
        for path, message in (
            ("/v1/captures", CaptureRequest(sale)),
            ("/v1/reversals", ReverseRequest(sale, "x")),
            ("/v1/voids", VoidRequest(txn(), sale)),
        ):
            assert thief.agency(path, message, txn().key("x")).json()["code"] == "TM-AGCY-006"
        found = thief.ask(all_.urls.agency, f"/v1/sales/{sale}", None, None, "GET")
        assert found.status_code == 404
        till.capture(sale)


def test_a_sale_is_found_by_receipt_number_and_by_transaction(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till = all_.till()
        sold = till.sell()
        for reference in (sold.rrn, sold.txn.text):
            found = till.ask(all_.urls.agency, f"/v1/sales/{reference}", None, None, "GET").json()
            assert (found["state"], found["capture"]["rrn"], found["voidable"]) == ("settled", sold.rrn, True)


def test_a_revoked_terminal_sells_nothing_from_that_moment(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        session = all_.seller_session
        revoked = all_.client.post(f"{all_.urls.exchange}/v1/shop/terminals/{till.id}/revoke", headers=session)
        assert revoked.status_code == 200
        reply = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert reply.json()["code"] == "TM-HTTP-015"
        assert all_.available(members.wallet_of(all_.member), BTC) == 100 * 10**8


def test_a_seller_may_take_the_coin_itself(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        captured = all_.till(payout="coin").sell(50_000)
        assert captured.payout.amount.money().decimal() == "4.95000000"
        assert captured.payout.commission.money().decimal() == "0.05000000"
        assert books(all_) == ()
