"""A configuration with everything in it checked: the screen, each driver's table, the price list."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from core.settings import BadSetting, fill
from device.config import DeviceConfig, read_config
from device.hands import HandSpec, UnknownDriver, find_driver
from device.modes.atm import ATM
from device.modes.mode import Mode
from device.modes.seller import SELLER
from ui.settings import Settings as ScreenSettings

MODES = (SELLER, ATM)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a device is built from."""

    config: DeviceConfig
    mode: Mode
    screen: ScreenSettings
    hands: tuple[HandSpec, ...]

    def plain(self) -> dict[str, object]:
        """Everything as plain values, for people to read."""
        plain = _plain(self.config)
        assert isinstance(plain, dict)
        plain["screen"] = _plain(self.screen)
        plain["devices"] = {
            hand.role: {"driver": hand.driver.__name__.rpartition(".")[2], **_table(hand.settings)}
            for hand in self.hands
        }
        return plain


def checked(path: Path, environ: Mapping[str, str] = os.environ) -> Checked:
    """Raises `BadSetting` at the first thing wrong anywhere in it."""
    config = read_config(path, environ)
    file = str(path)
    mode = next((mode for mode in MODES if mode.name == config.mode), None)
    if mode is None:
        names = ", ".join(mode.name for mode in MODES)
        raise BadSetting(file, "mode", f"{config.mode!r} is not possible", f"one of: {names}")
    if mode.pays_cash and not config.vault.socket:
        raise BadSetting(file, "vault.socket", "is missing", "the socket of the cash side, as its own file names it")
    screen = fill(ScreenSettings, {"lang": config.lang, **config.screen}, file=file, key="screen")
    hands = tuple(_hand(file, role, table) for role, table in config.devices.items())
    return Checked(config, mode, screen, hands)


def _hand(file: str, role: str, table: dict[str, Any]) -> HandSpec:
    key = f"devices.{role}"
    name = table.get("driver")
    if not isinstance(name, str):
        raise BadSetting(file, f"{key}.driver", "is missing", "the name of a file in drivers/, such as printer_escpos")
    try:
        module = find_driver(name)
    except UnknownDriver as error:
        raise BadSetting(file, f"{key}.driver", str(error)) from None
    rest = {setting: value for setting, value in table.items() if setting != "driver"}
    return HandSpec(role, module, fill(module.Settings, rest, file=file, key=key))


def _table(value: object) -> dict[str, object]:
    plain = _plain(value)
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    match value:
        case Enum():
            return value.value
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value
