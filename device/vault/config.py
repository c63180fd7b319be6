"""The cash side's own configuration: one TOML file, read strictly; the runtime's is another file and another user's.

    [vault]
    data_dir = "/var/lib/tillmark-vault"
    socket = "/run/tillmark-vault/vault.sock"
    terminal = "T1"
    uids = [990]
    [vault.authority_keys]
    "ca-2026" = "base64 of the raw Ed25519 key"
    [dispenser]
    driver = "dispenser_lcdm50"
    port = "/dev/serial/by-id/usb-..."
    [[cassette]]
    place = 1
    face = "50000"
    currency = "KRW"

A machine that asks for a token with each order (XFS4IoT with ``end_to_end = true``) has a key of its own; its file is
named beside the driver's settings: ``e2e_key_file = "/etc/tillmark/vault-e2e.key"`` (hexadecimal digits, 0600).

No secret stands in it: the key lies in the data folder. Amounts are texts, as everywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from core.asset import Asset
from core.dispenser import Host
from core.money import Money
from core.settings import BadSetting, fill, limits
from device.hands import UnknownDriver, find_driver
from device.vault.end_to_end import EndToEndKey
from device.vault.keys import FILE, PinnedKeys, VaultKey
from device.vault.setup import CHUNK_NOTES, LOOK_MS, RECALL_MS, TAKE_MS, CassetteSpec, Setup

DISPENSER: Final = "dispenser"


@dataclass(frozen=True, slots=True)
class VaultTable:
    """`uids` the users whose programs may ask (at least the runtime's); empty: only this program's own user."""

    data_dir: str
    socket: str
    terminal: str
    authority_keys: dict[str, str] = field(default_factory=dict)
    uids: tuple[int, ...] = ()
    log_level: str = "info"
    notes_max: int = field(default=0, metadata=limits(0, 1_000))
    chunk_notes: int = field(default=CHUNK_NOTES, metadata=limits(1, 1_000))
    take_ms: int = field(default=TAKE_MS, metadata=limits(5_000, 120_000))
    recall_ms: int = field(default=RECALL_MS, metadata=limits(1_000, 110_000))
    look_ms: int = field(default=LOOK_MS, metadata=limits(1_000, 600_000))

    def __post_init__(self) -> None:
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise ValueError(f"log_level {self.log_level!r} is not one of debug, info, warning, error")


@dataclass(frozen=True, slots=True)
class CassetteTable:
    place: int = field(metadata=limits(1, 16))
    face: str
    currency: str
    scale: int = field(default=0, metadata=limits(0, 8))


@dataclass(frozen=True, slots=True)
class VaultConfig:
    vault: VaultTable
    dispenser: dict[str, Any]
    cassette: tuple[CassetteTable, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A configuration that was read: the driver's module, its filled settings, the cassettes."""

    config: VaultConfig
    driver: ModuleType
    settings: object
    cassettes: tuple[CassetteSpec, ...]
    e2e_key_file: Path | None = None

    def host(self) -> Host:
        host: Host = self.driver.make_host(self.settings)
        return host

    def setup(self, key: VaultKey, host: Host, file: str) -> Setup:
        """Raises `BadSetting` for cassettes that the machine does not have, and for a key where none is asked for;
        `BadVaultKey` for an end-to-end key that cannot be used."""
        table, machine = self.config.vault, host.capabilities
        if self.e2e_key_file is not None and not machine.end_to_end:
            raise BadSetting(file, "dispenser.e2e_key_file", "is for a machine that asks for a token, and this is none")
        token = EndToEndKey.load(self.e2e_key_file).token if self.e2e_key_file is not None else None
        try:
            return Setup(
                terminal=table.terminal,
                vault=key.key_id,
                public_key=key.public,
                signer=key,
                exchange=PinnedKeys(table.authority_keys),
                machine=machine,
                cassettes=self.cassettes,
                notes_max=table.notes_max,
                chunk_notes=table.chunk_notes,
                take_ms=table.take_ms,
                recall_ms=table.recall_ms,
                look_ms=table.look_ms,
                token=token,
            )
        except ValueError as error:
            raise BadSetting(file, "cassette", str(error)) from None

    @property
    def folder(self) -> Path:
        return Path(self.config.vault.data_dir)

    @property
    def key_file(self) -> Path:
        return self.folder / FILE


def read(path: Path) -> Described:
    """Raises `BadSetting` with what is wrong and where."""
    file = str(path)
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(file, "(file)", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(file, "(file)", f"is not TOML: {error}") from None
    config = fill(VaultConfig, table, file=file)
    driver, settings, e2e_key_file = _driver(config, file)
    cassettes = tuple(_cassette(one, place, file) for place, one in enumerate(config.cassette))
    return Described(config, driver, settings, cassettes, e2e_key_file)


def _driver(config: VaultConfig, file: str) -> tuple[ModuleType, object, Path | None]:
    options = dict(config.dispenser)
    name, key_file = options.pop("driver", None), options.pop("e2e_key_file", "")
    if not isinstance(key_file, str):
        raise BadSetting(file, "dispenser.e2e_key_file", "is the path of a file")
    if not isinstance(name, str):
        raise BadSetting(file, "dispenser.driver", "is missing")
    try:
        driver = find_driver(name)
    except UnknownDriver as error:
        raise BadSetting(file, "dispenser.driver", str(error)) from None
    if driver.KIND != DISPENSER:
        raise BadSetting(file, "dispenser.driver", f"{name!r} is a {driver.KIND}, not a {DISPENSER}")
    settings = fill(driver.Settings, options, file=file, key="dispenser")
    return driver, settings, Path(key_file) if key_file else None


def _cassette(table: CassetteTable, index: int, file: str) -> CassetteSpec:
    try:
        return CassetteSpec(table.place, Money.parse(table.face, Asset(table.currency, table.scale)))
    except ValueError as error:
        raise BadSetting(file, f"cassette[{index}]", str(error)) from None
