"""What an XFS4IoT message says, in words: for `tillmark wire decode` and the wire log. A token's HMAC is left out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.wire.device_errors import Means
from core.wire.xfs4iot import BadMessage, Kind, Message, decode
from core.wire.xfs4iot_answers import error_word, read_answer
from core.wire.xfs4iot_commands import read_command
from core.wire.xfs4iot_errors import meaning

_HMAC: Final = re.compile(r"HMACSHA256=[0-9A-Fa-f]{8,}")
TEXT_MAX: Final = 2_000  # of one payload: the storage of a large machine is shown in full


@dataclass(frozen=True, slots=True)
class Words:
    """One message. `bad` why it is none, or why its payload cannot be; `host` is it a command of ours?"""

    name: str
    content: tuple[tuple[str, str], ...]
    meaning: str = ""
    bad: str = ""
    host: bool = False


def words(raw: bytes) -> Words:
    try:
        heard = decode(raw)
    except BadMessage as error:
        return Words("broken", (), "", str(error))
    content = [("type", heard.kind.value)]
    if heard.request_id:
        content.append(("request", str(heard.request_id)))
    content += [(key, text) for key, text in (("status", heard.status), ("code", heard.code)) if text]
    if heard.payload:
        shown = json.dumps(heard.payload, ensure_ascii=False, separators=(",", ":"), default=_number)
        content.append(("payload", _HMAC.sub("HMACSHA256=*", shown)[:TEXT_MAX]))
    return Words(heard.name, tuple(content), _meaning(heard), _bad(heard), heard.kind is Kind.COMMAND)


def _meaning(heard: Message) -> str:
    word = heard.status if heard.kind is Kind.ACKNOWLEDGE else error_word(heard)
    if heard.kind not in (Kind.ACKNOWLEDGE, Kind.COMPLETION) or (heard.kind is Kind.ACKNOWLEDGE and not word):
        return ""
    row = meaning(word)
    return "" if row.means is Means.GOOD else f"{row.name}: {row.meaning}"


def _bad(heard: Message) -> str:
    try:
        if heard.kind is Kind.COMMAND:
            read_command(heard)
        elif heard.kind is Kind.COMPLETION:
            read_answer(heard)
    except BadMessage as error:
        return str(error)
    return ""


def _number(value: object) -> object:
    assert isinstance(value, Decimal), "nothing else comes out of our reader"
    return str(value)


def split(data: bytes) -> tuple[bytes, ...]:
    """The messages of a text: one JSON object after another, with white space between or without."""
    text, found, at = data.decode("utf-8", "replace").strip(), list[bytes](), 0
    while at < len(text):
        try:
            _, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            return (*found, text[at:].encode())
        found.append(text[at:end].encode())
        at = end
        while at < len(text) and text[at].isspace():
            at += 1
    return tuple(found)
