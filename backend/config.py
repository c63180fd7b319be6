"""The configuration of the servers: one strict TOML file. A key nobody knows is refused with the nearest known name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from backend.market.desk import Settings as Market
from backend.telemetry.broker import Broker
from backend.telemetry.broker import Settings as Telemetry
from core.asset import Asset, BadAsset
from core.settings import BadSetting, fill, limits

CONFIG_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Exchange:
    """`listen` host:port (port 0: any free one); `url` how others reach it, when that is another address."""

    listen: str = "127.0.0.1:8080"
    url: str = ""
    currency: str = "KRW"
    currency_scale: int = field(default=0, metadata=limits(0, 8))
    utc_offset_minutes: int = field(default=540, metadata=limits(-720, 840))
    mqtt_url: str = ""
    agency_url: str = ""
    agency_key_id: str = ""
    agency_key: str = ""
    secure_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Agency:
    """`exchange_url` where the exchange is, when it does not run in the same process. Limits in the currency."""

    listen: str = "127.0.0.1:8081"
    url: str = ""
    exchange_url: str = ""
    exchange_key: str = ""
    commission_bp: int = field(default=80, metadata=limits(0, 3_000))
    sale_limit: str = "5000000"
    day_limit: str = "100000000"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where mail and SMS are posted; without `url` nobody can join. `token_file` holds a bearer token."""

    url: str = ""
    token_file: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """Files with the secrets of the bank's webhook; two while one is being changed. `name`, `account` and `holder` of
    our collecting account, as members read them."""

    secret_files: tuple[str, ...] = ()
    name: str = ""
    account: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Web:
    """`embedded_by` is the origin of a demonstration's page, which may frame the members' pages and is told the code
    the phone shows. Empty, and so nobody, wherever real money is."""

    embedded_by: str = ""


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin the ledger keeps; `scale` decimals of its ledger unit."""

    code: str
    scale: int = field(default=8, metadata=limits(0, 8))


@dataclass(frozen=True, slots=True)
class Terms:
    """The exchange's conditions of sale, in ten-thousandths and milliseconds; see `backend.settle.rules.Terms`."""

    fee_bp: int = field(default=50, metadata=limits(0, 1_000))
    spread_bp: int = field(default=30, metadata=limits(0, 1_000))
    quote_ms: int = field(default=15_000, metadata=limits(1_000, 60_000))
    hold_ms: int = field(default=900_000, metadata=limits(60_000, 86_400_000))
    refund_offer_ms: int = field(default=60_000, metadata=limits(10_000, 600_000))
    owing_max: int = field(default=0, metadata=limits(0, 1_000_000_000))


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The conditions of withdrawing cash; amounts in the currency. See `backend.withdraw.rules.Terms`. `key_file` of
    the authority key; without it the key lies in the data folder as ``authority.key``."""

    fee_bp: int = field(default=50, metadata=limits(0, 1_000))
    spread_bp: int = field(default=30, metadata=limits(0, 1_000))
    quote_ms: int = field(default=30_000, metadata=limits(1_000, 60_000))
    authority_ms: int = field(default=90_000, metadata=limits(1_000, 120_000))
    each_limit: str = "1000000"
    day_limit: str = "3000000"
    machine_limit: str = "1000000"
    machine_day_limit: str = "50000000"
    unapproved_limit: str = "50000"
    doubt_ms: int = field(default=300_000, metadata=limits(60_000, 86_400_000))
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything `tillmark backend serve` is told."""

    data: str
    config_version: int = CONFIG_VERSION
    exchange: Exchange = field(default_factory=Exchange)
    agency: Agency = field(default_factory=Agency)
    gateway: Gateway = field(default_factory=Gateway)
    bank: Bank = field(default_factory=Bank)
    web: Web = field(default_factory=Web)
    telemetry: Telemetry = field(default_factory=Telemetry)
    coin: tuple[Coin, ...] = (Coin("BTC"),)
    terms: Terms = field(default_factory=Terms)
    withdraw: Withdraw = field(default_factory=Withdraw)
    market: Market = field(default_factory=Market)

    @property
    def currency(self) -> Asset:
        return Asset(self.exchange.currency, self.exchange.currency_scale)

    @property
    def coins(self) -> tuple[Asset, ...]:
        return tuple(Asset(one.code, one.scale) for one in self.coin)


def read(path: Path) -> Config:
    """Raises `BadSetting`, naming the file, the dotted key and what to write instead."""
    file = str(path)
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(file, "(file)", error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise BadSetting(file, "(file)", "is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(file, "(file)", f"is not TOML: {error}") from None
    config = fill(Config, table, file=file)
    if config.config_version != CONFIG_VERSION:
        raise BadSetting(file, "config_version", f"this program reads version {CONFIG_VERSION}")
    for name, listen in (("exchange", config.exchange.listen), ("agency", config.agency.listen)):
        try:
            address(listen)
        except ValueError as error:
            raise BadSetting(file, f"{name}.listen", str(error)) from None
    try:
        _ = config.currency
    except BadAsset as error:
        raise BadSetting(file, "exchange.currency", str(error)) from None
    try:
        _ = config.coins
    except BadAsset as error:
        raise BadSetting(file, "coin", str(error)) from None
    _check_brokers(config, file)
    return config


def _check_brokers(config: Config, file: str) -> None:
    for key, url in (("exchange.mqtt_url", config.exchange.mqtt_url), ("telemetry.url", config.telemetry.url)):
        try:
            _ = Broker.of(url) if url else None
        except ValueError as error:
            raise BadSetting(
                file, key, str(error), "telemetry.user and telemetry.password_file are the exchange's own"
            ) from None


def address(listen: str) -> tuple[str, int]:
    """``127.0.0.1:8080`` or ``[::1]:8080``. Raises `ValueError`."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise ValueError(f"{listen!r} is not host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)
