"""Exchange and agency on real sockets, a member with coins, a shop with a terminal; everything by HTTP."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.config import Config
from backend.http.keys import public_text
from backend.http.outgoing import signed_headers
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.members import desk as members
from backend.parts import Outside, Urls
from backend.server import Server
from backend.serving import running
from core.asset import BTC, KRW
from core.codec import from_plain, to_plain
from core.ids import TxnId
from core.messages import (
    Authorisation,
    AuthoriseRequest,
    BatchRequest,
    BatchTotals,
    Capture,
    CaptureRequest,
    PresentRequest,
    QuoteOffer,
    QuoteRequest,
    Totals,
    WireMoney,
)
from core.money import Money
from core.settings import fill
from tests.backend.agency.bad_line import BadLine
from tests.backend.http.world import Clock, Post, QuietLog, board, table_of, txn

KRW_0 = WireMoney.of(Money(0, KRW))


def won(amount: int) -> WireMoney:
    return WireMoney.of(Money(amount, KRW))


@dataclass
class Till:
    """A terminal and its member, walking sales by HTTP."""

    town: Town
    key: Ed25519PrivateKey
    id: str
    stan: int = 0

    def ask(self, url: str, path: str, message: object, key: str | None, method: str = "POST") -> httpx.Response:
        body = b"" if message is None else json.dumps(to_plain(message)).encode()
        host = url.partition("://")[2]
        created = self.town.clock().ms // 1000
        headers = signed_headers(method, host, path, body, key, self.id, self.key, created, secrets.token_bytes)
        return self.town.client.request(method, url + path, content=body, headers=headers)

    def quote(self, sale: TxnId, price: int) -> QuoteOffer:
        exchange = self.town.urls.exchange
        code = self.town.next_code()
        shown = self.ask(exchange, "/v1/presentations", PresentRequest(sale, "keypad", code), sale.key("identify"))
        assert shown.status_code == 200, shown.text
        self.town.presentation = shown.json()["id"]
        asked = QuoteRequest(sale, self.town.presentation, won(price))
        told = self.ask(exchange, "/v1/quotes", asked, sale.key("quote"))
        assert told.status_code == 200, told.text
        return from_plain(QuoteOffer, told.json())

    def authorising(self, sale: TxnId, price: int = 50_000) -> AuthoriseRequest:
        offer = self.quote(sale, price)
        self.stan += 1
        return AuthoriseRequest(sale, self.stan, self.town.presentation, offer.quote)

    def agency(self, path: str, message: object, key: str | None) -> httpx.Response:
        return self.ask(self.town.urls.agency, path, message, key)

    def authorise(self, sale: TxnId, price: int = 50_000) -> Authorisation:
        told = self.agency("/v1/authorisations", self.authorising(sale, price), sale.key("authorise"))
        assert told.status_code == 200, told.text
        return from_plain(Authorisation, told.json())

    def capture(self, sale: TxnId) -> Capture:
        told = self.agency("/v1/captures", CaptureRequest(sale), sale.key("complete"))
        assert told.status_code == 200, told.text
        return from_plain(Capture, told.json())

    def sell(self, price: int = 50_000) -> Capture:
        sale = txn()
        self.authorise(sale, price)
        return self.capture(sale)

    def close(self, totals: Totals) -> BatchTotals:
        close = txn()
        told = self.agency("/v1/batches", BatchRequest(close, totals), close.key("close"))
        assert told.status_code == 200, told.text
        return from_plain(BatchTotals, told.json())


@dataclass
class Town:
    urls: Urls
    servers: dict[str, Server]
    clock: Clock
    post: Post
    log: QuietLog
    client: httpx.Client
    config: Config
    presentation: str = ""
    member: str = ""
    session: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, contact: str) -> tuple[str, dict[str, str]]:
        exchange = self.urls.exchange
        assert self.client.post(f"{exchange}/v1/join", json={"contact": contact}).status_code == 202
        body = {"contact": contact, "code": self.post.digits()}
        told = self.client.post(f"{exchange}/v1/join/verify", json=body)
        cookie = told.cookies["tillmark_session"]
        self.client.cookies.clear()
        headers = {"cookie": f"tillmark_session={cookie}", "x-csrf-token": told.json()["csrf"]}
        return told.json()["member"], headers

    def next_code(self) -> str:
        """The member's code, each in a half minute of its own."""
        with self._lock:
            self.clock.forward(30_000)
            told = self.client.get(f"{self.urls.exchange}/v1/me/codes", headers=self.session).json()
            return str(told["codes"][0]["code"])

    def give(self, owner: Owner, amount: Money) -> None:
        """Coins come in from the chain."""

        def work(unit: Any) -> None:
            chain = ledger.account(unit, Owner(OwnerKind.WORLD, "chain"), amount.asset)
            into = ledger.account(unit, owner, amount.asset)
            postings = (Posting(chain, -amount.minor), Posting(into, amount.minor))
            ledger.post(unit, Record("deposit", secrets.token_hex(8), self.clock(), postings))

        self.servers["exchange"].store.write(work)

    def available(self, owner: Owner, asset: Any) -> int:
        return self.servers["exchange"].store.read(lambda unit: ledger.available(unit, owner, asset))

    def till(self, shop: str = "Corner shop", payout: str = "fiat", contact: str = "seller@example.org") -> Till:
        exchange = self.urls.exchange
        _, session = self.join(contact)
        self.client.put(f"{exchange}/v1/shop", json={"shop": shop, "payout": payout}, headers=session)
        key = Ed25519PrivateKey.generate()
        asked = {"public_key": public_text(key.public_key()), "mode": "seller", "model": "m", "version": "1"}
        opened = self.client.post(f"{exchange}/v1/pairings", json=asked).json()
        approved = self.client.post(
            f"{exchange}/v1/pairings/approve", json={"code": opened["code"]}, headers=session
        ).json()
        self.seller_session = session
        return Till(self, key, approved["terminal"])


@contextmanager
def town(folder: Path, coins: str = "100", line: BadLine | None = None, **agency: Any) -> Iterator[Town]:
    """Both servers, and a member who owns `coins` BTC at 10,000 won each. `line` stands before the exchange."""
    table = table_of(folder)
    if line is not None:
        table["exchange"]["url"] = line.url
    table["agency"] |= agency
    config = fill(Config, table, file="test")
    clock, post, log = Clock(), Post(), QuietLog()
    outside = Outside(now=clock, log=log)
    with (
        running(config, outside, gateway=post, board=board) as (urls, servers, ports),
        httpx.Client(timeout=10) as client,
    ):
        if line is not None:
            line.target = ports["exchange"]
        made = Town(urls, servers, clock, post, log, client, config)
        made.member, made.session = made.join("mina@example.org")
        made.give(members.wallet_of(made.member), Money.parse(coins, BTC))
        yield made


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def changed(request: AuthoriseRequest, **fields: Any) -> AuthoriseRequest:
    return replace(request, **fields)
