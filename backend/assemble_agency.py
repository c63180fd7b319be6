"""The composition root of the payment agency. It is given addresses and keys, nothing of the exchange's inside."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from backend.agency import api
from backend.agency.desk import Conditions
from backend.agency.keys import ExchangeKeys
from backend.agency.line import ExchangeLine
from backend.agency.rules import TIMEOUT_S
from backend.agency.tables import MIGRATIONS as AGENCY
from backend.config import Config
from backend.http import nonces, sessions
from backend.http.app import Face, application
from backend.http.keys import server_key
from backend.http.outgoing import Line
from backend.parts import DataFolder, Outside, Urls
from backend.server import Server, alive
from backend.store import Store
from backend.store import idempotent as answers
from core.money import Money

CHASE_S: Final = 2.0  # how often the agency looks for sales it should ask the exchange about
AGENCY_MIGRATIONS: Final = (*nonces.MIGRATIONS, *sessions.MIGRATIONS, *answers.MIGRATIONS, *AGENCY)


def agency(config: Config, urls: Urls, outside: Outside) -> Server:
    """Build the payment agency: its own store and key, a line to the exchange, and its face."""
    data = DataFolder(Path(config.data)).make()
    store = Store.open(data.store("agency"), AGENCY_MIGRATIONS, connection=outside.connection)
    store.write(answers.interrupted)
    key = server_key(data.key("agency"), "a")
    line = ExchangeLine(Line(config.agency.exchange_url or urls.exchange, key, outside.now, outside.entropy, TIMEOUT_S))
    keys = ExchangeKeys(line, outside.now)
    room = api.Room(store, line, keys, _conditions(config), outside.now)
    face = Face(
        title="Tillmark payment agency",
        store=store,
        keys=keys,
        key=key,
        authorities=urls.authorities(urls.agency),
        now=outside.now,
        entropy=outside.entropy,
        log=outside.log,
    )

    def turn() -> list[Any]:
        at = outside.now()
        chase: Coroutine[Any, Any, int] = api.chase(room)
        return [store.submit(lambda unit: answers.prune(unit, at)), chase]

    door, app, gate = application(face, api.routes(room), lifespan=[alive(outside.log, turn, CHASE_S)])
    return Server("agency", door, app, gate, store, key, (line.close,))


def _conditions(config: Config) -> Conditions:
    told, currency = config.agency, config.currency
    return Conditions(
        currency,
        told.commission_bp,
        Money.parse(told.sale_limit, currency).minor,
        Money.parse(told.day_limit, currency).minor,
    )
