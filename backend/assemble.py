"""The composition root of the exchange: the only place that knows which concrete things stand behind which door."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from backend.assemble_withdraw import clerk as gift_clerk
from backend.assemble_withdraw import teller as withdraw_teller
from backend.config import Config
from backend.giftcards import api as giftcards_api
from backend.giftcards import desk as giftcards
from backend.http import nonces, sessions
from backend.http.app import Face, application
from backend.http.callers import Kind, Signer
from backend.http.keys import ServerKey, public_key, secret_file, server_key
from backend.ledger import desk as ledger
from backend.market import api as market_api
from backend.market.desk import Market, open_market
from backend.market.rules import Board
from backend.members import api as members_api
from backend.members import desk as members
from backend.members.events import Hub
from backend.members.gateway import Gateway, HttpGateway, NoGateway
from backend.members.tables import MIGRATIONS as MEMBERS
from backend.parts import DataFolder, Outside, Urls
from backend.server import Server, alive
from backend.settle import api as settle_api
from backend.settle import desk as settle
from backend.settle.rules import Terms
from backend.store import Store
from backend.store import idempotent as answers
from backend.telemetry.desk import window
from backend.terminals import api as terminals_api
from backend.terminals import fleet_api
from backend.terminals.keys import TerminalKeys
from backend.terminals.presence import nobody_looks
from backend.terminals.tables import MIGRATIONS as TERMINALS
from backend.trade import api as trade_api
from backend.trade.tables import MIGRATIONS as TRADE
from backend.web import pages
from backend.web.room import BankAccount
from backend.web.room import Room as WebRoom
from backend.withdraw import api as withdraw_api
from backend.withdraw import desk as withdraw
from core.asset import AssetKind

SWEEP_S: Final = 1.0  # holds that ran out are given back about a second later
EXCHANGE_MIGRATIONS: Final = (
    *nonces.MIGRATIONS,
    *sessions.MIGRATIONS,
    *answers.MIGRATIONS,
    *ledger.MIGRATIONS,
    *settle.MIGRATIONS,
    *MEMBERS,
    *TERMINALS,
    *withdraw.MIGRATIONS,
    *TRADE,
    *giftcards.MIGRATIONS,
)


def exchange(
    config: Config,
    urls: Urls,
    outside: Outside,
    *,
    gateway: Gateway | None = None,
    board: Callable[[], Board] | None = None,
) -> Server:
    """Build the exchange: store, books, market, members, terminals, settlement, trade, and its face.

    `gateway` and `board` are handed in by tests; without them the configuration decides. Raises `Refused` when the
    store or the market cannot be opened (a server without a venue has no prices and does not start).
    """
    data = DataFolder(Path(config.data)).make()
    market = None if board is not None else _market(config, outside)
    prices = board or _snapshot(market)
    store = Store.open(data.store("exchange"), EXCHANGE_MIGRATIONS, connection=outside.connection)
    key = server_key(data.key("exchange"), "x")
    sealing = secret_file(data.key("codes"), 32, outside.entropy)
    sealer = members.Sealer(sealing, outside.entropy)
    _enrol(store, config)
    hub = Hub()
    stop = store.listen(hub.heard)
    keys = TerminalKeys(store, _agency_signer(config, data))
    house = settle.House(
        _terms(config),
        settle.QuoteKeys("q1", {"q1": secret_file(data.key("quotes"), 32, outside.entropy)}),
        outside.entropy,
        settle.Sealer(key.id, key.private),
    )
    teller = withdraw_teller(config, data, outside, house)
    clerk = gift_clerk(data, outside, house, teller)
    parts = _members(config, store, sealer, sealing, hub, gateway, outside)
    room = _pages(config, parts, house, prices, key, clerk)
    face = Face(
        title="Tillmark exchange",
        store=store,
        keys=keys,
        key=key,
        authorities=urls.authorities(urls.exchange),
        now=outside.now,
        entropy=outside.entropy,
        log=outside.log,
        ready=lambda: market_api.missing(prices()),
        secure_cookie=config.exchange.secure_cookie,
        fault_page=partial(pages.fault_page, room),
    )
    roll_all(store, sealer, outside)
    selling = settle_api.Room(store, house, prices, config.currency, outside.now)
    view = window(
        config.exchange.mqtt_url, config.telemetry, [coin.code for coin in config.coins], store, prices, outside
    )
    look = view.look if view else nobody_looks
    handlers = [
        *members_api.routes(parts),
        *terminals_api.routes(_terminals(config, urls, face, sealing, teller)),
        *fleet_api.routes(fleet_api.Room(store, outside.now, look)),
        *settle_api.routes(selling),
        *withdraw_api.routes(withdraw_api.Room(store, teller, prices, outside.now)),
        *giftcards_api.routes(giftcards_api.Room(store, house, clerk, prices, outside.now)),
        *trade_api.routes(trade_api.Room(store, house, prices, config.currency, outside.now)),
        *market_api.routes(prices),
        *pages.routes(replace(room, look=look)),
    ]
    life = alive(outside.log, _turns(store, sealer, outside), SWEEP_S, hub, *((view,) if view else ()))
    door, app, gate = application(face, handlers, lifespan=[life], lean=settle_api.lean(selling))
    closing = (stop, keys.close, *((market.close,) if market else ()))
    return Server("exchange", door, app, gate, store, key, closing)


def roll_all(store: Store, sealer: members.Sealer, outside: Outside) -> None:
    """Index the days of every key before the first code is asked for."""
    while store.write(lambda unit: members.roll(unit, sealer, outside.now())):
        pass


def _enrol(store: Store, config: Config) -> None:
    store.write(lambda unit: ledger.enrol(unit, config.currency, AssetKind.FIAT))
    for coin in config.coins:
        store.write(lambda unit, coin=coin: ledger.enrol(unit, coin, AssetKind.COIN))  # type: ignore[misc]


def _members(
    config: Config, store: Store, sealer: members.Sealer, secret: bytes, hub: Hub, gateway: Gateway | None,
    outside: Outside,
) -> members_api.Room:  # fmt: skip
    return members_api.Room(
        store=store,
        sealer=sealer,
        secret=secret,
        gateway=gateway or _gateway(config),
        hub=hub,
        fiat=config.currency,
        bank_secrets=tuple(Path(file).read_bytes().strip() for file in config.bank.secret_files),
        now=outside.now,
        entropy=outside.entropy,
        secure_cookie=config.exchange.secure_cookie,
    )


def _pages(
    config: Config,
    parts: members_api.Room,
    house: settle.House,
    board: Callable[[], Board],
    key: ServerKey,
    clerk: giftcards.Clerk,
) -> WebRoom:
    return WebRoom(
        store=parts.store,
        sealer=parts.sealer,
        secret=parts.secret,
        gateway=parts.gateway,
        house=house,
        board=board,
        key=key,
        teller=clerk.teller,
        clerk=clerk,
        fiat=config.currency,
        bank=BankAccount(config.bank.name, config.bank.account, config.bank.holder),
        now=parts.now,
        entropy=parts.entropy,
        utc_offset_minutes=config.exchange.utc_offset_minutes,
        secure_cookie=parts.secure_cookie,
        embedded_by=config.web.embedded_by,
    )


def _terminals(config: Config, urls: Urls, face: Face, secret: bytes, teller: withdraw.Teller) -> terminals_api.Room:
    return terminals_api.Room(
        store=face.store,
        place=terminals_api.Place(
            agency_url=config.exchange.agency_url or urls.agency,
            approve_at=f"{urls.exchange}/shop",
            currency=config.currency,
            utc_offset_minutes=config.exchange.utc_offset_minutes,
            mqtt_url=config.exchange.mqtt_url,
            authority_key=teller.public,
            authority_key_id=teller.signer.key_id,
        ),
        key=face.key,
        secret=secret,
        now=face.now,
        entropy=face.entropy,
        secure_cookie=face.secure_cookie,
    )


def _turns(store: Store, sealer: members.Sealer, outside: Outside) -> Callable[[], list[Future[Any]]]:
    """The works of one turn of housekeeping, each a short unit of its own. Slow ones take part every 20th turn."""
    count = 0

    def turn() -> list[Future[Any]]:
        nonlocal count
        count += 1
        at = outside.now()
        works: list[Future[Any]] = [store.submit(lambda unit: settle.expire(unit, at))]
        if count % 20 == 1:
            works.append(store.submit(lambda unit: members.roll(unit, sealer, at)))
            works.append(store.submit(lambda unit: members.sweep(unit, at)))
            works.append(store.submit(lambda unit: answers.prune(unit, at)))
            works.append(store.submit(lambda unit: settle.prune(unit, at)))
            works.append(store.submit(lambda unit: withdraw.sweep(unit, at)))
        return works

    return turn


def _market(config: Config, outside: Outside) -> Market:
    assets = {asset.code: asset for asset in (config.currency, *config.coins)}
    return open_market(
        config.market, assets, now=outside.now, monotonic_ms=lambda: time.monotonic_ns() // 1_000_000, log=outside.log
    )


def _snapshot(market: Market | None) -> Callable[[], Board]:
    assert market is not None, "there is a market where no board was handed in"
    return market.board.snapshot


def _terms(config: Config) -> Terms:
    told = config.terms
    return Terms(told.fee_bp, told.spread_bp, told.quote_ms, told.hold_ms, told.refund_offer_ms, told.owing_max)


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
