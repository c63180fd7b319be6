"""What bytes on a cable say, in words: for `tillmark wire decode` and for the wire log of the cash devices.

Every codec of this folder is asked through its own reader, so the words can never differ from what a driver believes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Final, Protocol

from core.wire import (
    cctalk,
    cctalk_errors,
    cctalk_messages,
    escpos,
    escpos_commands,
    escpos_status,
    f56,
    f56_blocks,
    f56_errors,
    f56_messages,
    id003,
    id003_errors,
    lcdm30,
    lcdm30_errors,
    lcdm30_messages,
    lcdm50,
    lcdm50_errors,
    pn532,
    serial_frames,
    xfs4iot_words,
)
from core.wire.device_errors import DeviceError, Means

PROTOCOLS: Final = ("lcdm50", "lcdm30", "f56", "cctalk", "id003", "escpos", "pn532", "xfs4iot")


class Side(Enum):
    """Who sent the bytes."""

    HOST = "host"
    DEVICE = "device"


class Verdict(Enum):
    """`CHECKED` a whole message whose check sum is right; `PLAIN` one that carries none; the rest says nothing."""

    CHECKED = "checked"
    PLAIN = "plain"
    BROKEN = "broken"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Options:
    """What the sources leave open and a decoder must be told; see the dialects of the codecs."""

    both_order: lcdm50.BothOrder = lcdm50.BothOrder.BY_PLACE
    bits_offset: bool = True
    crc: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One message: who says it (None: cannot be told), the bytes, and its content as (field, text)."""

    side: Side | None
    raw: bytes
    verdict: Verdict
    name: str
    content: tuple[tuple[str, str], ...] = ()
    meaning: str = ""

    def __str__(self) -> str:
        arrow = {Side.HOST: ">", Side.DEVICE: "<", None: "="}[self.side]
        text = " ".join(f"{key}={value}" for key, value in self.content)
        return f"{arrow} {self.verdict.value:7} {' '.join((self.name, text)).strip()}" + (
            f"  ({self.meaning})" if self.meaning else ""
        )


class _Reader(Protocol):
    def feed(self, data: bytes, /) -> Sequence[object]: ...


_Open = Callable[[], _Reader]
STANDARD: Final = Options()


def explain(protocol: str, data: bytes, side: Side | None = None, options: Options = STANDARD) -> tuple[Said, ...]:
    """Everything `data` says. With no `side`, the side is taken whose reading makes most sense of the bytes."""
    if protocol == "xfs4iot":
        return tuple(_message(raw) for raw in xfs4iot_words.split(data))
    readings = [_read(open_reader, who, data) for who, open_reader in _readers(protocol, side, options)]
    return min(readings, key=lambda said: sum(not good(one) for one in said))


def good(said: Said) -> bool:
    """Is it a message?"""
    return said.verdict in (Verdict.CHECKED, Verdict.PLAIN)


def _message(raw: bytes) -> Said:
    """An XFS4IoT message is JSON, whole or broken; commands come from the host only."""
    found = xfs4iot_words.words(raw)
    side = Side.HOST if found.host else Side.DEVICE
    if found.bad:
        content = (("reason", found.bad), *(found.content or (("raw", raw[:200].decode("utf-8", "replace")),)))
        return Said(side if found.content else None, raw, Verdict.BROKEN, found.name, content)
    return Said(side, raw, Verdict.PLAIN, found.name, found.content, found.meaning)


def _readers(protocol: str, side: Side | None, options: Options) -> list[tuple[Side | None, _Open]]:
    check = cctalk.Check.CRC if options.crc else cctalk.Check.SUM
    two: dict[str, tuple[_Open, _Open]] = {
        "lcdm50": (lcdm50.command_reader, lambda: lcdm50.reply_reader(lcdm50.Dialect(options.both_order))),
        "lcdm30": (
            lcdm30.command_reader,
            lambda: lcdm30.reply_reader(lcdm30_messages.Dialect(bits_offset=options.bits_offset)),
        ),
        "escpos": (escpos.CommandReader, escpos_status.AnswerReader),
    }
    one: dict[str, _Open] = {
        "f56": f56.reader,
        "cctalk": lambda: cctalk.BusReader(check),
        "id003": id003.reader,
        "pn532": pn532.Parser,
    }
    if protocol in one:
        return [(side, one[protocol])]
    host, device = two[protocol]
    return [(who, made) for who, made in ((Side.HOST, host), (Side.DEVICE, device)) if side in (None, who)]


def _read(open_reader: _Open, side: Side | None, data: bytes) -> tuple[Said, ...]:
    reader, said, since = open_reader(), list[Said](), bytearray()
    if isinstance(reader, escpos.CommandReader):  # a run of text is one event only when it comes in one piece
        said = [_say(event, b"", side) for event in reader.feed(data)]
        rest = data[len(data) - reader.waiting() :]
        return (*said, _say(serial_frames.Broken("unfinished", rest), b"", side)) if rest else tuple(said)
    for byte in data:  # one at a time, to know which bytes an event was made of
        since.append(byte)
        for event in reader.feed(bytes([byte])):
            said.append(_say(event, bytes(since), side))
            since.clear()
    if isinstance(reader, serial_frames.Reader | cctalk.BusReader):
        said += [_say(event, bytes(since), side) for event in reader.quiet()]
    elif since and any(since):
        said.append(_say(serial_frames.Broken("unfinished", bytes(since)), b"", side))
    return tuple(said)


def _say(event: object, raw: bytes, side: Side | None) -> Said:
    match event:
        case serial_frames.Noise(byte):
            return Said(side, bytes([byte]), Verdict.NOISE, "noise", (("byte", f"{byte:02x}"),))
        case escpos_status.Noise(byte):
            return Said(side, bytes([byte]), Verdict.NOISE, "noise", (("byte", f"{byte:02x}"),))
        case serial_frames.Broken(reason, whole):
            return Said(side, whole, Verdict.BROKEN, "broken", (("reason", reason), ("raw", whole.hex(" "))))
        case pn532.Broken(reason):
            return Said(side, raw, Verdict.BROKEN, "broken", (("reason", reason), ("raw", raw.hex(" "))))
        case escpos_commands.Unknown():
            return Said(side, raw, Verdict.NOISE, "unknown", _content(event))
        case f56.Block(data):
            return _block(data, raw, side)
        case cctalk.Message(dest, header):
            who = Side.DEVICE if dest == cctalk.HOST else Side.HOST
            name = _member(cctalk_messages.Header, header)
            return Said(who, raw, Verdict.CHECKED, name, _content(event), _bill_meaning(event))
        case id003.Frame(code, data):
            return _id003(code, data, raw, side)
        case pn532.Data(tfi):
            who = Side.HOST if tfi == pn532.HOST_TO_CHIP else Side.DEVICE
            return Said(who, raw, Verdict.CHECKED, "data", _content(event))
    plain = isinstance(event, _PLAIN) or type(event).__module__.startswith("core.wire.escpos")
    name = _name(event)
    verdict = Verdict.PLAIN if plain else Verdict.CHECKED
    return Said(side, raw, verdict, name, _content(event), _lcdm_meaning(event))


_PLAIN: Final = (
    serial_frames.Acked,
    serial_frames.Nacked,
    serial_frames.Ended,
    f56.Enquiry,
    lcdm50.NoteDelivered,
    lcdm50.NoteRejected,
)


def _block(data: bytes, raw: bytes, side: Side | None) -> Said:
    asked, reply = f56_blocks.decode(data), f56_blocks.decode_reply(data)
    who = side
    if side is None and not (isinstance(asked, f56_messages.Other) and isinstance(reply, f56_messages.Other)):
        who = Side.HOST if isinstance(reply, f56_messages.Other) else Side.DEVICE
    message = reply if who is Side.DEVICE else asked
    error = message.error if isinstance(message, f56_messages.Answer | f56_messages.Undefined) else 0
    name = _name(message)
    return Said(who, raw, Verdict.CHECKED, name, _content(message), _row(f56_errors.meaning(error)))


def _id003(code: int, data: bytes, raw: bytes, side: Side | None) -> Said:
    host, device = _member(id003.Host, code), _member(id003.Device, code)
    known = [one for one in (host, device) if not one.startswith("0x")]
    if side is not None and len(known) == 2:  # one number, two meanings; all others are echoes and answers
        known = [host if side is Side.HOST else device]
    name = "/".join(dict.fromkeys(known)) or host
    row = None if side is Side.HOST else id003_errors.meaning(code, data)
    return Said(side, raw, Verdict.CHECKED, name, (("data", data.hex(" ")),) if data else (), _row(row))


def _lcdm_meaning(event: object) -> str:
    match event:
        case lcdm50.Purged(error) | lcdm50.StatusReport(error) | lcdm50.Dispensed(error=error):
            return _row(lcdm50_errors.meaning(error))
        case lcdm50.NoteRejected(reason):
            return _row(lcdm50_errors.why_rejected(reason))
        case (
            lcdm30_messages.Done(error=error)
            | lcdm30_messages.Dispensed(error=error)
            | lcdm30_messages.StatusReport(error=error)
            | lcdm30_messages.Lengths(error=error)
            | lcdm30_messages.Serial(error=error)
        ):
            return _row(lcdm30_errors.meaning(error))
    return ""


def _bill_meaning(message: cctalk.Message) -> str:
    """Only what cannot be mistaken: the reply with eleven bytes is a bill validator's list of events."""
    if message.dest != cctalk.HOST or message.header or len(message.data) != 11:
        return ""
    newest = cctalk_messages.BillEvents.of(message.data).events[0]
    return "" if newest.kind else _row(cctalk_errors.bill_event(newest.code))


def _row(row: DeviceError | None) -> str:
    return "" if row is None or row.means is Means.GOOD else f"{row.name}: {row.meaning}"


def _name(event: object) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()


def _member(names: type[Enum], value: int) -> str:
    found = [one.name.lower() for one in names if one.value == value]
    return found[0] if found else f"{value:#04x}"


def _content(value: object) -> tuple[tuple[str, str], ...]:
    assert is_dataclass(value), "every event is a dataclass"
    return tuple((field.name, _text(getattr(value, field.name), field.name)) for field in fields(value))


# Fields that are the device's own numbers: people look them up in hex.
_IN_HEX: Final = ("error", "detail", "kind", "first", "sensor0", "sensor1", "misc", "last", "reason", "tfi")


def _text(value: object, name: str = "") -> str:
    match value:
        case int() if name in _IN_HEX:
            return f"{value:#04x}"
        case Enum():
            return value.name.lower() if value.name else str(value.value)
        case bytes():
            return value.hex(" ") or "-"
        case tuple():
            return "[" + " ".join(_text(one) for one in value) + "]"
        case bool() | None | int() | str():
            return str(value).lower()
    return "(" + " ".join(f"{key}={text}" for key, text in _content(value)) + ")"
