"""The composition root of the servers: the only place that knows which concrete things stand behind which door."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Litestar

from backend.config import Config
from backend.http import nonces, sessions
from backend.http.app import Face, application
from backend.http.callers import Kind, Signer
from backend.http.door import Door
from backend.http.gate import Gate
from backend.http.keys import ServerKey, public_key, secret_file, server_key
from backend.ledger import desk as ledger
from backend.members import api as members_api
from backend.members import desk as members
from backend.members.events import Hub
from backend.members.gateway import Gateway, HttpGateway, NoGateway
from backend.members.tables import MIGRATIONS as MEMBERS
from backend.parts import DataFolder, Outside
from backend.refused import Refused
from backend.store import Store
from backend.store import idempotent as answers
from backend.terminals import api as terminals_api
from backend.terminals.keys import TerminalKeys
from backend.terminals.tables import MIGRATIONS as TERMINALS
from core.asset import AssetKind
from core.moment import Moment
from core.ports import Log

TURN_S: Final = 20.0  # how often handles are rolled and old rows forgotten; a handle is indexed a day ahead
EXCHANGE_MIGRATIONS: Final = (
    *nonces.MIGRATIONS,
    *sessions.MIGRATIONS,
    *answers.MIGRATIONS,
    *ledger.MIGRATIONS,
    *MEMBERS,
    *TERMINALS,
)


@dataclass(frozen=True, slots=True)
class Server:
    """One of our servers, ready to be served: `door` is the ASGI application."""

    name: str
    door: Door
    app: Litestar
    gate: Gate
    store: Store
    key: ServerKey
    hub: Hub
    closing: tuple[Callable[[], None], ...] = ()

    def close(self) -> None:
        """After the last request: let go of the store and its listeners."""
        for close in self.closing:
            close()
        self.store.close()


def exchange(config: Config, urls: Urls, outside: Outside, *, gateway: Gateway | None = None) -> Server:
    """Build the exchange: store, books, members, terminals, and its face."""
    data = DataFolder(Path(config.data)).make()
    store = Store.open(data.store("exchange"), EXCHANGE_MIGRATIONS)
    key = server_key(data.key("exchange"), "x")
    sealing = secret_file(data.key("codes"), 32, outside.entropy)
    sealer = members.Sealer(sealing, outside.entropy)
    store.write(lambda unit: ledger.enrol(unit, config.currency, AssetKind.FIAT))
    hub = Hub()
    stop = store.listen(hub.heard)
    keys = TerminalKeys(store, _agency_signer(config, data))
    room = members_api.Room(
        store=store,
        sealer=sealer,
        secret=sealing,
        gateway=gateway or _gateway(config),
        hub=hub,
        fiat=config.currency,
        bank_secrets=tuple(Path(file).read_bytes().strip() for file in config.bank.secret_files),
        now=outside.now,
        entropy=outside.entropy,
        secure_cookie=config.exchange.secure_cookie,
    )
    fleet = terminals_api.Room(
        store=store,
        place=terminals_api.Place(
            agency_url=config.exchange.agency_url or urls.agency,
            approve_at=f"{urls.exchange}/shop",
            currency=config.currency,
            utc_offset_minutes=config.exchange.utc_offset_minutes,
            mqtt_url=config.exchange.mqtt_url,
        ),
        key=key,
        secret=sealing,
        now=outside.now,
        entropy=outside.entropy,
        secure_cookie=config.exchange.secure_cookie,
    )
    face = Face(
        title="Tillmark exchange",
        store=store,
        keys=keys,
        key=key,
        authorities=urls.authorities(urls.exchange),
        now=outside.now,
        entropy=outside.entropy,
        log=outside.log,
        secure_cookie=config.exchange.secure_cookie,
    )
    turns = _turns(store, sealer, outside)
    roll_all(store, sealer, outside.now())
    handlers = [*members_api.routes(room), *terminals_api.routes(fleet)]
    door, app, gate = application(face, handlers, lifespan=[_alive(hub, outside.log, turns)])
    return Server("exchange", door, app, gate, store, key, hub, (stop, keys.close))


@dataclass(frozen=True, slots=True)
class Urls:
    """How the servers are reached: each with scheme and host, without a path."""

    exchange: str
    agency: str
    more: tuple[str, ...] = ()

    def authorities(self, url: str) -> frozenset[str]:
        """The hosts a signer may name for the server at `url`; a local address also by its other names."""
        found = set()
        for one in (url, *self.more):
            host = one.partition("://")[2].rstrip("/").lower()
            found.add(host)
            for name in ("127.0.0.1", "localhost"):
                if host.partition(":")[0] in ("127.0.0.1", "localhost"):
                    found.add(name + "".join(host.partition(":")[1:]))
        return frozenset(found)


def roll_all(store: Store, sealer: members.Sealer, at: Moment) -> None:
    """Index the days of every key before the first code is asked for."""
    while store.write(lambda unit: members.roll(unit, sealer, at)):
        pass


def _turns(store: Store, sealer: members.Sealer, outside: Outside) -> Callable[[], list[Future[Any]]]:
    """The works of one turn of housekeeping, each a short unit of its own."""

    def turn() -> list[Future[Any]]:
        at = outside.now()
        return [
            store.submit(lambda unit: members.roll(unit, sealer, at)),
            store.submit(lambda unit: members.sweep(unit, at)),
            store.submit(lambda unit: answers.prune(unit, at)),
        ]

    return turn


def _alive(
    hub: Hub, log: Log, turn: Callable[[], list[Future[Any]]]
) -> Callable[[Litestar], contextlib.AbstractAsyncContextManager[None]]:
    """The life of a server on its event loop: live events, and a turn of housekeeping now and then."""

    async def keep_house() -> None:
        while True:
            await asyncio.sleep(TURN_S)
            try:
                for work in turn():
                    await asyncio.wrap_future(work)
            except Refused as refused:  # a busy or closing store: the next turn does what this one did not
                log.warning("housekeeping.refused", code=refused.code)

    @contextlib.asynccontextmanager
    async def alive(_: Litestar) -> AsyncIterator[None]:
        hub.start()
        house = asyncio.create_task(keep_house(), name="housekeeping")
        try:
            yield
        finally:
            house.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await house
            hub.stop()

    return alive


def _agency_signer(config: Config, data: DataFolder) -> tuple[Signer, ...]:
    """The payment agency's key: from the configuration, or the one of the agency in this data folder."""
    if config.exchange.agency_key:
        return (Signer(Kind.SERVER, config.exchange.agency_key_id, public_key(config.exchange.agency_key)),)
    key = server_key(data.key("agency"), "a")
    return (Signer(Kind.SERVER, key.id, key.private.public_key()),)


def _gateway(config: Config) -> Gateway:
    if not config.gateway.url:
        return NoGateway()
    token = Path(config.gateway.token_file).read_text("utf-8").strip() if config.gateway.token_file else ""
    return HttpGateway(config.gateway.url, token)
