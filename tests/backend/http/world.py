"""An exchange in a temporary folder with a clock of the test's own, and people and devices who talk to it by HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.assemble import exchange
from backend.config import Config
from backend.http.keys import public_text
from backend.http.outgoing import signed_headers
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Board, Pair, Reading
from backend.members.rules import Contact
from backend.parts import Outside, Urls
from backend.server import Server
from core.asset import BTC, KRW
from core.codec import to_plain
from core.ids import TxnId
from core.moment import Moment

HOST = "127.0.0.1:8080"
START = Moment.parse("2026-03-01T09:30:00.000Z")


class Clock:
    """Stands until the test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Moment:
        return self.now

    def forward(self, ms: int) -> None:
        self.now = self.now.plus(ms)


class QuietLog:
    """Keeps what was logged, for the test to read."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    warning = error = info


@dataclass
class Post:
    """A gateway that keeps what it was given."""

    sent: list[tuple[Contact, str]] = field(default_factory=list)

    def send(self, contact: Contact, subject: str, text: str) -> None:
        self.sent.append((contact, text))

    def digits(self) -> str:
        return self.sent[-1][1][:6]


@dataclass
class World:
    server: Server
    clock: Clock
    post: Post
    log: QuietLog

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One unsigned request."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.server.door)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
                return await client.request(method, path, **more)

        return asyncio.run(go())

    def person(self, contact: str = "mina@example.org") -> Person:
        """Somebody who joins (or signs in) by the code that was sent."""
        assert self.call("POST", "/v1/join", json={"contact": contact}).status_code == 202
        told = self.call("POST", "/v1/join/verify", json={"contact": contact, "code": self.post.digits()})
        assert told.status_code == 200, told.text
        body = told.json()
        return Person(self, body["member"], told.cookies["tillmark_session"], body["csrf"])

    def cash_machine(self, name: str, vault_key: str) -> Device:
        """An ATM paired with its cash side."""
        owner = self.person(f"{name.replace(' ', '.')}@example.org")
        assert owner.call("PUT", "/v1/shop", json={"shop": name}).status_code == 200
        device = Device(self, Ed25519PrivateKey.generate())
        device.pair(owner, "atm", vault_key)
        return device

    def device(self, seller: Person | None = None, shop: str = "Corner shop") -> Device:
        """A device that was paired with a seller's shop."""
        seller = seller or self.person("seller@example.org")
        assert seller.call("PUT", "/v1/shop", json={"shop": shop}).status_code == 200
        device = Device(self, Ed25519PrivateKey.generate())
        device.pair(seller)
        return device


@dataclass
class Person:
    world: World
    member: str
    cookie: str
    csrf: str

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"cookie": f"tillmark_session={self.cookie}", "x-csrf-token": self.csrf, **more.pop("headers", {})}
        return self.world.call(method, path, headers=headers, **more)

    def codes(self) -> list[str]:
        return [one["code"] for one in self.call("GET", "/v1/me/codes").json()["codes"]]


@dataclass
class Device:
    world: World
    key: Ed25519PrivateKey
    keyid: str = ""
    grant: dict[str, Any] = field(default_factory=dict)

    def signed(self, method: str, path: str, body: bytes = b"", key: str | None = None) -> dict[str, str]:
        created = self.world.clock().ms // 1000
        return signed_headers(method, HOST, path, body, key, self.keyid, self.key, created, secrets.token_bytes)

    def call(self, method: str, path: str, message: object = None, key: str | None = None) -> httpx.Response:
        body = b"" if message is None else json.dumps(to_plain(message)).encode()
        return self.world.call(method, path, content=body, headers=self.signed(method, path, body, key))

    def pair(self, seller: Person, mode: str = "seller", vault_key: str = "") -> None:
        asked = {"public_key": public_text(self.key.public_key()), "mode": mode, "model": "test", "version": "1"}
        asked["vault_key"] = vault_key
        opened = self.world.call("POST", "/v1/pairings", json=asked).json()
        self.keyid = opened["id"]
        assert seller.call("POST", "/v1/pairings/approve", json={"code": opened["code"]}).status_code == 200
        status = self.call("GET", f"/v1/pairings/{opened['id']}").json()
        self.grant = status["grant"]
        self.keyid = self.grant["terminal"]


def board(bid: int = 10_000, ask: int = 10_000) -> Board:
    """Two venues that agree on the price of one BTC, in won."""
    pair = Pair(BTC, KRW)
    made = PriceBoard([pair], Bands(), lambda: 0)
    for source in ("one", "two"):
        made.offer(Reading(source, pair, bid, ask, None, START, 0))
    return made.snapshot()


def txn() -> TxnId:
    return TxnId.of(secrets.token_bytes(16))


def raw(key: str) -> bytes:
    return base64.b64decode(key)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    clock, post, log = Clock(), Post(), QuietLog()
    config = _config(folder)
    urls = Urls(f"http://{HOST}", "http://127.0.0.1:8081")
    server = exchange(config, urls, Outside(now=clock, log=log), gateway=post, board=board)
    try:
        yield World(server, clock, post, log)
    finally:
        server.close()


def _config(folder: Path) -> Config:
    from core.settings import fill

    return fill(Config, table_of(folder), file="test")


def table_of(folder: Path) -> dict[str, Any]:
    """A configuration without fee and spread, so that a test can do its sums in the head."""
    secret = folder / "bank.secret"
    secret.write_bytes(b"whsec-for-tests")
    return {
        "data": str(folder / "data"),
        "bank": {"secret_files": [str(secret)]},
        "terms": {"fee_bp": 0, "spread_bp": 0, "quote_ms": 60_000},
        "exchange": {"listen": "127.0.0.1:0"},
        "agency": {"listen": "127.0.0.1:0", "commission_bp": 100},
    }
