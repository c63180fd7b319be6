"""The operator's cash machines: what is inside, what rings, and who was let in."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from backend.withdraw import desk
from core.asset import KRW
from core.cash_report import Act
from core.grant import GRANT, Grant, Right
from core.messages import CashReportRequest
from core.sealed import unseal
from tests.backend.web.test_pages import Browser
from tests.backend.web.world import Exchange, exchange
from tests.backend.withdraw.world import KEYS, CashSide, Mac, believes, public


@pytest.fixture(scope="module")
def x(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with exchange(tmp_path_factory.mktemp("exchange")) as made:
        yield made


@dataclass
class Operated:
    """An operator with one machine; its reports go by the desk behind the route, under a fast signature."""

    x: Exchange
    browser: Browser
    side: CashSide = field(init=False)

    def begin(self, contact: str, number: int) -> None:
        self.x.operator(contact)
        self.browser.join(contact, "/operator/sign-in")
        owner = self.x.member(f"owner{number}@example.org")
        self.x.shop(owner, "Station ATM")
        self.side = CashSide(self.x.cash_machine(owner, public(number)), public(number))

    @property
    def page(self) -> str:
        return f"/operator/machines/{self.side.terminal}"

    def report(self, text: str) -> None:
        teller = desk.Teller(desk.Terms(), KRW, KEYS, secrets.token_bytes, Mac("d1"), believes)
        room = self.x.room
        room.store.write(
            lambda unit: desk.take_report(
                unit, teller, terminal=self.side.terminal, request=CashReportRequest(text), at=room.now()
            )
        )


@pytest.fixture
def here(x: Exchange) -> Iterator[Operated]:
    with httpx.Client(base_url=x.url, follow_redirects=True) as client:
        yield Operated(x, Browser(x, client))


def test_cash_stands_by_place_and_what_was_given_since(here: Operated) -> None:
    here.begin("op1@example.org", 11)
    here.report(here.side.served(1, Act.LOADED, ("cassette:1", 10_000, 100), ("cassette:2", 50_000, 20)))
    here.report(here.side.paid(2, 0))
    text = here.browser.get(here.page).text
    assert "2,000,000" in text
    assert "cassette:2" in text
    assert "Books and machine agree" in text
    assert f'terminal = "{here.side.terminal}"' in html.unescape(text)
    assert "[vault.authority_keys]" in text
    assert "Station ATM" in here.browser.get("/operator/machines").text


def test_an_alarm_is_put_away_by_name_and_a_missing_report_is_not(here: Operated) -> None:
    here.begin("op2@example.org", 12)
    here.side.next()
    here.report(here.side.served(1, Act.LOADED, ("cassette:1", 10_000, 10)))
    here.report(here.side.served(2, Act.COUNTED, ("cassette:1", 10_000, 9), book=100_000, found=90_000))
    page = here.browser.get(here.page)
    assert "A count found a difference" in page.text
    assert "A report has not come" in page.text
    found = re.search(r'name="alarm" value="(\d+)"', page.text)
    assert found is not None
    after = here.browser.send(here.page, "/operator/alarms", alarm=found[1], terminal=here.side.terminal)
    assert "A count found a difference" not in after.text
    assert "A report has not come" in after.text


def test_a_technician_is_let_in_by_the_machines_challenge(here: Operated) -> None:
    here.begin("op3@example.org", 13)
    fields = {"person": "Kim Tech", "challenge": "abcde-12345", "hours": "2", "load": "1", "count": "1"}
    made = here.browser.send(here.page, here.page, **fields)
    found = re.search(r'id="grant-text">([^<]+)<', made.text)
    assert found is not None
    teller = here.x.teller
    said = unseal(GRANT, Grant, found[1], teller.authority).statement
    assert (said.terminal, said.vault, said.person) == (here.side.terminal, here.side.vault, "Kim Tech")
    assert (said.challenge, said.rights, said.life_ms) == ("ABCDE12345", (Right.LOAD, Right.COUNT), 7_200_000)
    assert "Kim Tech" in here.browser.get(here.page).text
    again = here.browser.send(here.page, here.page, **fields)
    assert found[1] in again.text
    other = here.browser.send(here.page, here.page, **(fields | {"person": "Lee Tech"}))
    assert other.status_code == 422


def test_a_grant_without_a_right_or_a_true_challenge_is_refused(here: Operated) -> None:
    here.begin("op4@example.org", 14)
    good = {"person": "Kim", "challenge": "ABCDE12345", "hours": "1", "test": "1"}
    for wrong in ({"challenge": "short"}, {"person": " "}, {"test": ""}, {"hours": "5"}):
        assert here.browser.send(here.page, here.page, **(good | wrong)).status_code == 422


def test_an_operator_lets_nobody_into_another_operators_machine(here: Operated) -> None:
    here.begin("op5@example.org", 15)
    store = here.x.room.store
    here.x.operator("other@example.org")
    store.write(
        lambda unit: unit.run(
            "INSERT INTO seller SELECT id, 'Other', 'fiat', 0, 0 FROM operator WHERE contact = 'other@example.org'"
        )
    )
    store.write(
        lambda unit: unit.run(
            "UPDATE terminal SET seller = (SELECT id FROM operator WHERE contact = 'other@example.org') WHERE id = ?",
            (here.side.terminal,),
        )
    )
    fields = {"person": "Kim", "challenge": "ABCDE12345", "hours": "1", "test": "1"}
    assert here.browser.send(here.page, here.page, **fields).status_code == 404


def test_two_terminals_never_share_a_cash_side(here: Operated) -> None:
    here.begin("op6@example.org", 16)
    owner = here.x.member("owner17@example.org")
    here.x.shop(owner, "Twin")
    with pytest.raises(AssertionError):
        here.x.cash_machine(owner, public(16))
