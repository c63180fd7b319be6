"""XFS4IoT on the wire: one JSON object a WebSocket message, a header that says what it is, and a payload.

Source: CEN CWA 17852 (XFS4IoT), API part, chapter "Message Types", as the generated message classes of its open
framework KAL_XFS4IoT_SP-Dev show it (MessageHeader: name, requestId, type, version, timeout, status, completionCode,
errorDescription). Releases before 2023 carried the timeout and the completion code in the payload and spelled the type
of an acknowledge `acknowledgement`: both are read, only the newer form is written.

Strict where money depends on it (whole JSON, no key twice, counts are whole and not negative), tolerant of whatever
else a service adds. Amounts are read as `Decimal`, never as floats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final, NoReturn, TypeVar

from core.cash import COUNT_MAX

MESSAGE_BYTES_MAX: Final = 256 * 1024  # the storage of 16 units with all their counts is about 40 kB
REQUEST_ID_MAX: Final = 2**31 - 1
VERSION: Final = "2.0"


class BadMessage(ValueError):
    """Bytes that are no XFS4IoT message, or a message that says what cannot be."""


class Kind(Enum):
    """What a message is: the header's `type`."""

    COMMAND = "command"
    ACKNOWLEDGE = "acknowledge"
    EVENT = "event"
    COMPLETION = "completion"
    UNSOLICITED = "unsolicited"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `request_id` 0: an unsolicited event has none. `timeout_ms` of a command; `status` of an
    acknowledge ("" accepted); `code` the completion code of a completion ("" is never success)."""

    name: str
    kind: Kind
    request_id: int = 0
    payload: Mapping[str, object] = field(default_factory=dict)
    timeout_ms: int | None = None
    status: str = ""
    code: str = ""
    description: str = ""
    version: str = VERSION


def encode(message: Message) -> bytes:
    """The bytes of a message, compact, always below `MESSAGE_BYTES_MAX`."""
    header: dict[str, object] = {"name": message.name, "type": message.kind.value, "version": message.version}
    if message.request_id:
        header["requestId"] = message.request_id
    if message.kind is Kind.COMMAND:
        header["timeout"] = message.timeout_ms or 0
    if message.kind is Kind.ACKNOWLEDGE and message.status:
        header["status"] = message.status
    if message.kind is Kind.COMPLETION:
        header["completionCode"] = message.code
    if message.description:
        header["errorDescription"] = message.description
    whole = {"header": header, "payload": dict(message.payload)}
    raw = json.dumps(whole, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    assert len(raw) <= MESSAGE_BYTES_MAX, "we never say so much"
    return raw


def decode(raw: bytes) -> Message:
    """Raises `BadMessage` for anything that is not one whole message."""
    if len(raw) > MESSAGE_BYTES_MAX:
        raise BadMessage(f"{len(raw)} bytes are more than a message may have")
    try:
        whole = json.loads(raw.decode(), object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"no JSON: {str(error)[:80]}") from None
    top = Fields.of(whole, "message")
    header, payload = top.table("header"), top.table("payload")
    spelled = header.text("type").lower()
    spelled = "acknowledge" if spelled == "acknowledgement" else spelled
    try:
        kind = Kind(spelled)
    except ValueError:
        raise BadMessage(f"{spelled[:32]!r} is no type of message") from None
    name = header.text("name")
    if not name:
        raise BadMessage("a message without a name")
    request_id = header.number("requestId", REQUEST_ID_MAX)
    if not request_id and kind is not Kind.UNSOLICITED:
        raise BadMessage(f"{name} has no request id")
    timeout = header.number("timeout", REQUEST_ID_MAX) or payload.number("timeout", REQUEST_ID_MAX)
    status = header.text("status") or (payload.text("status") if kind is Kind.ACKNOWLEDGE else "")
    code = header.text("completionCode") or (payload.text("completionCode") if kind is Kind.COMPLETION else "")
    said = header.text("errorDescription") or payload.text("errorDescription")
    return Message(
        name,
        kind,
        request_id,
        payload.table_itself,
        timeout if kind is Kind.COMMAND else None,
        "" if status == "ok" else status,
        code,
        said[:200],
        header.text("version") or "1.0",
    )


_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object read field by field; what is absent or null is the empty value, what is wrong is `BadMessage`."""

    table_itself: Mapping[str, object]
    where: str = ""

    @classmethod
    def of(cls, value: object, where: str = "") -> Fields:
        if value is None:
            return cls({}, where)
        if not isinstance(value, dict):
            raise BadMessage(f"{where} is no object")
        return cls(value, where)

    def table(self, name: str) -> Fields:
        return Fields.of(self.table_itself.get(name), f"{self.where}.{name}")

    def tables(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        value = self.table_itself.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise BadMessage(f"{self.where}.{name} is no list")
        return tuple(Fields.of(item, f"{self.where}.{name}") for item in value)

    def each(self) -> tuple[tuple[str, Fields], ...]:
        """The objects in it by their names; what is no object is left out."""
        return tuple(
            (name, Fields.of(value, f"{self.where}.{name}"))
            for name, value in self.table_itself.items()
            if isinstance(value, dict)
        )

    def text(self, name: str) -> str:
        value = self.table_itself.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadMessage(f"{self.where}.{name} is no text")
        return value

    def number(self, name: str, most: int = COUNT_MAX) -> int:
        """A whole number from 0 to `most`; 0 when absent."""
        return _whole(self.table_itself.get(name), most, f"{self.where}.{name}")

    def flag(self, name: str) -> bool | None:
        value = self.table_itself.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadMessage(f"{self.where}.{name} is neither true nor false")
        return value

    def choice(self, name: str, kind: type[_E], unknown: _E) -> _E:
        """A word of an enumeration; absent and unheard-of words are `unknown`, never something better."""
        value = self.table_itself.get(name)
        return next((member for member in kind if member.value == value), unknown)

    def counts(self, name: str) -> tuple[tuple[str, int], ...]:
        """An object of whole numbers."""
        inner = self.table(name)
        return tuple((key, inner.number(key)) for key in inner.table_itself)

    def total(self, name: str) -> int:
        """All whole numbers below this field together: the counts of a cash item by its classification."""
        return _total(self.table_itself.get(name), f"{self.where}.{name}")


def _total(value: object, where: str) -> int:
    if isinstance(value, dict):
        return sum(_total(inner, f"{where}.{name}") for name, inner in value.items())
    return _whole(value, COUNT_MAX, where)


def _whole(value: object, most: int, where: str) -> int:
    if value is None:
        return 0
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)  # a service may write a count as 3.0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadMessage(f"{where} is no count: {str(value)[:32]}")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Two values for one key: two readers would believe two things."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise BadMessage("a key stands twice")
    return table


def _no_number(text: str) -> NoReturn:
    raise BadMessage(f"{text} is no number")
