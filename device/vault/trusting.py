"""What the operator's page shows of a paired machine, put into the cash side's configuration: whose it is, and the
exchange's key that it believes.

    terminal = "6ZABJ74YB9WCB46FXVM65C3YM1"
    "authority-1" = "base64 of the raw Ed25519 key"

Only these lines of the file change; comments and order stay.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.fingerprint import BadKeyText, fingerprint

TEXT_MAX: Final = 4_096  # two lines of a page, and room for what was copied around them
TABLE: Final = "[vault.authority_keys]"
_LINE: Final = re.compile(r'(?:terminal|"(?P<id>[\w.-]{1,64})")\s*=\s*"(?P<value>[A-Za-z0-9+/=_-]{1,64})"', re.ASCII)
_TERMINAL: Final = re.compile(r"^(\s*terminal\s*=\s*)\"[^\"\n]*\"", re.MULTILINE)


class NotTrusted(ValueError):
    """The text names no key, or the configuration has no place for it."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a text offers to believe. `terminal` "" where it names none."""

    key_id: str
    key: str
    terminal: str

    @property
    def fingerprint(self) -> str:
        """For a person to compare with the page's."""
        return fingerprint(self.key)


def offered(text: str) -> Offered:
    """Exactly one key, and at most one terminal. Raises `NotTrusted`."""
    keys: dict[str, str] = {}
    terminal = ""
    for line in text[:TEXT_MAX].splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        if found["id"]:
            keys[found["id"]] = found["value"]
        else:
            terminal = found["value"]
    if len(keys) != 1:
        raise NotTrusted(f"the text names {len(keys)} keys; copy the two lines of the machine's page")
    ((key_id, key),) = keys.items()
    try:
        fingerprint(key)
    except BadKeyText as error:
        raise NotTrusted(f"{key_id}: {error}") from None
    return Offered(key_id, key, terminal)


def trusting(config: str, what: Offered) -> str:
    """The configuration's text with the key pinned, alone: a key that is believed no more must not stay. Raises
    `NotTrusted` for a text without the table."""
    head, table, rest = config.partition(TABLE)
    if not table:
        raise NotTrusted(f"the configuration has no table {TABLE}")
    line_end, _, below = rest.partition("\n")
    kept = below.splitlines(keepends=True)
    own = next((place for place, line in enumerate(kept) if line.lstrip().startswith("[")), len(kept))
    others = [line for line in kept[:own] if line.lstrip().startswith("#") or not line.strip()]
    if what.terminal:
        head, changed = _TERMINAL.subn(rf'\g<1>"{what.terminal}"', head, count=1)
        if not changed:
            raise NotTrusted("the configuration has no line terminal = ... before its keys")
    pinned = f'"{what.key_id}" = "{what.key}"\n'
    made = head + table + line_end + "\n" + pinned + "".join((*others, *kept[own:]))
    try:
        tomllib.loads(made)
    except tomllib.TOMLDecodeError as error:
        raise NotTrusted(f"the configuration would be no TOML: {error}") from None
    return made


def replace_file(path: Path, text: str) -> None:
    """Whole or not at all; owner and mode stay. Raises OSError."""
    before = path.stat()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
            if os.geteuid() == 0:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
