"""One hopper of the bus: how coins are paid, and what its counters prove afterwards.

Each conversation is a generator: it yields a question for the bus (or a rest in ms), is sent the answer (None for
silence) and returns what it came to. The payout order, header 167, is sent once. Whether it was taken is never guessed
from its answer: the event counter says so (`core.wire.cctalk_messages.taken`), and after a loss of power the two kept
registers, whose sum is the number of coins of the last order that was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from core.cash import NONE, Count
from core.dispenser import End
from core.faults import dispenser
from core.faults import hopper as faults
from core.faults.cash import Device, page_code
from core.wire.cctalk import Message
from core.wire.cctalk_errors import HOPPER, hopper_flag
from core.wire.cctalk_messages import DispenseCoins, Header, HopperStatus, ask, enable, flags, taken, three_of
from core.wire.device_errors import Means
from core.wire.serial_frames import BadFrame
from drivers.dispenser_cctalk.bus import Ask
from drivers.dispenser_cctalk.settings import Security, Settings

POLL_MS: Final = 100  # a coin takes about as long
SILENT_POLLS: Final = 5  # each of three questions: about five seconds without a word
STALL_MS: Final = 20_000  # hoppers give up by themselves after about 10 s without a coin
STOP_MS: Final = 5_000  # the disc stands still long before, once it was told to stop
PAYOUT_MS: Final = 90_000  # 255 coins at 3 a second, the slowest; then it is told to stop
RESET_MS: Final = 700  # SCH2: 600 ms from power-up to the first answer
LOW, LOW_FITTED = 0x01, 0x10  # of the answer to 217

T = TypeVar("T")
Talk = Generator[Ask | int, Message | None, T]

_BLOCKED, _SHORTED = 5, 8  # opto_blocked_payout, opto_short_payout
_SPOILT: Final = frozenset(range(10, 15))  # checksum_a to _d, power_fail_in_write: the counters are not to be believed
_DISABLED, _PIN = 7, 15
# The published reply of a sound hopper (80 80) has the PIN flag set [?]: it explains a refusal and stops nothing.
_STOPS: Final = frozenset(bit for bit, row in HOPPER.items() if row.means in (Means.REFUSED, Means.DOUBT)) - {_PIN}
_ENDED: Final = frozenset(bit for bit, row in HOPPER.items() if row.means is Means.SHORT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one hopper did with an order."""

    end: End
    exited: Count = NONE
    code: str = ""
    detail: str = ""

    @property
    def hangs(self) -> Count:
        """Coins that left the disc and hang in the exit: none, or perhaps one while anything is in doubt."""
        return Count(0, 1) if self.end is End.DOUBT else NONE


@dataclass(frozen=True, slots=True)
class Standing:
    """How one hopper stands. `status` None: silent. `code` why it would not pay now, or ""."""

    status: HopperStatus | None = None
    flags: frozenset[int] = frozenset()
    low: bool | None = None
    code: str = ""

    @property
    def detail(self) -> str:
        return ",".join(hopper_flag(bit).name for bit in sorted(self.flags))


def flag_code(bit: int) -> str:
    """The catalogue's page of a flag; one no table has gets the page for such."""
    return page_code(Device.HOPPER, bit) if bit in HOPPER else faults.UNLISTED


def stop_of(found: frozenset[int]) -> int | None:
    """The flag for which nothing is paid. One we do not know is one."""
    return min((bit for bit in found if bit in _STOPS or bit not in HOPPER), default=None)


def nothing(code: str, detail: str = "") -> Outcome:
    return Outcome(End.NOTHING, NONE, code, detail)


def doubt(low: int, high: int | None, code: str, detail: str = "") -> Outcome:
    return Outcome(End.DOUBT, Count(low, high), code, detail)


def counted(paid: int, asked: int, code: str) -> Outcome:
    """Exact counts; `code` only when not everything left."""
    if paid == asked:
        return Outcome(End.DONE, Count.exact(paid))
    return Outcome(End.SHORT if paid else End.NOTHING, Count.exact(paid), code)


@dataclass(slots=True)
class Order:
    """An order to one hopper as far as we know. `before` its counters before the order, None when nobody kept them.

    `loose` coins that may fall uncounted when the power goes. `sent` it may have been heard. `accepted` the counter has
    moved, to `event`: what the hopper says is about this order.
    """

    asked: int
    tell: Callable[[int], None]
    loose: int = 0
    before: HopperStatus | None = None
    sent: bool = False
    accepted: bool = False
    event: int = 0
    refused: bool = False
    paid: int = 0

    @property
    def most(self) -> int:
        """More cannot have left, as long as the hopper is sound."""
        return self.asked + self.loose

    def saw(self, status: HopperStatus) -> None:
        if self.paid < status.paid <= self.asked:
            self.paid = status.paid
            self.tell(status.paid)


class Hopper:
    """The conversations with the hopper at `address`."""

    def __init__(self, address: int, settings: Settings) -> None:
        self.address = address
        self._settings = settings

    # -- reading ---------------------------------------------------------------------------------

    def stand(self) -> Talk[Standing]:
        status = yield from self._status()
        found = None if status is None else (yield from self._flags())
        if status is None or found is None:
            return Standing(code=dispenser.SILENT)
        low = None
        if self._settings.level_sensors:
            level = yield from self._data(Header.LEVEL)
            low = bool(level[0] & LOW) if level and level[0] & LOW_FITTED else None
        stop = stop_of(found)
        code = faults.BUSY if status.remaining else "" if stop is None else flag_code(stop)
        return Standing(status, found, low, code)

    def _data(self, header: Header) -> Talk[bytes | None]:
        reply = yield Ask(ask(header, b"", self.address))
        return reply.data if reply is not None and reply.header == Header.REPLY else None

    def _status(self) -> Talk[HopperStatus | None]:
        data = yield from self._data(Header.STATUS)
        try:
            return None if data is None else HopperStatus.of(data)
        except BadFrame:
            return None

    def _sure(self, seen: HopperStatus) -> Talk[bool]:
        """Does the hopper say it again? Counters that decide are read twice: the sum of a frame is blind to bytes that
        change places, so "5 paid, 0 unpaid" and "0 paid, 5 unpaid" have the same."""
        return (yield from self._status()) == seen

    def _flags(self) -> Talk[frozenset[int] | None]:
        data = yield from self._data(Header.TEST)
        return flags(data) if data else None

    # -- paying ----------------------------------------------------------------------------------

    def pay(self, order: Order) -> Talk[Outcome]:
        standing = yield from self.stand()
        if standing.code:
            return nothing(standing.code, standing.detail)
        order.before = standing.status
        refusal = yield from self._prepare()
        if isinstance(refusal, str):
            return nothing(flag_code(_PIN) if _PIN in standing.flags else refusal, refusal)
        order.sent = True
        reply = yield Ask(DispenseCoins(order.asked, refusal).message(self.address), tries=1)
        # The silence after a NAK or a "busy" would prove nothing; the word itself does, together with the counter.
        order.refused = reply is not None and reply.header != Header.REPLY
        return (yield from self._watch(order))

    def _prepare(self) -> Talk[str | int | None]:
        """Everything before the order: a code when the hopper does not go along, else its serial number or None."""
        ready = yield Ask(enable(True, self.address))
        if ready is None or ready.header != Header.REPLY:
            return dispenser.SILENT if ready is None else faults.NOT_TAKEN
        if self._settings.cipher_first and (yield from self._data(Header.CIPHER_KEY)) is None:
            return dispenser.SILENT
        if self._settings.security is Security.NOENCRYPT:
            return None
        data = yield from self._data(Header.SERIAL)
        try:
            return dispenser.SILENT if data is None else three_of(data)
        except BadFrame:
            return dispenser.SILENT

    def _watch(self, order: Order) -> Talk[Outcome]:
        """Poll until the hopper is at rest. Bounded: by silence, by a standstill, and by the whole time."""
        silent = waited = still = 0
        stopped = False
        while silent < SILENT_POLLS:
            seen = yield from self._status()
            if seen is None or not (seen.remaining or (yield from self._sure(seen))):
                silent += 1
                continue
            silent = 0
            verdict = yield from self._verdict(order, seen)
            if verdict is not None:
                return verdict
            if not seen.remaining:
                return (yield from self._settle(order, seen, stopped))
            still = 0 if seen.paid > order.paid else still + POLL_MS
            order.saw(seen)
            if stopped and still >= STOP_MS:
                return doubt(order.paid, order.most, faults.STALLED)
            if not stopped and (still >= STALL_MS or waited >= PAYOUT_MS):
                stopped, still = True, 0
                yield Ask(ask(Header.EMERGENCY_STOP, b"", self.address))
            waited += POLL_MS
            yield POLL_MS
        return doubt(order.paid, order.most, dispenser.REPLY_LOST)

    def _verdict(self, order: Order, seen: HopperStatus) -> Talk[Outcome | None]:
        """Was the order taken? None when it was, or when that is known already."""
        if seen.event == 0:
            return (yield from self._after_power(order, seen))
        if order.accepted:
            same = order.event in (0, seen.event)
            order.event = seen.event
            return None if same else doubt(order.paid, order.most, dispenser.NOT_REMEMBERED)
        assert order.before is not None
        if taken(order.before.event, seen.event):
            order.accepted, order.event = True, seen.event
            return None
        if seen.event == order.before.event and not seen.remaining:
            found = (yield from self._flags()) or frozenset()
            code = min((flag_code(bit) for bit in found if bit in _STOPS | {_DISABLED}), default=faults.NOT_TAKEN)
            return nothing(code)
        return doubt(0, order.most, dispenser.NOT_REMEMBERED)

    def _after_power(self, order: Order, seen: HopperStatus) -> Talk[Outcome]:
        """The hopper was off since: its event counter is 0, its two kept registers say what the last order came to."""
        if order.refused and order.before is not None and order.before.event == 0:
            return nothing(faults.NOT_TAKEN)
        if seen.remaining:
            return doubt(order.paid, order.most, dispenser.SENSELESS)
        found = yield from self._flags()
        if found is None or found & _SPOILT:
            return doubt(order.paid, None, dispenser.REPLY_LOST if found is None else flag_code(min(found & _SPOILT)))
        if seen.paid + seen.unpaid != order.asked or seen.paid < order.paid:
            if order.accepted:
                return doubt(order.paid, order.most, dispenser.SENSELESS)
            return nothing(faults.NOT_TAKEN)
        loose = order.loose if seen.unpaid else 0
        most = seen.paid + loose
        kept = (seen.paid, seen.unpaid)
        if not order.accepted and (order.before is None or kept == (order.before.paid, order.before.unpaid)):
            # An earlier order of just as many coins would have left the same memory.
            return doubt(0, most, dispenser.NOT_REMEMBERED)
        order.saw(seen)
        if loose:
            return doubt(seen.paid, most, faults.POWER)
        return counted(seen.paid, order.asked, faults.POWER)

    def _settle(self, order: Order, seen: HopperStatus, stopped: bool) -> Talk[Outcome]:
        """The hopper is at rest and speaks of our order."""
        if seen.paid + seen.unpaid != order.asked or seen.paid < order.paid:
            return doubt(order.paid, None, dispenser.SENSELESS)
        found = yield from self._flags()
        if found is None:
            return doubt(seen.paid, order.most, dispenser.REPLY_LOST)
        stop = stop_of(found)
        if found & _SPOILT or _SHORTED in found or (stop is not None and stop not in HOPPER):
            # Memory or sensor are not to be believed: not even that no more than asked for has left.
            assert stop is not None
            return doubt(order.paid, None, flag_code(stop))
        order.saw(seen)
        if _BLOCKED in found:
            return doubt(seen.paid, seen.paid + 1, flag_code(_BLOCKED), "one coin may hang in the exit")
        why = min((flag_code(bit) for bit in found & (_ENDED | _STOPS)), default="")
        short = why or (faults.STALLED if stopped else faults.ENDED_EARLY)
        return counted(seen.paid, order.asked, short)

    # -- afterwards ------------------------------------------------------------------------------

    def recall(self, order: Order) -> Talk[Outcome]:
        """What became of an order given by another life of this host. `order.before` from that life, if it was kept."""
        seen = yield from self._status()
        if seen is None or not (seen.remaining or (yield from self._sure(seen))):
            return doubt(0, order.most, dispenser.SILENT)
        if order.before is None:
            if seen.remaining:
                order.accepted = True  # every earlier order had ended before this one was given
            elif seen.paid + seen.unpaid != order.asked:
                return nothing(faults.NOT_TAKEN)
            elif seen.event:
                # It speaks of this order, or of an earlier one of just as many coins.
                ours = yield from self._settle(order, seen, stopped=False)
                return doubt(0, ours.exited.high, dispenser.NOT_REMEMBERED)
        return replace((yield from self._watch(order)), detail="recalled")

    def clear(self) -> Talk[Standing]:
        """Reset: forgets the event counter and the flags, keeps the registers. Payouts are disabled afterwards."""
        yield Ask(ask(Header.RESET, b"", self.address))
        yield RESET_MS
        return (yield from self.stand())
