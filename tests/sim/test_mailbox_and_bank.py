"""Mailbox and bank as the exchange meets them: a member joins by a real message, and fiat arrives by a real notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from backend.config import Config
from backend.members.gateway import HttpGateway
from backend.members.rules import Contact
from backend.parts import Outside
from backend.refused import Refused
from backend.serving import running
from core.asset import KRW
from core.money import Money
from core.settings import fill
from sim.peers.bank import Bank, NotTaken
from sim.peers.mailbox import Mailbox
from tests.backend.http.world import QuietLog, board, table_of


@contextmanager
def member(folder: Path, contact: str, address: str) -> Iterator[tuple[httpx.Client, Bank]]:
    """A member who joined by a message out of the mailbox, and the bank where transfers are made."""
    with Mailbox() as mailbox:
        table = table_of(folder) | {"gateway": {"url": mailbox.url}}
        table["exchange"]["agency_url"] = "http://127.0.0.1:9"
        config = fill(Config, table, file="test")
        with (
            running(config, Outside(log=QuietLog()), only=("exchange",), board=board) as (urls, _, _),
            httpx.Client(base_url=urls.exchange) as client,
        ):
            assert client.post("/v1/join", json={"contact": contact}).status_code == 202
            told = client.post("/v1/join/verify", json={"contact": contact, "code": mailbox.wait_for_code(address)})
            assert told.status_code == 200
            with Bank(f"{urls.exchange}/v1/bank-notices", secret=b"whsec-for-tests") as bank:
                yield client, bank


def test_a_member_joins_by_mail_and_a_transfer_told_twice_is_credited_once(tmp_path: Path) -> None:
    with member(tmp_path, "mina@example.org", "mina@example.org") as (client, bank):
        reference = client.get("/v1/me").json()["deposit_reference"]
        assert bank.transfer(reference, Money(500_000, KRW)) == "credited"
        assert bank.tell(bank.sent[0], id="msg_again") == "credited"
        assert bank.transfer("rent", Money(500_000, KRW)) == "unmatched"
        (holding,) = client.get("/v1/me").json()["holdings"]
        assert holding["total"]["amount"] == "500000"


def test_a_live_page_hears_of_a_deposit_within_a_second(tmp_path: Path) -> None:
    with member(tmp_path, "010-1234-5678", "+821012345678") as (client, bank):
        reference = client.get("/v1/me").json()["deposit_reference"]
        with client.stream("GET", "/v1/me/events") as page:
            lines = page.iter_lines()
            while next(lines) != "event: open":
                pass
            began = time.monotonic()
            bank.transfer(reference, Money(1000, KRW))
            while next(lines) != "event: deposit":
                pass
            assert time.monotonic() - began < 10.0  # the page never asks by itself


def test_a_notice_the_exchange_refuses_is_not_told_as_taken(tmp_path: Path) -> None:
    with member(tmp_path, "mina@example.org", "mina@example.org") as (client, bank):
        with pytest.raises(NotTaken, match="TM-HTTP-003"):
            bank.tell(b"{}", id="msg_1")
        assert client.get("/v1/me/history").json() == []


def test_a_gateway_that_refuses_is_told_by_name() -> None:
    contact = Contact("mail", "a@example.org")
    with Mailbox() as mailbox:
        HttpGateway(mailbox.url).send(contact, "s", "123456 <b>hello</b>")
        assert "&lt;b&gt;" in httpx.get(mailbox.url).text
        assert httpx.post(mailbox.url, content=b"[]").status_code == 400
        with pytest.raises(Refused, match="TM-MEM-005"):
            HttpGateway(mailbox.url).send(contact, "s", "x" * 20_000)
    with pytest.raises(Refused, match="TM-MEM-005"):
        HttpGateway("http://127.0.0.1:9").send(contact, "s", "t")
