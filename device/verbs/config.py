"""`tillmark config`: check a device's configuration, or show what it comes to."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from core.settings import BadSetting


@click.group(epilog="Example:  tillmark config check /etc/tillmark/tillmark.toml")
def command() -> None:
    """Check a device's configuration, or show what it comes to."""


@command.command(epilog="Example:  tillmark config check /etc/tillmark/tillmark.toml")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE, its drivers' tables and its price list; say what is wrong. Exit 0 or 2."""
    _read(file)
    click.echo(f"{file}: good")


@command.command(epilog="Example:  tillmark config effective /etc/tillmark/tillmark.toml")
@click.argument("file", type=click.Path(path_type=Path))
def effective(file: Path) -> None:
    """Every setting of FILE with the defaults and the environment's overrides filled in, as JSON."""
    click.echo(json.dumps(_read(file), indent=2, sort_keys=True, ensure_ascii=False))


@command.command(epilog="Example:  tillmark config diff old.toml new.toml")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> None:
    """What NEW changes against OLD, setting by setting. Exit 0 when nothing, 1 when something."""
    before, after = _flat(_read(old)), _flat(_read(new))
    changes = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    for key in changes:
        click.echo(f"{key}: {before.get(key, '(not set)')} -> {after.get(key, '(not set)')}")
    sys.exit(1 if changes else 0)


def _read(file: Path) -> dict[str, object]:
    from device.checked import checked

    try:
        return checked(file).plain()
    except BadSetting as error:
        click.echo(f"TM-DEV-002 {error}", err=True)
        sys.exit(2)


def _flat(value: object, key: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {key: value}
    flat: dict[str, object] = {}
    for name, inner in value.items():
        flat.update(_flat(inner, f"{key}.{name}" if key else str(name)))
    return flat
