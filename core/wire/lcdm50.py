"""Puloon LCDM-1000 / LCDM-2000 (ID 50): the frames between a host and a note dispenser that remembers nothing.

Sources: LCDM-1000 interface specification V3.3 [S]; LCDM-2000 commands from four drivers that agree [2+]. The drivers
disagree, or nobody says, about what stands in `Dialect`: try it on the machine in front of you. None of this was tried
on real hardware by us.

The exchange: command, ACK within 500 ms (NAK: send again), reply within 60 s, ACK (NAK: the device sends the reply
again, three times at most, also when it hears nothing). One reply may therefore arrive three times. A dispense cannot
be asked about while it runs, and nothing is remembered when the power goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from core.wire.puloon_frames import EOT, SOH, frame, look_control, look_frame
from core.wire.serial_frames import BadFrame, Found, Look, More, Reader

IDENT: Final = 0x50
NOTES_MAX: Final = 60  # of one command and cassette, [S]
TWO_DIGITS_MAX: Final = 99
ITEM_DELIVERED, ITEM_REJECTED = 0x8D, 0x9C  # [1-2] newer LCDM-2000 firmware


class Command(IntEnum):
    """CMD, [S] unless said otherwise."""

    PURGE = 0x44
    DISPENSE_UPPER = 0x45
    STATUS = 0x46
    ROM_VERSION = 0x47
    DISPENSE_LOWER = 0x55  # [2+] LCDM-2000
    DISPENSE_BOTH = 0x56  # [2+] LCDM-2000
    TEST_UPPER = 0x76
    TEST_LOWER = 0x77  # [2+] LCDM-2000


_COMMAND_SIZES: Final[Mapping[int, tuple[int, ...]]] = {
    Command.PURGE: (6,),
    Command.DISPENSE_UPPER: (8,),
    Command.STATUS: (6,),
    Command.ROM_VERSION: (6,),
    Command.DISPENSE_LOWER: (8,),
    Command.DISPENSE_BOTH: (10,),
    Command.TEST_UPPER: (6,),
    Command.TEST_LOWER: (6,),
}
_REPLY_SIZES: Final[Mapping[int, tuple[int, ...]]] = {
    Command.PURGE: (7,),
    Command.DISPENSE_UPPER: (14,),
    Command.STATUS: (10,),
    Command.ROM_VERSION: (14,),
    Command.DISPENSE_LOWER: (14,),
    Command.DISPENSE_BOTH: (21,),
    Command.TEST_UPPER: (14,),
    Command.TEST_LOWER: (14,),
}
_PLAIN: Final = (Command.PURGE, Command.STATUS, Command.ROM_VERSION, Command.TEST_UPPER, Command.TEST_LOWER)
_ONE_PLACE: Final = (Command.DISPENSE_UPPER, Command.DISPENSE_LOWER, Command.TEST_UPPER, Command.TEST_LOWER)


class BothOrder(Enum):
    """How the reply to DISPENSE_BOTH orders its counts [?]: three sources say by place, one says by kind."""

    BY_PLACE = "by_place"  # upper picked, upper exited, lower picked, lower exited
    BY_KIND = "by_kind"  # upper picked, lower picked, upper exited, lower exited


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between machines, or between the sources [?]."""

    both_order: BothOrder = BothOrder.BY_PLACE


AS_SPECIFIED: Final = Dialect()


# -- what the host says ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """A command without numbers: PURGE, STATUS, ROM_VERSION, TEST_UPPER, TEST_LOWER."""

    command: Command


@dataclass(frozen=True, slots=True)
class Dispense:
    """Notes from the upper and the lower cassette; None means that the command does not name the cassette.

    A device may be asked for up to 99 by whoever holds the cable, and must refuse; the host never sends more than 60.
    """

    upper: int | None = None
    lower: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A whole frame with a right BCC whose command we do not know; `body` is CMD and data."""

    body: bytes


Asked = Ask | Dispense | Unknown


# -- what the device says ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """One cassette's part of a dispense: notes picked (CHK), delivered (EXIT), rejected; `low`: near its end."""

    picked: int
    exited: int
    rejected: int
    low: bool = False

    @property
    def on_path(self) -> int:
        """Notes that left the cassette and arrived nowhere, as far as the counters can tell."""
        return max(0, self.picked - self.exited - self.rejected)

    @property
    def used(self) -> int:
        """Notes the cassette has fewer."""
        return self.exited + self.rejected + self.on_path


@dataclass(frozen=True, slots=True)
class Purged:
    error: int


@dataclass(frozen=True, slots=True)
class Dispensed:
    """The end of a dispense or of a test. A place the command did not name is None."""

    command: Command
    error: int
    upper: Count | None = None
    lower: Count | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The raw sensor bytes; `core.wire.lcdm50_status` reads them. `first` is 30 in the specification."""

    error: int
    sensor0: int
    sensor1: int
    first: int = 0x30


@dataclass(frozen=True, slots=True)
class Rom:
    """Version ("O16T") and its check sum as text ("AD2C")."""

    version: str
    checksum: str


@dataclass(frozen=True, slots=True)
class NoteDelivered:
    """Unsolicited: one more note left. Evidence of progress; there is no check sum. `detail` as it came."""

    detail: int


@dataclass(frozen=True, slots=True)
class NoteRejected:
    """Unsolicited: one note went to the reject bin, `reason` as in `core.wire.lcdm50_errors.REJECTED`."""

    reason: int


Reply = Purged | Dispensed | StatusReport | Rom | Unknown
Answer = Reply | NoteDelivered | NoteRejected


# -- encoding ----------------------------------------------------------------------------------------


def encode(asked: Asked) -> bytes:
    """The host's frame. Raises `BadFrame` for counts that no command may carry."""
    match asked:
        case Ask(command):
            if command not in _PLAIN:
                raise BadFrame("lcdm50", "shape")
            body = bytes([command])
        case Dispense(int(upper), None):
            body = bytes([Command.DISPENSE_UPPER]) + _order(upper, 1)
        case Dispense(None, int(lower)):
            body = bytes([Command.DISPENSE_LOWER]) + _order(lower, 1)
        case Dispense(int(upper), int(lower)):
            _order(upper + lower, 1)  # nobody says whether 60 is meant for each: take the smaller
            body = bytes([Command.DISPENSE_BOTH]) + _order(upper, 0) + _order(lower, 0)
        case Dispense():
            raise BadFrame("lcdm50", "range")
        case _:
            body = asked.body
    return frame(EOT, IDENT, body)


def encode_reply(reply: Answer, dialect: Dialect = AS_SPECIFIED) -> bytes:
    """The device's frame or item. Raises `BadFrame` for what does not fit its digits."""
    match reply:
        case NoteDelivered(detail):
            return bytes([SOH, ITEM_DELIVERED, detail])
        case NoteRejected(reason):
            return bytes([SOH, ITEM_REJECTED, reason])
        case Purged(error):
            body = bytes([Command.PURGE, error])
        case StatusReport(error, sensor0, sensor1, first):
            body = bytes([Command.STATUS, first, error, sensor0, sensor1])
        case Rom(version, checksum):
            text = (version + checksum).encode("ascii")
            if len(version) != 4 or len(checksum) != 4:
                raise BadFrame("lcdm50", "shape")
            body = bytes([Command.ROM_VERSION]) + text
        case Dispensed():
            body = _dispensed_body(reply, dialect)
        case _:
            body = reply.body
    return frame(SOH, IDENT, body)


def _dispensed_body(reply: Dispensed, dialect: Dialect) -> bytes:
    upper, lower = reply.upper, reply.lower
    if reply.command == Command.DISPENSE_BOTH and upper and lower:
        counts = [upper.picked, upper.exited, lower.picked, lower.exited]
        if dialect.both_order is BothOrder.BY_KIND:
            counts[1], counts[2] = counts[2], counts[1]
        tail = bytes([reply.error, _state(upper), _state(lower)]) + _digits(upper.rejected) + _digits(lower.rejected)
        return bytes([reply.command]) + b"".join(map(_digits, counts)) + tail
    one = upper or lower
    if one is None or (upper and lower) or reply.command not in _ONE_PLACE or _is_upper(reply.command) != bool(upper):
        raise BadFrame("lcdm50", "shape")
    counts_text = _digits(one.picked) + _digits(one.exited)
    return bytes([reply.command]) + counts_text + bytes([reply.error, _state(one)]) + _digits(one.rejected)


def _is_upper(command: int) -> bool:
    return command in (Command.DISPENSE_UPPER, Command.TEST_UPPER)


def _order(count: int, least: int) -> bytes:
    if not least <= count <= NOTES_MAX:
        raise BadFrame("lcdm50", "range")
    return _digits(count)


def _digits(count: int) -> bytes:
    if not 0 <= count <= TWO_DIGITS_MAX:
        raise BadFrame("lcdm50", "digits")
    return b"%02d" % count


def _state(count: Count) -> int:
    return 0x31 if count.low else 0x30


# -- decoding ----------------------------------------------------------------------------------------


def command_reader() -> Reader[Asked]:
    """The device's ears."""
    return Reader(_look_command)


def reply_reader(dialect: Dialect = AS_SPECIFIED) -> Reader[Answer]:
    """The host's ears."""

    def meaning(body: bytes) -> Answer | None:
        return _reply(body, dialect)

    def look(held: bytes) -> Look[Answer]:
        if held[0] == SOH and held[1:2] and held[1] in (ITEM_DELIVERED, ITEM_REJECTED):
            if len(held) < 3:
                return More(3)
            item = NoteDelivered(held[2]) if held[1] == ITEM_DELIVERED else NoteRejected(held[2])
            return Found(3, item, checked=False)
        return look_control(held[0]) or look_frame(held, SOH, IDENT, _REPLY_SIZES, meaning)

    return Reader(look)


def _look_command(held: bytes) -> Look[Asked]:
    return look_control(held[0]) or look_frame(held, EOT, IDENT, _COMMAND_SIZES, _asked)


def _asked(body: bytes) -> Asked | None:
    command, data = body[0], body[1:]
    if command in _PLAIN:
        return Ask(Command(command))
    if command not in _COMMAND_SIZES:
        return Unknown(body)
    counts = [_number(data[at : at + 2]) for at in range(0, len(data), 2)]
    match command, counts:
        case _, [*_, None] | [None, *_]:
            return None
        case Command.DISPENSE_UPPER, [upper]:
            return Dispense(upper=upper)
        case Command.DISPENSE_LOWER, [lower]:
            return Dispense(lower=lower)
    return Dispense(*counts)


def _reply(body: bytes, dialect: Dialect) -> Answer | None:
    command = body[0]
    if command not in _REPLY_SIZES:
        return Unknown(body)
    match Command(command):
        case Command.PURGE:
            return Purged(body[1])
        case Command.STATUS:
            return StatusReport(body[2], body[3], body[4], first=body[1])
        case Command.ROM_VERSION:
            if not all(0x20 <= byte < 0x7F for byte in body[1:]):
                return None
            return Rom(body[1:5].decode("ascii"), body[5:9].decode("ascii"))
        case Command.DISPENSE_BOTH:
            return _both(body, dialect)
        case one:
            count = _count(body[1:3], body[3:5], body[7:9], body[6])
            if count is None:
                return None
            return Dispensed(one, body[5], upper=count) if _is_upper(one) else Dispensed(one, body[5], lower=count)


def _both(body: bytes, dialect: Dialect) -> Dispensed | None:
    first, second, third, fourth = body[1:3], body[3:5], body[5:7], body[7:9]
    if dialect.both_order is BothOrder.BY_KIND:
        second, third = third, second
    upper = _count(first, second, body[12:14], body[10])
    lower = _count(third, fourth, body[14:16], body[11])
    return None if upper is None or lower is None else Dispensed(Command.DISPENSE_BOTH, body[9], upper, lower)


def _count(picked: bytes, exited: bytes, rejected: bytes, state: int) -> Count | None:
    """None when a number is none, or when the cassette's state is neither of the two the specification knows."""
    numbers = _number(picked), _number(exited), _number(rejected)
    match numbers:
        case (int(one), int(two), int(three)) if state in (0x30, 0x31):
            return Count(one, two, three, low=state == 0x31)
    return None


def _number(text: bytes) -> int | None:
    return int(text) if all(0x30 <= byte <= 0x39 for byte in text) else None


# -- what the BCC cannot see -------------------------------------------------------------------------


def implausible(reply: Answer, asked: Asked) -> str | None:
    """Why `reply` cannot be the answer to `asked`, or None.

    ``command`` it answers something else (a late reply). ``more`` more notes left than were asked for: not noise,
    but a device that must be locked. The XOR is blind to swapped digits, so a plausible reply is all we can have.
    """
    match asked, reply:
        case (Ask(Command.STATUS), StatusReport()) | (Ask(Command.PURGE), Purged()) | (Ask(Command.ROM_VERSION), Rom()):
            return None
        case Ask(Command.TEST_UPPER | Command.TEST_LOWER as test), Dispensed(command) if command == test:
            one = reply.upper or reply.lower
            return "more" if one is None or one.exited else None
        case Dispense(upper, lower), Dispensed(command) if command == encode(asked)[3]:
            pairs = ((upper, reply.upper), (lower, reply.lower))
            return "more" if any(count and count.exited > (order or 0) for order, count in pairs) else None
    return "command"
