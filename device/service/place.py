"""Where the cash side answers, and what a technician's command may know of the machine: read from either TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.faults.service import NO_SOCKET
from core.settings import BadSetting


@dataclass(frozen=True, slots=True)
class CashPlace:
    """`operator_page` where a challenge is typed; "" where the file names no exchange."""

    socket: Path
    operator_page: str


def read_place(path: Path) -> CashPlace:
    """`path` is the device's TOML or the vault's. Raises `BadSetting`."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(str(path), "(file)", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(str(path), "(file)", f"is not TOML: {error}") from None
    vault = _table(table, "vault")
    socket = vault.get("socket")
    if not isinstance(socket, str) or not socket:
        raise BadSetting(str(path), "vault.socket", f"is missing ({NO_SOCKET}: no cash side is named)")
    url, terminal = _table(table, "exchange").get("url"), vault.get("terminal")
    page = f"{url.rstrip('/')}/operator/machines" if isinstance(url, str) and url else ""
    if page and isinstance(terminal, str):
        page += f"/{terminal}"
    return CashPlace(Path(socket), page)


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}
