"""`tillmark backend`: the servers - exchange and payment agency, in one program or each alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from backend.config import Config

EXAMPLE = """\b
Example:
  tillmark backend serve --config /etc/tillmark/backend.toml
  tillmark backend operator add owner@example.org --config /etc/tillmark/backend.toml"""
CONFIG = Path("/etc/tillmark/backend.toml")
_config = click.option(
    "--config", "file", type=click.Path(path_type=Path), default=CONFIG, show_default=True, help="Configuration, TOML."
)
_json = click.option("--json", "as_json", is_flag=True, help="For a program: one JSON object a line.")


@click.group(epilog=EXAMPLE)
def command() -> None:
    """The servers: exchange and payment agency."""


@command.command()
@_config
@_json
@click.option("--only", type=click.Choice(["exchange", "agency"]), help="Serve this one alone.")
def serve(file: Path, as_json: bool, only: str | None) -> None:
    """Serve until SIGTERM. Prints one line when ready. Exit code 2: refused, and why."""
    from backend import serving
    from backend.parts import Outside
    from backend.refused import Refused
    from core.settings import BadSetting

    config = _read(file)
    _log_to_stderr()
    try:
        bound = serving.bind(config, (only,) if only else serving.NAMES)
        servers = serving.build(config, bound, Outside())
    except (Refused, BadSetting) as error:
        _refuse(str(error))

    def ready() -> None:
        urls = {name: one.url for name, one in bound.items()}
        text = (
            json.dumps({"ready": True, **urls})
            if as_json
            else "ready  " + "  ".join(f"{name} {url}" for name, url in urls.items())
        )
        click.echo(text)

    serving.run(servers, ready)


@command.command()
@_config
@_json
def check(file: Path, as_json: bool) -> None:
    """Read the configuration and say what would be served. Opens nothing."""
    config = _read(file)
    told = {
        "data": config.data,
        "exchange": config.exchange.listen,
        "agency": config.agency.listen,
        "currency": config.exchange.currency,
        "coins": [coin.code for coin in config.coins],
        "venues": [venue.name for venue in config.market.venue],
    }
    lacking = [] if len(config.market.venue) >= config.market.sources_min else ["market.venue"]
    if as_json:
        click.echo(json.dumps({"ok": not lacking, "lacking": lacking, **told}))
    else:
        for name, value in told.items():
            click.echo(f"{name:10} {', '.join(value) if isinstance(value, list) else value}")
    if lacking:
        few = f"{config.market.sources_min} price venues are needed, {len(config.market.venue)} stand there"
        _refuse(f"market.venue: {few}")


@command.group()
def operator() -> None:
    """Operators: owners of machines. They are made here, on the host, and nowhere else."""


@operator.command()
@click.argument("contact")
@_config
def add(contact: str, file: Path) -> None:
    """Make an operator who signs in with a code sent to CONTACT (e-mail or mobile). The server must not run."""
    from backend.assemble import EXCHANGE_MIGRATIONS
    from backend.members.rules import BadContact, Contact
    from backend.parts import DataFolder, Outside
    from backend.refused import Refused
    from backend.store import Store
    from backend.terminals import operators

    config, outside = _read(file), Outside()
    try:
        parsed = Contact.parse(contact)
        with Store.open(DataFolder(Path(config.data)).make().store("exchange"), EXCHANGE_MIGRATIONS) as store:
            made = store.write(lambda unit: operators.add(unit, parsed, outside.now(), outside.entropy))
    except (BadContact, Refused) as error:
        _refuse(str(error))
    click.echo(f"operator {made.contact} {made.id}")


@operator.command(name="list")
@_config
def list_(file: Path) -> None:
    """Every operator. The server must not run."""
    from backend.assemble import EXCHANGE_MIGRATIONS
    from backend.parts import DataFolder
    from backend.refused import Refused
    from backend.store import Store
    from backend.terminals import operators

    config = _read(file)
    try:
        with Store.open(DataFolder(Path(config.data)).make().store("exchange"), EXCHANGE_MIGRATIONS) as store:
            found = store.read(operators.every)
    except Refused as error:
        _refuse(str(error))
    for one in found:
        click.echo(f"{one.contact} {one.id}")


@command.group()
def giftcards() -> None:
    """Gift cards: their codes come from the issuers as files, and stand sealed in the exchange's store."""


@giftcards.command()
@click.argument("codes", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@_config
def load(codes: Path, file: Path) -> None:
    """Take FILE (JSON with issuer, face, count, sha256 and codes) into stock, whole or not at all. Prints no code.

    The server must not run.
    """
    from backend.assemble import EXCHANGE_MIGRATIONS
    from backend.assemble_withdraw import card_sealer
    from backend.giftcards import desk
    from backend.ledger import desk as ledger
    from backend.parts import DataFolder, Outside
    from backend.refused import Refused
    from backend.store import Store
    from core.asset import AssetKind

    config, outside = _read(file), Outside()
    data, raw = DataFolder(Path(config.data)).make(), codes.read_bytes()
    try:
        with Store.open(data.store("exchange"), EXCHANGE_MIGRATIONS) as store:
            store.write(lambda unit: ledger.enrol(unit, config.currency, AssetKind.FIAT))
            sealer = card_sealer(data, outside)
            made = store.write(lambda unit: desk.load(unit, sealer, raw, config.currency, outside.now()))
    except Refused as error:
        _refuse(str(error))
    click.echo(f"loaded {made.count} codes: {made.issuer} {made.face}, batch {made.batch}")


def _read(file: Path) -> Config:
    from backend.config import read
    from core.settings import BadSetting

    try:
        return read(file)
    except BadSetting as error:
        _refuse(str(error))


def _refuse(why: str) -> NoReturn:
    click.echo(f"refused: {why}", err=True)
    raise SystemExit(2)


def _log_to_stderr() -> None:
    """One JSON object a line on stderr; stdout holds the ready line alone."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
