"""Settlement over signed HTTP, measured: an exchange in a process of its own, a load generator in this one.

A settlement is one request as the payment agency sends it (`steps=1`, authorise and capture in one act), or two
(`steps=2`, as a terminal sells). Each request is signed (Ed25519), has its own idempotency key and nonce, and is
durable before it is answered. Every connection sends one request at a
time. Quotes and presentations are made beforehand; the books are checked afterwards.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec

from backend.config import Config
from backend.http.keys import ServerKey, key_of
from backend.http.outgoing import signed_headers
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Board, Pair, Reading
from backend.members import desk as members
from backend.members.rules import PRESENTATION_MS, Contact
from backend.parts import DataFolder, Outside, wall
from backend.relay import RelayedAuthorise, RelayedCapture, RelayedSale
from backend.server import Server
from backend.serving import calm_collector, running
from backend.settle import desk as settle
from backend.store import Unit
from backend.terminals import pairing, shops
from backend.terminals.rules import PayoutChoice
from core.asset import BTC, KRW
from core.ids import TxnId, base32
from core.messages import AuthoriseRequest, CaptureRequest, PairingRequest, QuoteRequest, WireMoney
from core.money import Money
from core.settings import fill

MEMBERS: Final = 200
LIMIT: Final = 10**9
PRICE: Final = WireMoney.of(Money(50_000, KRW))


@dataclass(frozen=True, slots=True)
class HttpFigures:
    """One run. Times in milliseconds over single requests; `steps` requests make one settlement.

    `exchange_cpu_us` and `load_cpu_us`: processor time of a settlement in the exchange and in the load generator, both
    of which share this machine. They say what a change is worth also while the machine is busy with something else.
    """

    connections: int
    steps: int
    settlements: int
    requests_s: float
    settlements_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    exchange_cpu_us: float
    load_cpu_us: float
    books_agree: bool


def settle_http(connections: int, settlements: int = 2_000, *, steps: int = 1) -> HttpFigures:
    """Run `settlements` over `connections` against a fresh exchange. Takes some seconds; cleans up after itself."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory(prefix="tillmark-bench-") as folder:
        child = context.Process(target=_exchange, args=(folder, settlements, theirs), daemon=True)
        child.start()
        theirs.close()
        try:
            url, secret, terminal, asks = ours.recv()
            key = key_of(secret, "a")
            sales = [_requests(url, key, terminal, ask, steps) for ask in asks]
            spent = time.process_time()
            took, times = asyncio.run(_load(url, connections, sales))
            spent = time.process_time() - spent
            ours.send("stop")
            busy_s: float
            agree: bool
            busy_s, agree = ours.recv()
        finally:
            ours.close()
            child.join(20)
    times.sort()
    return HttpFigures(
        connections=connections,
        steps=steps,
        settlements=settlements,
        requests_s=round(len(times) / took, 1),
        settlements_s=round(settlements / took, 1),
        p50_ms=round(times[len(times) // 2] * 1000, 2),
        p99_ms=round(times[len(times) * 99 // 100] * 1000, 2),
        max_ms=round(times[-1] * 1000, 2),
        exchange_cpu_us=round(busy_s * 1e6 / settlements, 1),
        load_cpu_us=round(spent * 1e6 / settlements, 1),
        books_agree=agree,
    )


# -- the exchange, in its own process --------------------------------------------------------------------------------


def _exchange(folder: str, settlements: int, line: Connection) -> None:
    table = {
        "data": folder,
        "exchange": {"listen": "127.0.0.1:0", "agency_url": "http://127.0.0.1:9"},  # no terminal asks for it here
        "terms": {"quote_ms": 60_000},
    }
    config = fill(Config, table, file="bench")
    with running(config, Outside(log=_NoLog()), only=("exchange",), board=_board) as (urls, servers, _):
        server = servers["exchange"]
        terminal, asks = _prepare(server, settlements)
        secret = DataFolder(Path(folder)).key("agency").read_bytes()
        calm_collector()  # as `backend serve` does
        line.send((urls.exchange, secret, terminal, asks))
        began = time.process_time()
        line.recv()
        busy_s = time.process_time() - began
        line.send((busy_s, server.store.read(ledger.check) == () and _settled(server) == settlements))


def _prepare(server: Server, settlements: int) -> tuple[str, list[AuthoriseRequest]]:
    """A shop with a terminal, members with coins, and a presentation with a quote for every sale."""
    store, at = server.store, wall()
    sealer = members.Sealer(bytes(32), secrets.token_bytes)
    asked = PairingRequest(server.key.public, "seller", "bench", "1")

    def shop(unit: Unit) -> str:
        contact = Contact("mail", "shop@example.org")
        seller, _ = members.join(unit, contact, KRW, at, sealer, secrets.token_bytes)
        shops.open_shop(unit, seller.id, "Bench", PayoutChoice.FIAT, at)
        opened = pairing.open_pairing(unit, asked, at, "", secrets.token_bytes)
        return str(pairing.approve(unit, opened.code, seller.id, at, secrets.token_bytes))

    def people(unit: Unit) -> list[str]:
        chain = ledger.account(unit, Owner(OwnerKind.WORLD, "chain"), BTC)
        made = []
        for number in range(MEMBERS):
            contact = Contact("mail", f"m{number}@example.org")
            member, _ = members.join(unit, contact, KRW, at, sealer, secrets.token_bytes)
            wallet = ledger.account(unit, members.wallet_of(member.id), BTC)
            postings = (Posting(chain, -(10**12)), Posting(wallet, 10**12))
            ledger.post(unit, Record("deposit", member.id, at, postings))
            made.append(member.id)
        return made

    terminal = store.write(shop)
    who = store.write(people)
    house = settle.House(settle.Terms(quote_ms=60_000), _quote_keys(server), secrets.token_bytes, settle.unsealed)
    asks: list[AuthoriseRequest] = []
    for first in range(0, settlements, 500):
        chunk = range(first, min(first + 500, settlements))
        asks += store.write(lambda unit, chunk=chunk: [_ask(unit, house, terminal, who[n % MEMBERS], n) for n in chunk])  # type: ignore[misc]
    return terminal, asks


def _ask(unit: Unit, house: settle.House, terminal: str, member: str, stan: int) -> AuthoriseRequest:
    at, txn, shown = wall(), TxnId.of(secrets.token_bytes(16)), base32(secrets.token_bytes(16))
    unit.run(
        "INSERT INTO member_presentation VALUES(?, ?, ?, ?, '0000', 'camera', NULL, NULL, NULL, ?)",
        (shown, txn.text, terminal, member, at.ms + PRESENTATION_MS),
    )
    offer = settle.quote(
        unit,
        house,
        _board(),
        terminal=terminal,
        presented=settle.Presented(member, 1, ("BTC",)),
        request=QuoteRequest(txn, shown, PRICE),
        at=at,
    )
    return AuthoriseRequest(txn, stan, shown, offer.quote)


def _quote_keys(server: Server) -> settle.QuoteKeys:
    row = server.store.read(lambda unit: unit.one("PRAGMA database_list"))
    assert row is not None, "a store is a database"
    return settle.QuoteKeys("q1", {"q1": DataFolder(Path(row[2]).parent).key("quotes").read_bytes()})


def _settled(server: Server) -> int:
    row = server.store.read(lambda unit: unit.one("SELECT count(*) FROM sale WHERE state = 'settled'"))
    return 0 if row is None else int(row[0])


def _board() -> Board:
    pair = Pair(BTC, KRW)
    made = PriceBoard([pair], Bands(), lambda: 0)
    for source in ("one", "two"):
        made.offer(Reading(source, pair, 10_000, 10_000, None, wall(), 0))
    return made.snapshot()


class _NoLog:
    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None:
        raise AssertionError(f"{event} {fields}")


# -- the load generator ----------------------------------------------------------------------------------------------


def _requests(url: str, key: ServerKey, terminal: str, ask: AuthoriseRequest, steps: int) -> tuple[bytes, ...]:
    """The requests of a settlement as they go onto the wire."""
    if steps == 1:
        sale = msgspec.json.encode(RelayedSale(terminal, 80, LIMIT, LIMIT, ask))
        return (_wire(url, key, "/v1/agency/sales", sale, ask.txn.key("sale")),)
    authorise = msgspec.json.encode(RelayedAuthorise(terminal, 80, LIMIT, LIMIT, ask))
    capture = msgspec.json.encode(RelayedCapture(terminal, CaptureRequest(ask.txn)))
    return (
        _wire(url, key, "/v1/agency/authorisations", authorise, ask.txn.key("authorise")),
        _wire(url, key, "/v1/agency/captures", capture, ask.txn.key("complete")),
    )


def _wire(url: str, key: ServerKey, path: str, body: bytes, idempotency: str) -> bytes:
    host = url.partition("://")[2]
    created = wall().ms // 1000
    headers = signed_headers("POST", host, path, body, idempotency, key.id, key.private, created, secrets.token_bytes)
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def _load(url: str, connections: int, sales: list[tuple[bytes, ...]]) -> tuple[float, list[float]]:
    """Seconds in all, and of each request."""
    host, _, port = url.partition("://")[2].partition(":")
    times: list[float] = []
    waiting = iter(sales)

    async def one(open_: Callable[[], Any]) -> None:
        reader, writer = await open_()
        for pair in waiting:
            for request in pair:
                began = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(length)
                times.append(time.perf_counter() - began)
                assert head.startswith(b"HTTP/1.1 200"), body
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(one(lambda: asyncio.open_connection(host, int(port))) for _ in range(connections)))
    return time.perf_counter() - began, times
