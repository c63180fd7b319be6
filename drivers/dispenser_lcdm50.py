"""Driver of the Puloon LCDM-1000 and LCDM-2000 (ID 50): note dispensers that remember nothing.

Dispensing is presenting: a note that passes the exit is the customer's. What was not told in the one reply is lost, so
a lost reply, a restart or a power cut leaves an interval; order few notes at a time where that matters. The progress
items of newer firmware narrow it, and its sensors say where to look. Codec and sources: `core.wire.lcdm50`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from core.cash import Count, Mix
from core.dispenser import Bin, Capabilities, Cleared, Moved, Noticed, Pay, PlaceSeen, Progress, Seen
from core.faults import cash
from core.faults import dispenser as faults
from core.settings import limits
from core.wire import lcdm50, lcdm50_errors
from core.wire.device_errors import DeviceError, Means
from core.wire.lcdm50 import (
    Ask,
    Asked,
    BothOrder,
    Command,
    Dialect,
    Dispense,
    Dispensed,
    NoteDelivered,
    NoteRejected,
    Purged,
    StatusReport,
)
from core.wire.lcdm50_sensors import Model, Sensors, Wiring, sensors
from core.wire.serial_frames import Line
from drivers.kit.dispensing import Said, Verdict, doubt, doubt_of_test, judge, judge_test, nothing, over_dispensed
from drivers.kit.puloon_host import PuloonHost, Talk
from drivers.kit.puloon_line import Exchange, Outcome, Over, Refused, Replied, Wire
from drivers.kit.serial_cable import Parity, Port, SerialCable, open_cable

KIND: Final = "dispenser"

STATUS_MS: Final = 3_000  # field practice; the specification gives every reply 60 s
UPPER, LOWER = 1, 2
# Codes after which other or more notes may have left than were counted: the counters contradict one another.
_LOOSE: Final = frozenset((0x34, 0x3A, 0x3C, 0x3D, 0x4B, 0x4F))
_TRAY_MISSING, _UPPER_MISSING, _LOWER_MISSING, _FOREIGN = 0x3F, 0x45, 0x46, 0x4F

_Talk = Talk[Asked, lcdm50.Answer, Moved]


@dataclass(frozen=True, slots=True)
class Settings:
    """`[dispenser]` of an LCDM-1000 or LCDM-2000.

    What the sources leave open is said here: `both_order` how the reply to a two-cassette dispense is ordered,
    `cassette_bit_present` and `tray_bit_present` which way round those sensor bits are; `picked_counts_rejected` CHK =
    EXIT + rejected whenever nothing lies on the path, which the check sum needs: it is blind to two errors at one bit;
    False believes a reply with fewer picked (two notes picked as one and rejected as two). `ack_ms` is the specified
    500 ms and what a USB adapter adds.
    """

    port: str
    baud: int = field(default=9_600, metadata=limits(1_200, 115_200))
    parity: Parity = Parity.NONE
    model: Model = Model.LCDM_1000
    both_order: BothOrder = BothOrder.BY_PLACE
    cassette_bit_present: bool = True
    tray_bit_present: bool = False
    picked_counts_rejected: bool = True
    ack_ms: int = field(default=700, metadata=limits(200, 3_000))
    reply_ms: int = field(default=62_000, metadata=limits(5_000, 70_000))

    @property
    def wiring(self) -> Wiring:
        return Wiring(self.model, self.cassette_bit_present, self.tray_bit_present)


class Host(PuloonHost[Asked, lcdm50.Answer]):
    """The conversations of this dialect. Every order begins with STATUS: on a cable that keeps the order of its bytes
    its reply also proves that nothing of an earlier dispense can still arrive."""

    def __init__(self, settings: Settings) -> None:
        dialect = Dialect(settings.both_order)
        wire = Wire(lambda: lcdm50.reply_reader(dialect), lcdm50.encode, lcdm50.implausible, _is_item, eot_ms=0)
        places = 2 if settings.model is Model.LCDM_2000 else 1
        unit = settings.model.value.upper().replace("LCDM", "LCDM-")
        can = Capabilities(unit, places, lcdm50.NOTES_MAX, lcdm50.NOTES_MAX, recovers=False, tests=True)
        super().__init__(wire, can, settings.ack_ms)
        self._settings = settings

    # -- looking -----------------------------------------------------------------------------------------

    def _look(self) -> Talk[Asked, lcdm50.Answer, Seen]:
        outcome = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        return self._seen(outcome)

    def _seen(self, outcome: Outcome[lcdm50.Answer]) -> Seen:
        match outcome:
            case Replied(StatusReport() as report):
                return self._stands(report, sensors(report, self._settings.wiring))
            case Refused():
                return Seen(False, (), None, None, code=faults.LINE_REFUSED)
        code = faults.WRONG_DIALECT if getattr(outcome, "heard", False) else faults.SILENT
        return Seen(False, (), None, None, code=code)

    def _stands(self, report: StatusReport, now: Sensors) -> Seen:
        row = lcdm50_errors.meaning(report.error)
        places = [PlaceSeen(UPPER, now.upper_present, now.upper_low, _empty(report, 0x38))]
        if self._capabilities.places > 1:
            places.append(PlaceSeen(LOWER, now.lower_present, now.lower_low, _empty(report, 0x40)))
        code = self._trouble(row, now, any(place.present for place in places))
        ready = not code or (row.means in (Means.GOOD, Means.NOTE, Means.SHORT) and code == _page(row))
        return Seen(
            ready and not self._locked,
            tuple(places),
            path_clear=not now.blocked,
            exit_clear="EXIT" not in now.blocked,
            reject_bin=Bin.UNKNOWN if now.tray_present else Bin.MISSING,  # no sensor says whether it is full
            code=faults.LOCKED if self._locked and not code else code,
            detail=" ".join((row.name, *now.blocked)),
        )

    @staticmethod
    def _trouble(row: DeviceError, now: Sensors, cassette: bool) -> str:
        if "EXIT" in now.blocked:
            return faults.EXIT_OCCUPIED
        if now.blocked:
            return faults.PATH_BLOCKED
        if not now.tray_present:
            return cash.page_code(cash.Device.LCDM50, _TRAY_MISSING)
        if not cassette:
            return cash.page_code(cash.Device.LCDM50, _UPPER_MISSING)
        return _page(row)

    def _refuses(self, outcome: Outcome[lcdm50.Answer], mix: Mix) -> str:
        """Why this mix cannot be paid as the machine stands, "" for no reason."""
        seen = self._seen(outcome)
        if not seen.ready:
            return seen.code
        missing = [place.place for place in seen.places if mix.from_place(place.place) and not place.present]
        if missing:
            code = _UPPER_MISSING if missing[0] == UPPER else _LOWER_MISSING
            return cash.page_code(cash.Device.LCDM50, code)
        return ""

    # -- moving ------------------------------------------------------------------------------------------

    def _pay(self, op: str, mix: Mix) -> _Talk:
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        if code := self._refuses(stands, mix):
            return nothing(op, mix, code)
        order = Dispense(mix.from_place(UPPER) or None, mix.from_place(LOWER) or None)
        outcome = yield Exchange(order, self._settings.reply_ms, moves=True)
        match outcome:
            case Replied(Dispensed() as reply):
                return judge(op, self._said(reply, mix), _verdict(reply.error))
            case Over():
                return over_dispensed(op, mix.notes)
            case Refused():
                return nothing(op, mix, faults.LINE_REFUSED)
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        seen = self._seen(stands)
        lost = doubt(op, mix, faults.REPLY_LOST, seen.detail, left=self._proven, over=self._proven > mix.total)
        return _with_one_on_path(lost) if seen.path_clear is False else lost

    def _said(self, reply: Dispensed, mix: Mix) -> tuple[Said, ...]:
        both = ((UPPER, reply.upper), (LOWER, reply.lower))
        said = [
            Said(place, mix.from_place(place), count.exited, count.rejected, self._on_path(count))
            for place, count in both
            if count is not None
        ]
        if reply.error == _FOREIGN:
            said += [Said(place, 0, 0, 0, 0) for place, count in both if count is None]
        return tuple(sorted(said, key=lambda one: one.place))

    def _on_path(self, count: lcdm50.Count) -> int:
        """Below 0: more arrived than was picked, which is no count of a machine that counts what it rejects."""
        if self._settings.picked_counts_rejected:
            return count.picked - count.exited - count.rejected
        return count.on_path

    def _test(self, op: str, place: int) -> _Talk:
        mix = Mix(((place, 1),))
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        if code := self._refuses(stands, mix):
            return nothing(op, mix, code)
        command = Command.TEST_UPPER if place == UPPER else Command.TEST_LOWER
        outcome = yield Exchange(Ask(command), self._settings.reply_ms, moves=True)
        match outcome:
            case Replied(Dispensed() as reply):
                count = reply.upper or reply.lower
                assert count is not None, "the codec gives one of them"
                return judge_test(op, place, max(count.picked, count.rejected), _verdict(reply.error))
            case Over():
                return over_dispensed(op, mix.notes)
            case Refused():
                return nothing(op, mix, faults.LINE_REFUSED)
        return doubt_of_test(op, place, faults.REPLY_LOST)

    def _recall(self, op: str, mix: Mix) -> _Talk:
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        left = self._proven_of(op)
        detail = self._seen(stands).detail
        return doubt(op, mix, faults.NOT_REMEMBERED, detail, left=left, over=left > mix.total)

    def _clear(self) -> Talk[Asked, lcdm50.Answer, Cleared]:
        outcome = yield Exchange(Ask(Command.PURGE), self._settings.reply_ms, moves=True)
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        seen = self._seen(stands)
        match outcome:
            case Replied(Purged(error)):
                row = lcdm50_errors.meaning(error)
                if row.means is Means.GOOD and seen.path_clear:
                    return Cleared(True, detail=seen.detail)
                return Cleared(False, _page(row) or seen.code, seen.detail)
            case Refused():
                return Cleared(False, faults.LINE_REFUSED, seen.detail)
        return Cleared(False, faults.SILENT, seen.detail)

    def _item(self, item: lcdm50.Answer, order: Pay | None) -> None:
        """Progress of newer firmware. Which cassette a note came from is not said: counted only where one pays."""
        match item:
            case NoteDelivered() if order is not None and self._moving and len(order.mix.notes) == 1:
                self._proven += 1
                self._news.append(Progress(order.op, order.mix.notes[0][0], self._proven))
            case NoteRejected(reason):
                row = lcdm50_errors.why_rejected(reason)
                self._news.append(Noticed(cash.page_code(cash.Device.LCDM50_REJECT, row.code), row.name))
            case _:
                pass


def make_host(settings: Settings) -> Host:
    return Host(settings)


def open(settings: Settings) -> SerialCable:
    """The real port. Raises `DriverFault`."""
    return open_cable(Port(settings.port, settings.baud, settings.parity))


def _is_item(event: lcdm50.Answer | Line) -> bool:
    return isinstance(event, NoteDelivered | NoteRejected)


def _page(row: DeviceError) -> str:
    """The code's page, "" for success. A code nobody lists is a reply that makes no sense."""
    if row.means is Means.GOOD:
        return ""
    return cash.page_code(cash.Device.LCDM50, row.code) if row.code in lcdm50_errors.ERRORS else faults.SENSELESS


def _verdict(error: int) -> Verdict:
    row = lcdm50_errors.meaning(error)
    return Verdict(row, _page(row), loose=error in _LOOSE or error not in lcdm50_errors.ERRORS)


def _empty(report: StatusReport, code: int) -> bool | None:
    return True if report.error == code else None


def _with_one_on_path(moved: Moved) -> Moved:
    """The path was clear before, and something lies there now: with one cassette asked, it is from there."""
    if len(moved.parts) != 1:
        return moved
    return replace(moved, parts=(replace(moved.parts[0], on_path=Count(1, None)),))
