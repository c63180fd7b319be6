"""A cash machine asks, and the member's phone shows it at once: this amount, at this machine."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from backend.store import Unit
from backend.withdraw import desk
from core.asset import KRW
from core.ids import TxnId
from core.messages import ApprovalRequest, ApprovalState, WireMoney
from core.money import Money
from tests.backend.web.world import Exchange
from tests.backend.withdraw.world import KEYS, Mac, believes

Join = Callable[[Page, str], None]


def ask(x: Exchange, member: str, machine: str, amount: int) -> TxnId:
    """What a machine does after the code was shown: it asks for an approval, by the desk behind the route."""
    txn, room = TxnId.of(secrets.token_bytes(16)), x.room
    teller = desk.Teller(desk.Terms(), KRW, KEYS, secrets.token_bytes, Mac("d1"), believes)

    def work(unit: Unit) -> None:
        unit.run(
            "INSERT INTO member_presentation VALUES(?, ?, ?, ?, '1234', 'camera', NULL, NULL, NULL, ?)",
            (f"p{txn.text}", txn.text, machine, member, room.now().plus(120_000).ms),
        )
        request = ApprovalRequest(txn, f"p{txn.text}", WireMoney.of(Money(amount, KRW)))
        desk.ask(unit, teller, terminal=machine, request=request, at=room.now())

    room.store.write(work)
    return txn


def stands(x: Exchange, machine: str, txn: TxnId) -> ApprovalState:
    return x.room.store.read(lambda unit: desk.stands(unit, terminal=machine, txn=txn.text, at=x.room.now())).state


def machine_of(x: Exchange, contact: str, name: str) -> str:
    owner = x.member(contact)
    x.shop(owner, name)
    return x.cash_machine(owner)


def picture(page: Page, name: str) -> None:
    """Kept where TILLMARK_SHOTS says, for people to look at."""
    folder = os.environ.get("TILLMARK_SHOTS", "")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_the_question_appears_at_once_and_a_yes_reaches_the_machine(x: Exchange, page: Page, join: Join) -> None:
    join(page, "cash@example.org")
    machine = machine_of(x, "owner1@example.org", "Seoul Station ATM 2")
    page.wait_for_load_state("networkidle")
    txn = ask(x, x.member("cash@example.org"), machine, 300_000)
    dialog = page.get_by_role("dialog", name="Withdraw this cash?")
    expect(dialog).to_contain_text("300,000")
    expect(dialog).to_contain_text("Seoul Station ATM 2")
    picture(page, "approval-en")
    dialog.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved. Go on at the machine.")).to_be_visible()
    assert stands(x, machine, txn) is ApprovalState.APPROVED


def test_in_korean_and_a_no_is_a_no(x: Exchange, page: Page, join: Join) -> None:
    join(page, "cashko@example.org")
    machine = machine_of(x, "owner2@example.org", "서울역 2번 출구 ATM")
    page.goto(f"{x.url}/language?to=ko&back=/me")
    page.wait_for_load_state("networkidle")
    txn = ask(x, x.member("cashko@example.org"), machine, 1_000_000)
    dialog = page.get_by_role("dialog", name="이 현금을 출금할까요?")
    expect(dialog).to_contain_text("1,000,000")
    picture(page, "approval-ko")
    dialog.get_by_role("button", name="거절").click()
    expect(page.get_by_text("거절했어요. 돈은 빠져나가지 않았어요.")).to_be_visible()
    assert stands(x, machine, txn) is ApprovalState.REFUSED


def test_a_page_that_is_opened_later_shows_the_question_too(x: Exchange, page: Page, join: Join) -> None:
    join(page, "late@example.org")
    machine = machine_of(x, "owner3@example.org", "Airport ATM")
    page.goto(f"{x.url}/me/activity")
    ask(x, x.member("late@example.org"), machine, 50_000)
    expect(page.get_by_role("dialog", name="Withdraw this cash?")).to_contain_text("50,000")
    page.reload()
    expect(page.get_by_role("dialog", name="Withdraw this cash?")).to_contain_text("Airport ATM")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Withdraw this cash?")).to_be_visible()
