"""What hoppers and bill validators say in ccTalk frames. Sources as in `core.wire.cctalk`; header numbers in decimal.

A payout: enable 164, then 167; it is answered at once with the event counter and runs by itself; 166 is polled. When
the answer to 167 is lost, 166 tells: a counter that moved means that the order was taken (`taken`). Hoppers with a
cipher need one that is not public: only the "NOENCRYPT" version (eight bytes nobody reads) and the version with the
serial number are spoken. After a loss of power the event counter is 0, and paid and unpaid still say what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from core.wire.cctalk import BILL_VALIDATOR, HOPPER, HOST, Message
from core.wire.serial_frames import BadFrame

COUNTER_TOP: Final = 255  # then 1; 0 is only after power-up or reset
COINS_MAX: Final = 255
EVENTS_KEPT: Final = 5
ENABLE_KEY: Final = 0xA5


class Header(IntEnum):
    """Headers used here. A reply has 0 (ACK or data), 5 (NAK) or 6 (busy)."""

    REPLY = 0
    RESET = 1
    COMMS_REVISION = 4
    NAK = 5
    BUSY = 6
    BILL_MODE_ASK = 152
    BILL_MODE = 153
    ROUTE_BILL = 154
    COUNTRY_SCALING = 156
    BILL_ID = 157
    BILL_EVENTS = 159
    CIPHER_KEY = 160
    PUMP_RNG = 161
    TEST = 163
    ENABLE = 164
    STATUS = 166
    DISPENSE = 167
    DISPENSE_COUNT = 168
    COIN_ID = 171
    EMERGENCY_STOP = 172
    LEVEL = 217
    MASTER_INHIBIT_ASK = 227
    MASTER_INHIBIT = 228
    INHIBITS_ASK = 230
    INHIBITS = 231
    SELF_CHECK = 232
    OPTOS = 236
    SOFTWARE = 241
    SERIAL = 242
    PRODUCT = 244
    CATEGORY = 245
    MAKER = 246
    ADDRESS_MODE = 250
    ADDRESS_CHANGE = 251
    ADDRESS_CLASH = 252
    ADDRESS_POLL = 253
    POLL = 254


class Route(IntEnum):
    """Where a bill in escrow goes."""

    RETURN = 0
    STACK = 1
    EXTEND = 255


ROUTE_EMPTY, ROUTE_FAILED = 254, 255  # data of the reply to ROUTE_BILL when it is no ACK


def ask(header: Header, data: bytes = b"", dest: int = HOPPER) -> Message:
    return Message(dest, header, data)


def answer(asked: Message, data: bytes = b"", header: Header = Header.REPLY) -> Message:
    """The device's reply to `asked`."""
    return Message(asked.src if asked.src is not None else HOST, header, data, src=asked.dest)


def enable(on: bool, dest: int = HOPPER) -> Message:
    return ask(Header.ENABLE, bytes([ENABLE_KEY if on else 0]), dest)


def route(to: Route, dest: int = BILL_VALIDATOR) -> Message:
    return ask(Header.ROUTE_BILL, bytes([to]), dest)


@dataclass(frozen=True, slots=True)
class DispenseCoins:
    """The data of 167: `count` coins, with the hopper's `serial`, or None for the NOENCRYPT version."""

    count: int
    serial: int | None = None
    security: bytes = bytes(8)

    def message(self, dest: int = HOPPER) -> Message:
        """Raises `BadFrame` for a count outside 1-255 or a serial that is no three bytes."""
        if not 1 <= self.count <= COINS_MAX or len(self.security) != 8:
            raise BadFrame("cctalk", "range")
        key = self.security if self.serial is None else three(self.serial)
        return ask(Header.DISPENSE, key + bytes([self.count]), dest)

    @classmethod
    def of(cls, data: bytes) -> DispenseCoins:
        """What a hopper reads in a 167. Raises `BadFrame`."""
        match len(data):
            case 9:
                return cls(data[8], None, data[:8])
            case 4:
                return cls(data[3], three_of(data[:3]))
        raise BadFrame("cctalk", "shape")


@dataclass(frozen=True, slots=True)
class HopperStatus:
    """The reply to 166."""

    event: int
    remaining: int
    paid: int
    unpaid: int

    @property
    def data(self) -> bytes:
        return bytes([self.event, self.remaining, self.paid, self.unpaid])

    @classmethod
    def of(cls, data: bytes) -> HopperStatus:
        """Raises `BadFrame`."""
        if len(data) != 4:
            raise BadFrame("cctalk", "shape")
        return cls(*data)


def next_counter(counter: int) -> int:
    """The counter after one more event: 255 is followed by 1."""
    return 1 if counter == COUNTER_TOP else counter + 1


def taken(before: int, after: int) -> bool | None:
    """Was the one order sent since `before` taken? None: the hopper was reset, or somebody else gave orders."""
    if after == next_counter(before):
        return True
    return False if after == before and before else None


def three(number: int) -> bytes:
    """Serial numbers and life counts: three bytes, the lowest first. Raises `BadFrame`."""
    if not 0 <= number < 1 << 24:
        raise BadFrame("cctalk", "range")
    return number.to_bytes(3, "little")


def three_of(data: bytes) -> int:
    """The inverse. Raises `BadFrame`."""
    if len(data) != 3:
        raise BadFrame("cctalk", "shape")
    return int.from_bytes(data, "little")


def flags(data: bytes) -> frozenset[int]:
    """The set bits of the reply to TEST: register times 8 plus bit, as `core.wire.cctalk_errors.HOPPER` names them."""
    return frozenset(at * 8 + bit for at, byte in enumerate(data) for bit in range(8) if byte >> bit & 1)


def flag_bytes(bits: frozenset[int], size: int = 2) -> bytes:
    """The inverse of `flags`; hoppers have two or three registers. Raises `BadFrame` for a bit that has no place."""
    if bits and not 0 <= min(bits) <= max(bits) < 8 * size:
        raise BadFrame("cctalk", "range")
    return sum(1 << bit for bit in bits).to_bytes(size, "little")


@dataclass(frozen=True, slots=True)
class BillEvent:
    """`kind` 1 and up: a bill of this kind, `code` 0 stacked (credit) or 1 in escrow. `kind` 0: `code` is an event."""

    kind: int
    code: int


@dataclass(frozen=True, slots=True)
class BillEvents:
    """The reply to 159: the counter and the last five events, the newest first."""

    counter: int
    events: tuple[BillEvent, ...]

    @property
    def data(self) -> bytes:
        """Raises `BadFrame` unless there are five events."""
        if len(self.events) != EVENTS_KEPT:
            raise BadFrame("cctalk", "shape")
        return bytes([self.counter, *(part for event in self.events for part in (event.kind, event.code))])

    @classmethod
    def of(cls, data: bytes) -> BillEvents:
        """Raises `BadFrame`."""
        if len(data) != 1 + 2 * EVENTS_KEPT:
            raise BadFrame("cctalk", "shape")
        return cls(data[0], tuple(BillEvent(data[at], data[at + 1]) for at in range(1, len(data), 2)))

    def since(self, counter: int) -> tuple[tuple[BillEvent, ...], int | None]:
        """The events after `counter`, the oldest first, and how many are lost; None lost: reset, nobody knows."""
        if self.counter == counter:
            return (), 0
        if self.counter == 0:
            return (), None
        new = self.counter if counter == 0 else (self.counter - counter) % COUNTER_TOP
        kept = min(new, EVENTS_KEPT)
        return tuple(reversed(self.events[:kept])), new - kept
