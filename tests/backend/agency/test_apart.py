"""Exchange and agency as two programs with folders of their own: a sale still goes through, by HTTP alone."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx

from backend.config import Config
from backend.http.keys import server_key
from backend.members import desk as members
from backend.parts import DataFolder, Outside, Urls
from backend.serving import running
from core.asset import BTC
from core.money import Money
from core.settings import fill
from tests.backend.agency.running import Town
from tests.backend.http.world import Clock, Post, QuietLog, board, table_of


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_two_programs_with_folders_of_their_own_make_one_sale(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "a").mkdir()
    key = server_key(DataFolder(tmp_path / "a" / "data").make().key("agency"), "a")
    agency_port = free_port()
    exchange, agency = table_of(tmp_path / "e"), table_of(tmp_path / "a")
    agency_url = f"http://127.0.0.1:{agency_port}"
    exchange["exchange"] |= {"agency_url": agency_url, "agency_key_id": key.id, "agency_key": key.public}
    clock, post, log = Clock(), Post(), QuietLog()
    outside = Outside(now=clock, log=log)
    config = fill(Config, exchange, file="exchange")
    with running(config, outside, only=("exchange",), gateway=post, board=board) as (urls, servers, _):
        agency["agency"] |= {"listen": f"127.0.0.1:{agency_port}", "exchange_url": urls.exchange}
        alone = fill(Config, agency, file="agency")
        with running(alone, outside, only=("agency",)) as (_, others, _), httpx.Client(timeout=10) as client:
            both = Urls(urls.exchange, agency_url)
            town = Town(both, servers | others, clock, post, log, client, config)
            town.member, town.session = town.join("mina@example.org")
            town.give(members.wallet_of(town.member), Money.parse("10", BTC))
            captured = town.till().sell(50_000)
            assert captured.quantity.money() == Money.parse("5", BTC)
    assert log.lines == []
