"""Puloon LCDM-4000 (ID 30, also sold under other names): a note dispenser that remembers its last command.

Sources: `yu4321/LCDM-4000_CashDispenser_Interface_DLL` (made from the maker's specification), DeviceKit, and lamassu's
Puloon driver; where they agree [2+], else [1]. The maker's document is not public, and nothing here was tried on real
hardware by us. What the sources leave open [?]: the line (8N1 or 8E1), the length of a STATUS reply, the high bits of
its bit fields (`Dialect`), how many replies a RESET brings (0 to 2), whether EOT ends an exchange, and whether LAST
STATUS outlives the dispenser's own power. The reply to TEST is taken to look like the one to DISPENSE.

The exchange: command, ACK within 550 ms (NAK: send again), reply (3 s status, 60 s dispense and purge), ACK, EOT.
Numbers travel as value + 20h, an error as code + 20h. Ask LAST_STATUS before RESET and PURGE: they destroy it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.wire.lcdm30_messages import (
    AS_KNOWN,
    BASE,
    SENSORS,
    Ask,
    Asked,
    Command,
    Dialect,
    Dispense,
    Dispensed,
    Done,
    Lengths,
    Paid,
    Place,
    Reply,
    Serial,
    SetLengths,
    StatusReport,
    Unknown,
)
from core.wire.puloon_frames import EOT, SOH, frame, look_control, look_frame
from core.wire.serial_frames import BadFrame, Ended, Found, Look, Nothing, Reader

IDENT: Final = 0x30
NOTES_MAX: Final = 100  # of one command, all cassettes together [2+]
PLACES: Final = 4
OLD_PLACES: Final = 2  # the old form of DISPENSE names two cassettes only [1]
TIMEOUT_MAX: Final = 0x7F - 0x30  # 30h + t stays a printable byte; the unit is not stated
_FILL_9: Final = b"\x20" * 9
_TIMED: Final = 0x1C


_PLAIN: Final[Mapping[int, bytes]] = {
    Command.RESET: b"",
    Command.STATUS: b"",
    Command.PURGE: b"",
    Command.LAST_STATUS: b"",
    Command.SENSORS: b"",
    Command.GET_LENGTHS: b"",
    Command.GET_SERIAL: b"",
    Command.VERSION: b"\x30\x20\x20\x20",
}
_COMMAND_SIZES: Final[Mapping[int, tuple[int, ...]]] = {
    **{command: (6 + len(data),) for command, data in _PLAIN.items()},
    Command.DISPENSE: (13, 21),
    Command.TEST: (13, 21),
    Command.SET_LENGTHS: (14,),
}


# -- encoding ----------------------------------------------------------------------------------------


def encode(asked: Asked) -> bytes:
    """The host's frame. Raises `BadFrame` for what no command may carry."""
    match asked:
        case Ask(command):
            if command not in _PLAIN:
                raise BadFrame("lcdm30", "shape")
            body = bytes([command]) + _PLAIN[command]
        case Dispense():
            body = _dispense(asked)
        case SetLengths(lengths):
            body = bytes([Command.SET_LENGTHS]) + _nibbles(lengths)
        case _:
            body = asked.body
    return frame(EOT, IDENT, body)


def _dispense(order: Dispense) -> bytes:
    counts, timeout = order.counts, order.timeout
    if len(counts) != PLACES or min(counts) < 0 or not 1 <= sum(counts) <= NOTES_MAX:
        raise BadFrame("lcdm30", "range")
    body = bytes([Command.TEST if order.test else Command.DISPENSE, *(BASE + count for count in counts)])
    if order.serial is not None:
        if any(counts[OLD_PLACES:]) or timeout is not None or not 0 <= order.serial <= 0xFF - BASE:
            raise BadFrame("lcdm30", "range")
        return body + bytes([BASE, BASE, BASE + order.serial])
    if timeout is None:
        return body + b"\x20\x20" + _FILL_9
    if not 1 <= timeout <= TIMEOUT_MAX:
        raise BadFrame("lcdm30", "range")
    return body + bytes([_TIMED, 0x30 + timeout]) + _FILL_9


def encode_reply(reply: Reply, dialect: Dialect = AS_KNOWN) -> bytes:
    """The device's frame. Raises `BadFrame` for what does not fit."""
    match reply:
        case Done(command, error):
            body = bytes([command, _byte(error)])
        case Dispensed(command, error, paid, last):
            head = [command] if last is None else [command, last]
            if len(paid) != PLACES or len(reply.rest) != 9 or (last is None) is (command == Command.LAST_STATUS):
                raise BadFrame("lcdm30", "shape")
            parts = [part for one in paid for part in (_byte(one.exited), _byte(one.rejected), one.kind)]
            body = bytes([*head, _byte(error), reply.misc, *parts]) + reply.rest
        case StatusReport(error, active, places, rest):
            sensors = dialect.base + sum(1 << bit for bit, name in enumerate(SENSORS) if name in active)
            whole = [_place(place, dialect) for place in places]
            rest = rest or b"\x20" * (dialect.status_sizes[0] - 24)
            body = bytes([Command.STATUS, _byte(error), sensors]) + b"".join(whole) + rest
            if len(places) != PLACES or len(body) + 5 not in dialect.status_sizes:
                raise BadFrame("lcdm30", "shape")
        case Lengths(error, lengths):
            body = bytes([Command.GET_LENGTHS, _byte(error)]) + _nibbles(lengths)
        case Serial(error, serial):
            body = bytes([Command.GET_SERIAL, _byte(error), _byte(serial)])
        case _:
            body = reply.body
    return frame(SOH, IDENT, body)


def _byte(number: int) -> int:
    if not 0 <= number <= 0xFF - BASE:
        raise BadFrame("lcdm30", "range")
    return BASE + number


def _nibbles(lengths: tuple[int, ...]) -> bytes:
    if len(lengths) != PLACES or not all(0 <= one <= 0xFF for one in lengths):
        raise BadFrame("lcdm30", "range")
    return bytes(0x30 + half for one in lengths for half in divmod(one, 16))


def _place(place: Place, dialect: Dialect) -> bytes:
    bits = place.check_left | place.check_right << 1 | place.present << 2 | place.low << 3
    return bytes([dialect.base + bits, place.kind]) + place.rest


# -- decoding ----------------------------------------------------------------------------------------


def command_reader() -> Reader[Asked]:
    """The device's ears."""
    return Reader(_look_command)


def _look_command(held: bytes) -> Look[Asked]:
    return look_control(held[0]) or look_frame(held, EOT, IDENT, _COMMAND_SIZES, _asked)


def reply_reader(dialect: Dialect = AS_KNOWN) -> Reader[Reply]:
    """The host's ears. A stray FF between exchanges is known to occur [1] and disturbs nothing."""
    sizes: Mapping[int, tuple[int, ...]] = {
        Command.RESET: (7,),
        Command.STATUS: dialect.status_sizes,
        Command.PURGE: (7,),
        Command.DISPENSE: (29,),
        Command.TEST: (29,),
        Command.LAST_STATUS: (30,),
        Command.SET_LENGTHS: (7,),
        Command.GET_LENGTHS: (15,),
        Command.GET_SERIAL: (8,),
    }

    def meaning(body: bytes) -> Reply | None:
        return _reply(body, dialect)

    def look(held: bytes) -> Look[Reply]:
        if held[0] == 0xFF:
            return Nothing(harmless=True)
        if held[0] == EOT:
            return Found(1, Ended(), checked=False)
        return look_control(held[0]) or look_frame(held, SOH, IDENT, sizes, meaning)

    return Reader(look)


def _asked(body: bytes) -> Asked | None:
    command, data = body[0], body[1:]
    if command in _PLAIN:
        return Ask(Command(command)) if data == _PLAIN[command] else Unknown(body)
    if command == Command.SET_LENGTHS:
        lengths = _lengths(data)
        return None if lengths is None else SetLengths(lengths)
    if command not in _COMMAND_SIZES:
        return Unknown(body)
    counts, test = tuple(byte - BASE for byte in data[:PLACES]), command == Command.TEST
    if min(counts) < 0:
        return None
    if len(data) == 7:
        return None if data[6] < BASE else Dispense(counts, serial=data[6] - BASE, test=test)
    if data[4:6] == b"\x20\x20":
        return Dispense(counts, test=test)
    return Dispense(counts, data[5] - 0x30, test=test) if data[4] == _TIMED and data[5] > 0x30 else None


def _reply(body: bytes, dialect: Dialect) -> Reply | None:
    command = body[0]
    if command == Command.LAST_STATUS:
        return _dispensed(Command.LAST_STATUS, body[1], body[2:])
    if len(body) > 1 and body[1] < BASE:
        return None
    match command:
        case Command.RESET | Command.PURGE | Command.SET_LENGTHS:
            return Done(Command(command), body[1] - BASE)
        case Command.DISPENSE | Command.TEST:
            return _dispensed(Command(command), None, body[1:])
        case Command.STATUS:
            bits = body[2] - dialect.base
            active = tuple(name for bit, name in enumerate(SENSORS) if bits >> bit & 1)
            places = tuple(_place_of(body[at : at + 4], dialect) for at in range(3, 19, 4))
            return StatusReport(body[1] - BASE, active, places, body[19:])
        case Command.GET_LENGTHS:
            lengths = _lengths(body[2:])
            return None if lengths is None else Lengths(body[1] - BASE, lengths)
        case Command.GET_SERIAL:
            return None if body[2] < BASE else Serial(body[1] - BASE, body[2] - BASE)
    return Unknown(body)


def _dispensed(command: Command, last: int | None, body: bytes) -> Dispensed | None:
    """`body` from the error byte on."""
    numbers = [body[0], *(body[at] for first in range(2, 14, 3) for at in (first, first + 1))]
    if min(numbers) < BASE:
        return None
    paid = tuple(Paid(body[at] - BASE, body[at + 1] - BASE, body[at + 2]) for at in range(2, 14, 3))
    return Dispensed(command, body[0] - BASE, paid, last, body[1], body[14:])


def _place_of(four: bytes, dialect: Dialect) -> Place:
    bits = four[0] - dialect.base
    return Place(bool(bits & 1), bool(bits & 2), bool(bits & 4), bool(bits & 8), four[1], four[2:])


def _lengths(data: bytes) -> tuple[int, ...] | None:
    halves = [byte - 0x30 for byte in data]
    if not all(0 <= half < 16 for half in halves):
        return None
    return tuple(halves[at] << 4 | halves[at + 1] for at in range(0, len(halves), 2))


# -- what the BCC cannot see -------------------------------------------------------------------------


def implausible(reply: Reply, asked: Asked) -> str | None:
    """Why `reply` cannot be the answer to `asked`, or None.

    ``command`` it answers something else (a late reply). ``more`` more notes left than were asked for: not noise,
    but a device that must be locked. The XOR is blind to swapped bytes, so a plausible reply is all we can have.
    """
    if _code(asked) != _code(reply):
        return "command"
    if isinstance(asked, Dispense) and isinstance(reply, Dispensed):
        allowed = (0,) * PLACES if asked.test else asked.counts
        return "more" if any(one.exited > count for one, count in zip(reply.paid, allowed, strict=True)) else None
    return None


def _code(message: Asked | Reply) -> int:
    match message:
        case Ask(command) | Done(command) | Dispensed(command):
            return command
        case Dispense():
            return Command.TEST if message.test else Command.DISPENSE
        case SetLengths():
            return Command.SET_LENGTHS
        case StatusReport():
            return Command.STATUS
        case Lengths():
            return Command.GET_LENGTHS
        case Serial():
            return Command.GET_SERIAL
    return message.body[0]
