"""The device's configuration: one TOML file, read strictly.

A key nobody knows is an error with the file, the dotted key and the nearest known name. Driver tables are
filled by each driver's own `Settings`, the screen by `ui.settings.Settings`, so that a new driver needs
nothing here. Secrets are never in it: the device's key lies in its data folder.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import BadSetting, fill, limits

VERSION = 1
ENV_PREFIX = "TILLMARK__"


@dataclass(frozen=True, slots=True)
class ExchangeConfig:
    """`url` where the exchange answers; `mqtt` the broker ("" for the one the exchange names at pairing, if any).

    `mqtt_password_file` holds the password of this terminal at the broker, its user is the terminal's id;
    `mqtt_ca_file` the authority that signed the broker's certificate.
    """

    url: str
    mqtt: str = ""
    mqtt_password_file: str = ""
    mqtt_ca_file: str = ""

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise ValueError("url must be https (plain http only to this machine itself)")


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """`socket` where the cash side (`tillmark vault run`) answers; "" for a device that pays no cash. `key` its public
    key as ``tillmark vault init`` printed it; "" to ask the cash side itself, which must then run before pairing."""

    socket: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """What one device is. `devices` maps a role ("camera", "printer") to its driver's table."""

    config_version: int = field(metadata=limits(1, VERSION))
    mode: str
    data_dir: str
    exchange: ExchangeConfig
    lang: str = "en"
    goods: str = ""
    log_level: str = "info"
    sound: bool = False
    vault: VaultConfig = field(default_factory=VaultConfig)
    screen: dict[str, Any] = field(default_factory=dict)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.lang not in ("en", "ko"):
            raise ValueError(f"lang {self.lang!r} is not one of en, ko")


def read_config(path: Path, environ: Mapping[str, str] = os.environ) -> DeviceConfig:
    """Read and check `path`; ``TILLMARK__EXCHANGE__URL`` in `environ` overrides ``exchange.url``.

    Raises `BadSetting` with what is wrong and where.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(str(path), "(file)", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(str(path), "(file)", f"is not TOML: {error}") from None
    _override(table, environ)
    return fill(DeviceConfig, table, file=str(path))


def _override(table: dict[str, Any], environ: Mapping[str, str]) -> None:
    """One environment variable sets one text value; a value of another type belongs in the file."""
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX):
            continue
        *path, last = name.removeprefix(ENV_PREFIX).lower().split("__")
        inner = table
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise BadSetting("environment", name, "goes through a key that is not a table")
        inner[last] = environ[name]
