"""One line of the talk between runtime and vault, written and read. See `core.vault_talk` for what is said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from core.codec import BadMessage, from_tagged, tagged
from core.vault_talk import LINE_MAX, Reply, Request

ID_MAX: Final = 2**53 - 1  # what every JSON reader keeps exact; a link of a thousand questions a second lives for ages


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its number, which is above zero."""

    id: int
    request: Request


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with the number of its question, or news with number 0."""

    id: int
    reply: Reply


def line(number: int, said: Request | Reply) -> bytes:
    """One line with its end. Raises `BadMessage` for one that the other side would have to refuse."""
    text = json.dumps({"id": number, **tagged(said)}, separators=(",", ":")).encode() + b"\n"
    if len(text) > LINE_MAX:
        raise BadMessage("line", f"has {len(text)} bytes")
    return text


def asked(text: bytes) -> Asked:
    """What the runtime asks. Raises `BadMessage` and nothing else."""
    number, plain = _numbered(text)
    if number < 1:
        raise BadMessage("id", "a question has a number above zero")
    return Asked(number, from_tagged(Request, plain))


def said(text: bytes) -> Said:
    """What the vault says. Raises `BadMessage` and nothing else."""
    number, plain = _numbered(text)
    return Said(number, from_tagged(Reply, plain))


def _numbered(text: bytes) -> tuple[int, dict[str, object]]:
    if len(text) > LINE_MAX:
        raise BadMessage("line", "is too long")
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("line", "is not JSON") from None
    number = plain.get("id") if isinstance(plain, dict) else None
    if type(number) is not int or not 0 <= number <= ID_MAX:
        raise BadMessage("id", "must be a number")
    return number, plain
