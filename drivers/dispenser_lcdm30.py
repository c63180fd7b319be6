"""Driver of the Puloon LCDM-4000 (ID 30): a note dispenser that can be asked what its last command came to.

LAST STATUS (55) says what the last command was and what left, but not for whom: the answer to a payment must never be
taken for the answer to the next. So the memory is made empty (RESET) as soon as a payment's counts are exact, before
the answer is given: whatever dispense is remembered afterwards is the one ordered since. In the old form of DISPENSE a
serial made from the order's name travels along and is read back. Where a machine does not forget, what it remembers is
believed only if it changed while we watched. Codec and sources: `core.wire.lcdm30`.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.cash import Mix
from core.dispenser import Bin, Capabilities, Cleared, End, Moved, Noticed, Pay, PlaceSeen, Seen
from core.faults import cash
from core.faults import dispenser as faults
from core.settings import limits
from core.wire import lcdm30, lcdm30_errors
from core.wire.device_errors import DeviceError, Means
from core.wire.lcdm30_messages import (
    Ask,
    Asked,
    Command,
    Dialect,
    Dispense,
    Dispensed,
    Done,
    Reply,
    Serial,
    StatusReport,
)
from core.wire.serial_frames import Line
from drivers.kit.dispensing import Said, Verdict, doubt, doubt_of_test, judge, judge_test, nothing, over_dispensed
from drivers.kit.puloon_host import PuloonHost, Talk
from drivers.kit.puloon_line import Exchange, Outcome, Over, Refused, Replied, Wire
from drivers.kit.serial_cable import Parity, Port, SerialCable, open_cable

KIND: Final = "dispenser"

STATUS_MS: Final = 3_000  # field practice of reads
RESET_MS: Final = 2_500  # field practice: one driver waits 2 s without a reply
EOT_MS: Final = 100  # an EOT follows our ACK at once, or never comes
SERIALS: Final = 200  # below the 223 a byte has room for
# Codes after which other or more notes may have left than were counted.
_LOOSE: Final = frozenset((0x06, 0x07, 0x08, 0x0C, 0x29, 0x40, 0x41, 0x42, 0x43))
_NO_CASSETTE, _TRAY_MISSING, _BAD_COMMAND = 0x24, 0x26, 0x30
_PATH: Final = ("DVTL", "DVTR", "EJT", "EXIT")
_PAYING: Final = (Command.DISPENSE, Command.TEST)

_Talk = Talk[Asked, Reply, Moved]


class Form(Enum):
    """How DISPENSE is written: with four cassettes and a timeout, or with two and a serial."""

    NEW = "new"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Settings:
    """`[dispenser]` of an LCDM-4000.

    What the sources leave open is said here: `parity`; `form`; `status_sizes` whole lengths of a STATUS reply;
    `bits_offset` bit fields carry + 20h; `tray_bit_present` a set RJT bit means the tray is there; `reset_forgets`
    RESET empties LAST STATUS. How many replies RESET brings (0 to 2), stray FF, a missing EOT and whether LAST STATUS
    outlives the dispenser's power need no setting: both ways are understood.
    """

    port: str
    baud: int = field(default=9_600, metadata=limits(1_200, 115_200))
    parity: Parity = Parity.NONE
    places: int = field(default=4, metadata=limits(1, 4))
    form: Form = Form.NEW
    status_sizes: tuple[int, ...] = (24, 25)
    bits_offset: bool = True
    tray_bit_present: bool = False
    reset_forgets: bool = True
    ack_ms: int = field(default=750, metadata=limits(200, 3_000))
    reply_ms: int = field(default=60_000, metadata=limits(5_000, 70_000))

    def __post_init__(self) -> None:
        if self.form is Form.OLD and self.places > lcdm30.OLD_PLACES:
            raise ValueError("form: the old form names two cassettes; set places = 2 or less")


class Host(PuloonHost[Asked, Reply]):
    """The conversations of this dialect."""

    def __init__(self, settings: Settings) -> None:
        dialect = Dialect(tuple(sorted(settings.status_sizes)), settings.bits_offset)
        wire = Wire(lambda: lcdm30.reply_reader(dialect), lcdm30.encode, lcdm30.implausible, _is_item, eot_ms=EOT_MS)
        can = Capabilities("LCDM-4000", settings.places, lcdm30.NOTES_MAX, lcdm30.NOTES_MAX, recovers=True, tests=True)
        super().__init__(wire, can, settings.ack_ms)
        self._settings = settings
        self._kinds: tuple[int, ...] = ()  # the cassettes' own identities when this movement began
        self._before: tuple[str, Dispensed | None] = ("", None)  # movement, and what was remembered before it
        self._stale = False  # what the device remembers was told already, and it must forget it before it pays
        self._untold = False  # it remembers a movement nobody has asked about: kept until `Recall` or `Clear`
        self._checked = False  # its memory was looked at since this host began

    # -- looking -----------------------------------------------------------------------------------------

    def _look(self) -> Talk[Asked, Reply, Seen]:
        outcome = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        seen = self._seen(outcome)
        if seen.path_clear is None or not self._settings.reset_forgets:
            return seen
        if self._stale and seen.path_clear and not self._locked:
            yield from self._forget()
        elif not self._checked:
            last = yield from self._last()
            self._checked = last is not None
            self._untold = last is not None and last.last in _PAYING
        return self._seen(outcome)

    def _seen(self, outcome: Outcome[Reply]) -> Seen:
        match outcome:
            case Replied(StatusReport() as report):
                return self._stands(report)
            case Refused():
                return Seen(False, (), None, None, code=faults.LINE_REFUSED)
        code = faults.WRONG_DIALECT if getattr(outcome, "heard", False) else faults.SILENT
        return Seen(False, (), None, None, code=code)

    def _stands(self, report: StatusReport) -> Seen:
        row = lcdm30_errors.meaning(report.error)
        blocked = [name for name in report.active if name in _PATH]
        for number, place in enumerate(report.places, 1):
            blocked += [f"CHK{number}{side}" for side, on in (("L", place.check_left), ("R", place.check_right)) if on]
        tray = ("RJT" in report.active) is self._settings.tray_bit_present
        places = tuple(
            PlaceSeen(number, place.present, place.low, label=_label(place.kind))
            for number, place in enumerate(report.places[: self._settings.places], 1)
        )
        code = ""
        if blocked:
            code = faults.EXIT_OCCUPIED if "EXIT" in blocked else faults.PATH_BLOCKED
        elif not tray:
            code = cash.page_code(cash.Device.LCDM30, _TRAY_MISSING)
        elif not any(place.present for place in places):
            code = cash.page_code(cash.Device.LCDM30, _NO_CASSETTE)
        elif self._locked or self._stale or self._untold:
            code = faults.LOCKED if self._locked else faults.MEMORY_HELD
        harmless = row.means in (Means.GOOD, Means.NOTE, Means.SHORT)
        return Seen(
            ready=not code and harmless,
            places=places,
            path_clear=not blocked,
            exit_clear="EXIT" not in blocked,
            reject_bin=Bin.UNKNOWN if tray else Bin.MISSING,
            code=code or _page(row),
            detail=" ".join((row.name, *blocked)),
        )

    # -- before and after a movement ---------------------------------------------------------------------

    def _prepare(self, op: str, mix: Mix) -> Talk[Asked, Reply, Moved | None]:
        """Why nothing may be moved now, or None. Sees which cassettes stand where and what is remembered."""
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        seen = self._seen(stands)
        if not seen.ready:
            return nothing(op, mix, seen.code, seen.detail)
        assert isinstance(stands, Replied)
        assert isinstance(stands.reply, StatusReport)
        self._kinds = tuple(place.kind for place in stands.reply.places)
        if any(mix.from_place(place.place) and not place.present for place in seen.places):
            return nothing(op, mix, faults.CASSETTE_MISSING)
        last = yield from self._last()
        self._before = (op, last)
        if last is None:
            return nothing(op, mix, faults.SILENT, "LAST STATUS")
        if self._settings.form is Form.OLD and not self._settings.reset_forgets:
            # Two orders with one serial could not be told apart after a restart: the caller orders under a new name.
            number = yield Exchange(Ask(Command.GET_SERIAL), STATUS_MS)
            if not (isinstance(number, Replied) and isinstance(number.reply, Serial)):
                return nothing(op, mix, faults.SILENT, "GET SERIAL")
            return nothing(op, mix, faults.MEMORY_HELD) if number.reply.serial == serial_of(op) else None
        if self._settings.reset_forgets and last.last in _PAYING:
            self._untold = True
            return nothing(op, mix, faults.MEMORY_HELD)
        return None

    def _last(self) -> Talk[Asked, Reply, Dispensed | None]:
        outcome = yield Exchange(Ask(Command.LAST_STATUS), STATUS_MS)
        match outcome:
            case Replied(Dispensed() as reply):
                return reply
        return None

    def _forget(self) -> Talk[Asked, Reply, None]:
        """Its result is known and exact: make the device's memory empty, and see that it is."""
        self._stale = self._settings.reset_forgets
        if not self._stale:
            return
        yield Exchange(Ask(Command.RESET), RESET_MS, moves=True)
        last = yield from self._last()
        self._stale = last is None or last.last in _PAYING
        if self._stale:
            self._news.append(Noticed(faults.MEMORY_HELD))

    # -- moving ------------------------------------------------------------------------------------------

    def _pay(self, op: str, mix: Mix) -> _Talk:
        refused = yield from self._prepare(op, mix)
        if refused is not None:
            return refused
        counts = tuple(mix.from_place(place) for place in range(1, lcdm30.PLACES + 1))
        serial = serial_of(op) if self._settings.form is Form.OLD else None
        outcome = yield Exchange(Dispense(counts, serial=serial), self._settings.reply_ms, moves=True)
        match outcome:
            case Replied(Dispensed() as reply):
                self._known = yield from self._read_twice(op, mix, reply)
            case Over(Dispensed() as reply):
                return _over(op, mix, reply)
            case Refused():
                return nothing(op, mix, faults.LINE_REFUSED)
            case _:
                self._known = yield from self._remembered(op, mix, faults.REPLY_LOST)
        moved = self._known
        if moved.end is not End.DOUBT:
            yield from self._forget()
        return moved

    def _read_twice(self, op: str, mix: Mix, reply: Dispensed) -> _Talk:
        """The check sum is blind to two errors at one bit; LAST STATUS says the same counts once more."""
        last = yield from self._last()
        if last is None or last.last != Command.DISPENSE or (last.error, last.paid) == (reply.error, reply.paid):
            return self._judged(op, mix, reply)
        again = yield from self._last()
        if again is not None and (again.error, again.paid) == (reply.error, reply.paid):
            return self._judged(op, mix, reply)
        if again == last and not _more(mix, last):
            return self._judged(op, mix, last)
        return over_dispensed(op, mix.notes, faults.SENSELESS)

    def _judged(self, op: str, mix: Mix, reply: Dispensed) -> Moved:
        """What the counts of `reply` come to, whether it came at once or was remembered."""
        said = tuple(
            Said(place, mix.from_place(place), paid.exited, paid.rejected)
            for place, paid in enumerate(reply.paid, 1)
            if mix.from_place(place) or paid.rejected or place == _foreign(reply.error)
        )
        for place, paid in enumerate(reply.paid, 1):
            if mix.from_place(place) and self._kinds and paid.kind != self._kinds[place - 1]:
                return doubt(op, mix, faults.CASSETTE_CHANGED, f"place {place}: {_label(paid.kind)}", over=True)
        return judge(op, said, _verdict(reply.error))

    def _test(self, op: str, place: int) -> _Talk:
        mix = Mix(((place, 1),))
        refused = yield from self._prepare(op, mix)
        if refused is not None:
            return refused
        counts = tuple(int(at == place) for at in range(1, lcdm30.PLACES + 1))
        serial = serial_of(op) if self._settings.form is Form.OLD else None
        outcome = yield Exchange(Dispense(counts, serial=serial, test=True), self._settings.reply_ms, moves=True)
        match outcome:
            case Replied(Dispensed() as reply):
                self._known = judge_test(op, place, reply.paid[place - 1].rejected, _verdict(reply.error))
            case Over(Dispensed() as reply):
                return _over(op, mix, reply)
            case Refused():
                return nothing(op, mix, faults.LINE_REFUSED)
            case _:
                return doubt_of_test(op, place, faults.REPLY_LOST)
        moved = self._known
        if moved.end is not End.DOUBT:
            yield from self._forget()
        return moved

    # -- remembering -------------------------------------------------------------------------------------

    def _recall(self, op: str, mix: Mix) -> _Talk:
        moved = yield from self._remembered(op, mix, faults.NOT_REMEMBERED)
        self._untold, self._checked = False, True
        # Known and told now: the next look may make the device forget it.
        self._stale = self._stale or (moved.end is not End.DOUBT and self._settings.reset_forgets)
        return moved

    def _remembered(self, op: str, mix: Mix, code: str) -> _Talk:
        """What LAST STATUS proves about `op`. It is asked before anything else is."""
        last = yield from self._last()
        if last is None:
            return doubt(op, mix, code, "LAST STATUS is silent")
        if last.last == Command.DISPENSE:
            ours = yield from self._is_ours(op, last)
            if not ours:
                return doubt(op, mix, code, "LAST STATUS may be of another movement")
            if _more(mix, last):
                return _over(op, mix, last)
            return self._judged(op, mix, last)
        # Not even our own RESET found there would prove that nothing left: it follows a payment as it precedes one.
        return doubt(op, mix, code, "LAST STATUS knows of no dispense")

    def _is_ours(self, op: str, last: Dispensed) -> Talk[Asked, Reply, bool]:
        before, remembered = self._before
        if before == op:  # we watched: nothing but this movement can have changed it
            seen = (last.last, last.error, last.paid)
            if remembered is None or (remembered.last, remembered.error, remembered.paid) == seen:
                return False
        if self._settings.form is Form.OLD:
            number = yield Exchange(Ask(Command.GET_SERIAL), STATUS_MS)
            return (
                isinstance(number, Replied)
                and isinstance(number.reply, Serial)
                and number.reply.serial == serial_of(op)
            )
        return before == op or self._settings.reset_forgets

    # -- clearing ----------------------------------------------------------------------------------------

    def _clear(self) -> Talk[Asked, Reply, Cleared]:
        outcome = yield Exchange(Ask(Command.PURGE), self._settings.reply_ms, moves=True)
        self._stale = self._untold = False
        last = yield from self._last()
        if self._settings.reset_forgets and (last is None or last.last in _PAYING):
            yield from self._forget()
        stands = yield Exchange(Ask(Command.STATUS), STATUS_MS)
        seen = self._seen(stands)
        match outcome:
            case Replied(Done(_, error)):
                row = lcdm30_errors.meaning(error)
                if row.means is Means.GOOD and seen.path_clear:
                    return Cleared(True, detail=seen.detail)
                return Cleared(False, _page(row) or seen.code, seen.detail)
            case Refused():
                return Cleared(False, faults.LINE_REFUSED, seen.detail)
        return Cleared(False, faults.SILENT, seen.detail)

    def _item(self, item: Reply, order: Pay | None) -> None:
        """This dialect says nothing unasked."""


def _over(op: str, mix: Mix, reply: Dispensed) -> Moved:
    """More left than was asked for, perhaps of a place that was not asked at all."""
    places = {place for place, _ in mix.notes} | {place for place, paid in enumerate(reply.paid, 1) if paid.exited}
    return over_dispensed(op, [(place, mix.from_place(place)) for place in sorted(places)])


def _more(mix: Mix, reply: Dispensed) -> bool:
    return any(paid.exited > mix.from_place(place) for place, paid in enumerate(reply.paid, 1))


def serial_of(op: str) -> int:
    """The serial of the old form, made from the movement's name: after a restart it can be made again."""
    return 1 + crc32(op.encode("utf-8")) % SERIALS


def make_host(settings: Settings) -> Host:
    return Host(settings)


def open(settings: Settings) -> SerialCable:
    """The real port. Raises `DriverFault`."""
    return open_cable(Port(settings.port, settings.baud, settings.parity))


def _is_item(event: Reply | Line) -> bool:
    return False


def _label(kind: int) -> str:
    return "" if kind == 0x30 else f"{kind:02X}"


def _page(row: DeviceError) -> str:
    """The code's page, "" for success. A code nobody lists is a reply that makes no sense."""
    if row.means is Means.GOOD:
        return ""
    if row.code == _BAD_COMMAND:
        return faults.WRONG_DIALECT
    return cash.page_code(cash.Device.LCDM30, row.code) if row.code in lcdm30_errors.ERRORS else faults.SENSELESS


def _verdict(error: int) -> Verdict:
    row = lcdm30_errors.meaning(error)
    return Verdict(row, _page(row), loose=error in _LOOSE or error not in lcdm30_errors.ERRORS)


def _foreign(error: int) -> int:
    """The place whose note was seen while another was paying, 0 for none."""
    return error - 0x3F if 0x40 <= error <= 0x43 else 0
