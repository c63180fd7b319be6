"""`tillmark vault`: be the cash side, make its key, or show what its ledger says.

Exit codes: 0 done, 2 the configuration or the key is wrong, 3 the ledger cannot be used.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import chain
from pathlib import Path
from typing import NoReturn

import click

from core.settings import BadSetting
from device.vault import config as described_by

WRONG, LEDGER = 2, 3

_config = click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The vault's TOML.")


@click.group("vault", epilog="Example:  tillmark vault run --config /etc/tillmark/vault.toml")
def command() -> None:
    """The cash side: a program of its own that alone can move notes."""


@command.command(epilog="Example:  tillmark vault init --config /etc/tillmark/vault.toml")
@_config
def init(file: Path) -> None:
    """Make the cash side's key, once, and print what the operator pins: its id and its public key."""
    from device.vault.keys import BadVaultKey, VaultKey

    described = _read(file)
    try:
        described.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = VaultKey.of_seed(os.urandom(32))
        key.save(described.key_file)
    except (BadVaultKey, OSError) as error:
        _refuse(f"{BadVaultKey.code} {error}", WRONG)
    click.echo(f"vault       {key.key_id}\npublic key  {key.public}")


@command.command(epilog="Example:  tillmark vault run --config /etc/tillmark/vault.toml")
@_config
def run(file: Path) -> None:
    """Be the cash side that FILE describes, until it is stopped (SIGTERM, Ctrl-C)."""
    from device.system import SystemClock, entropy, open_log
    from device.vault.book import DiskBook
    from device.vault.keys import BadVaultKey, VaultKey
    from device.vault.serve import Server
    from device.vault.socket_side import SocketSide
    from device.vault.store import BookFault
    from device.vault.vault import Vault
    from device.watchdog import Watchdog

    described = _read(file)
    table, clock = described.config.vault, SystemClock()
    try:
        host = described.host()
        setup = described.setup(VaultKey.load(described.key_file), host, str(file))
        book = DiskBook.open(described.folder)
    except BadSetting as error:
        _refuse(f"TM-DEV-002 {error}", WRONG)
    except BadVaultKey as error:
        _refuse(f"{error.code} {error}", WRONG)
    except BookFault as error:
        _refuse(str(error), LEDGER)
    try:
        vault = Vault(setup, host, book, entropy, clock.monotonic_ms())
        side = SocketSide(Path(table.socket), frozenset(table.uids or (os.getuid(),)))
        log = open_log(table.log_level)
        server = Server(vault, lambda: described.driver.open(described.settings), side, clock, log, Watchdog())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        server.run()
    except BookFault as error:
        _refuse(str(error), LEDGER)
    finally:
        book.close()


@command.command(epilog="Example:  tillmark vault show --config /etc/tillmark/vault.toml --json")
@_config
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(file: Path, as_json: bool) -> None:
    """Whom the cash side believes, and what its ledger says, every record counted again; also while it runs."""
    from device.vault.book import read_only
    from device.vault.ledger import wrong_with
    from device.vault.showing import as_lines, as_object, pinned, pinned_lines
    from device.vault.store import BookFault

    described = _read(file)
    try:
        books, records = read_only(described.folder)
    except BookFault as error:
        _refuse(str(error), LEDGER)
    asset, table = described.cassettes[0].face.asset, described.config.vault
    if as_json:
        trusts = [{"id": one.id, "fingerprint": one.mark, "code": one.code} for one in pinned(table.authority_keys)]
        pairing = {"terminal": table.terminal, "authority_keys": trusts}
        click.echo(json.dumps(as_object(books, records, asset) | pairing, ensure_ascii=False))
    else:
        click.echo(f"terminal {table.terminal}")
        for line in chain(pinned_lines(table.authority_keys), as_lines(books, records, asset)):
            click.echo(line)
    problem = wrong_with(books.ledger)
    if problem:
        _refuse(f"TM-VAULT-017 {problem}", LEDGER)


def _read(file: Path) -> described_by.Described:
    try:
        return described_by.read(file)
    except BadSetting as error:
        _refuse(f"TM-DEV-002 {error}", WRONG)


def _refuse(text: str, exit_code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(exit_code)
