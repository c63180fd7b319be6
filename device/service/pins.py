"""What a paired terminal was told of its exchange, as lines for the cash side's own configuration."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from pathlib import Path

from core.codec import BadMessage, from_plain
from core.messages import TerminalGrant
from core.settings import BadSetting
from sync.pairing import GRANT


def pins_of(path: Path) -> str:
    """From the device's TOML and its journal, read beside it. Raises `BadSetting` for a terminal that is not paired.

    None of it is secret. It comes by way of the runtime, which the cash side does not trust: whoever pins it compares
    the key with the operator of the exchange.
    """
    grant = _grant(path)
    if not grant.authority_key:
        raise BadSetting(str(path), "exchange", "this exchange pays no cash: it named no authority key")
    return (
        f'terminal = "{grant.terminal}"\n\n[vault.authority_keys]\n"{grant.authority_key_id}" = "{grant.authority_key}"'
    )


def _grant(path: Path) -> TerminalGrant:
    try:
        folder = tomllib.loads(path.read_text("utf-8"))["data_dir"]
        base = sqlite3.connect(f"file:{Path(str(folder)) / 'journal.db'}?mode=ro", uri=True, timeout=5)
    except OSError as error:
        raise BadSetting(str(path), "(file)", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, LookupError) as error:
        raise BadSetting(str(path), "data_dir", f"this is not the device's file: {error}") from None
    except sqlite3.Error as error:
        raise BadSetting(str(path), "data_dir", f"its journal cannot be read: {error}") from None
    try:
        query = "SELECT body FROM record WHERE seq = (SELECT seq FROM fact WHERE name = ?)"
        row = base.execute(query, (GRANT,)).fetchone()
        return from_plain(TerminalGrant, json.loads(json.loads(row[0])[1] if row else "null"))
    except (sqlite3.Error, BadMessage, ValueError, LookupError):
        raise BadSetting(
            str(path), "data_dir", "its journal says nothing of a pairing: pair the terminal first"
        ) from None
    finally:
        base.close()
