"""The exchange down, silent after it did the work, answering nonsense or twice: unknown is a state, and ends well."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.agency import desk
from backend.agency.rules import ASKS_MAX, FORWARD, No, SaleStep, Unknown, Yes, next_ask, outcome
from backend.ledger import desk as ledger
from backend.members import desk as members
from core.asset import BTC
from core.messages import CaptureRequest, ReverseRequest
from tests.backend.agency.bad_line import bad_line
from tests.backend.agency.running import Town, town, txn
from tests.backend.agency.test_relay import seller_won, step_of

COINS = 100 * 10**8


def coins(all_: Town) -> int:
    return all_.available(members.wallet_of(all_.member), BTC)


@pytest.mark.parametrize("mode", ["lose_request", "lose_reply", "error"])
def test_a_silent_exchange_makes_the_outcome_unknown_and_the_same_key_finds_it_out(tmp_path: Path, mode: str) -> None:
    with bad_line() as line, town(tmp_path, line=line) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        till.ask(all_.urls.agency, "/v1/sales/none", None, None, "GET")  # now the agency knows its key
        line.mode = mode
        reply = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert reply.status_code == 504, reply.text
        assert reply.json()["code"] in ("TM-AGCY-001", "TM-AGCY-007")
        assert reply.json()["retryable"]
        assert step_of(all_, sale) == "unknown"
        assert coins(all_) == (COINS - 5 * 10**8 if mode == "lose_reply" else COINS)
        line.mode = "good"
        found = till.agency("/v1/authorisations", asked, sale.key("authorise"))
        assert found.status_code == 200, found.text
        line.mode = mode
        lost = till.agency("/v1/captures", CaptureRequest(sale), sale.key("complete"))
        assert lost.status_code == 504
        line.mode = "good"
        till.capture(sale)
        assert (coins(all_), seller_won(all_)) == (COINS - 5 * 10**8, 49_500)
        assert all_.servers["exchange"].store.read(ledger.check) == ()


def test_an_exchange_that_hears_everything_twice_does_it_once(tmp_path: Path) -> None:
    with bad_line() as line, town(tmp_path, line=line) as all_:
        till = all_.till()
        line.mode = "twice"
        till.sell()
        assert (coins(all_), seller_won(all_)) == (COINS - 5 * 10**8, 49_500)


def test_a_reversal_goes_through_as_soon_as_the_line_is_back(tmp_path: Path) -> None:
    with bad_line() as line, town(tmp_path, line=line) as all_:
        till, sale = all_.till(), txn()
        asked = till.authorising(sale)
        line.mode = "lose_reply"
        till.agency("/v1/authorisations", asked, sale.key("authorise"))
        reverse = ReverseRequest(sale, "timeout")
        assert till.agency("/v1/reversals", reverse, sale.key("reverse")).status_code == 504
        line.mode = "good"
        told = till.agency("/v1/reversals", reverse, sale.key("reverse"))
        assert told.json()["state"] == "reversed"
        assert coins(all_) == COINS
        assert step_of(all_, sale) == "reversed"


def test_the_agency_finds_out_by_itself_what_became_of_a_sale(tmp_path: Path) -> None:
    with bad_line() as line, town(tmp_path, line=line) as all_:
        till, lost, never = all_.till(), txn(), txn()
        line.mode = "lose_reply"
        till.agency("/v1/authorisations", till.authorising(lost), lost.key("authorise"))
        line.mode = "lose_request"
        till.agency("/v1/authorisations", till.authorising(never), never.key("authorise"))
        assert (step_of(all_, lost), step_of(all_, never)) == ("unknown", "unknown")
        line.mode = "good"
        all_.clock.forward(60_000)
        deadline = asyncio.new_event_loop()
        try:
            deadline.run_until_complete(_until(lambda: step_of(all_, lost) == "authorised"))
            deadline.run_until_complete(_until(lambda: step_of(all_, never) == "declined"))
        finally:
            deadline.close()


async def _until(true: Any, seconds: float = 12.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def test_a_sale_nobody_can_tell_about_ends_with_a_person(tmp_path: Path) -> None:
    with town(tmp_path) as all_:
        till, sale = all_.till(), txn()
        till.authorise(sale)
        store = all_.servers["agency"].store
        store.write(lambda unit: unit.run("UPDATE agency_sale SET state = 'unknown'"))
        for _ in range(ASKS_MAX):
            store.write(lambda unit: desk.asked(unit, sale, None, False, all_.clock()))
        assert step_of(all_, sale) == "suspense"
        till.capture(sale)
        assert step_of(all_, sale) == "settled"


# -- what an answer means ----------------------------------------------------------------------------------------------

PROBLEM = b'{"type":"/x","title":"t","status":%d,"code":"TM-SET-001","detail":"d","retryable":%s}'


@pytest.mark.parametrize(
    ("status", "body", "kind", "final"),
    [
        (200, b"{}", Yes, None),
        (402, PROBLEM % (402, b"false"), No, True),
        (409, PROBLEM % (409, b"true"), No, False),
        (503, PROBLEM % (503, b"true"), No, False),
        (500, PROBLEM % (500, b"true"), Unknown, None),
        (504, PROBLEM % (504, b"true"), Unknown, None),
        (502, b"<html>bad gateway</html>", Unknown, None),
        (404, b"not ours", Unknown, None),
        (404, b"{}", Unknown, None),
        (301, b"", Unknown, None),
    ],
)
def test_only_a_problem_of_ours_is_a_no(status: int, body: bytes, kind: type, final: bool | None) -> None:
    said = outcome(status, body)
    assert isinstance(said, kind)
    assert not isinstance(said, No) or said.final is final


def test_what_has_ended_stays_ended() -> None:
    for ended in (SaleStep.REVERSED, SaleStep.VOIDED):
        assert FORWARD[ended] == {ended}
    assert SaleStep.AUTHORISED not in FORWARD[SaleStep.SETTLED]
    assert FORWARD.keys() == set(SaleStep)


def test_questions_about_a_sale_come_less_and_less_often() -> None:
    waits = [next_ask(asks, 0) for asks in range(ASKS_MAX)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (10_000, 3_600_000)
