"""A Puloon LCDM-4000 (ID 30) in front of real notes: the far end of `drivers.dispenser_lcdm30`.

It remembers its last command. What the sources leave open is `Habits`. Every code of its table is a trouble by its
name there; `unlisted` is a code no table has. Sources as in `core.wire.lcdm30`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final

from core.wire import lcdm30, lcdm30_errors
from core.wire.device_errors import Means
from core.wire.lcdm30_messages import (
    AS_KNOWN,
    BASE,
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
from sim.peers.cash_box import CashBox
from sim.peers.note_feeder import Effect, Movement, Trouble
from sim.peers.puloon import PACE, Pace, PuloonPeer

GOOD, PICKUP, PURGE, NO_CASSETTE, TRAY, BAD_COMMAND = 0x00, 0x01, 0x0E, 0x24, 0x26, 0x30
UNLISTED: Final = 0x4F
RESET_MS: Final = 1_200
_NONE: Final = Dispensed(Command.LAST_STATUS, GOOD, (Paid(0, 0),) * lcdm30.PLACES, last=BASE)
_SENSORS: Final[Mapping[str, str]] = {
    "jam_chk_dvt": "CHKL", "jam_dvt_ejt": "DVTL", "jam_ejt_exit": "EJT", "note_in_exit": "EXIT", "too_long_ejt": "EJT",
    "too_long_exit": "EXIT",
}  # fmt: skip
_EFFECTS: Final[Mapping[str, Effect]] = {
    "suspect_ejected": Effect.EXTRA_UNCOUNTED,
    "count_mismatch": Effect.EXTRA_UNCOUNTED,
    "reject_passed": Effect.EXTRA_UNCOUNTED,
    "too_many_dispensed": Effect.EXTRA_UNCOUNTED,
    "more_than_asked": Effect.EXTRA_COUNTED,
    "too_many_rejects": Effect.REJECT_MANY,
}
_BY_MEANS: Final[Mapping[Means, Effect]] = {
    Means.REFUSED: Effect.REFUSE,
    Means.SHORT: Effect.STOP,
    Means.DOUBT: Effect.JAM,
}


@dataclass(frozen=True, slots=True)
class Habits:
    """`keeps_last` LAST STATUS outlives the power; `reset_forgets` RESET empties it; `reset_replies` 0 to 2;
    `says_eot` an exchange ends with EOT; `tray_bit_present` a set RJT bit means the tray is there."""

    keeps_last: bool = False
    reset_forgets: bool = True
    reset_replies: int = 1
    says_eot: bool = True
    tray_bit_present: bool = False


HABITS: Final = Habits()


@cache
def troubles() -> Mapping[str, Trouble]:
    """Every code of the table as a trouble."""
    found = {}
    for row in lcdm30_errors.ERRORS.values():
        if row.means not in _BY_MEANS:
            continue
        effect, place = _EFFECTS.get(row.name, _BY_MEANS[row.means]), 0
        if row.name.startswith("note_from_cassette_"):
            effect, place = Effect.FOREIGN, row.code - 0x3F
        found[row.name] = Trouble(effect, row.code, _SENSORS.get(row.name, ""), place)
    found["unlisted"] = Trouble(Effect.JAM, UNLISTED)
    return MappingProxyType(found)


class Lcdm30Peer(PuloonPeer[Asked]):
    def __init__(
        self,
        box: CashBox,
        dialect: Dialect = AS_KNOWN,
        habits: Habits = HABITS,
        pace: Pace = PACE,
    ) -> None:
        super().__init__(box, lcdm30.command_reader, GOOD, pace)
        self._dialect = dialect
        self._habits = habits
        self._last = _NONE
        self._running: Movement | None = None
        self._serial = 0
        self._slits: tuple[int, ...] = (0,) * lcdm30.PLACES
        self.swapped: dict[int, int] = {}  # place -> another cassette's identity

    @property
    def faults(self) -> Iterable[str]:
        return (*super().faults, "cassette_swapped")

    def fault(self, name: str, after: int = 0) -> None:
        if name == "cassette_swapped":
            self.swapped[1] = 0x34
        else:
            super().fault(name, after)

    def heal(self) -> None:
        super().heal()
        self.swapped.clear()

    def _troubles(self) -> Mapping[str, Trouble]:
        return troubles()

    def _moves(self, asked: Asked) -> bool:
        return isinstance(asked, Dispense)

    def _empty_code(self, place: int) -> int:
        return PICKUP

    def _acknowledged(self) -> None:
        if self._habits.says_eot:
            self._say_eot()

    def _forget(self) -> None:
        if not self._habits.keeps_last:
            self._last, self._serial = _NONE, 0
        elif self._running is not None:
            self._remember(Command.DISPENSE, GOOD, self._paid(self._running))
        self._running = None

    # -- commands ----------------------------------------------------------------------------------------

    def _obey(self, asked: Asked) -> None:
        match asked:
            case Dispense(counts, _, serial, test):
                self._run(counts, serial, test)
            case Ask(Command.STATUS):
                self._reply_with(self._status())
            case Ask(Command.LAST_STATUS):
                self._reply_with(self._last)
            case Ask(Command.PURGE):
                self._later(self.pace.purge_ms, lambda at: self._purged())
            case Ask(Command.RESET):
                self._reset()
            case Ask(Command.GET_SERIAL):
                self._reply_with(Serial(GOOD, self._serial))
            case Ask(Command.GET_LENGTHS):
                self._reply_with(Lengths(GOOD, self._slits))
            case SetLengths(slits):
                self._slits = slits
                self._reply_with(Done(Command.SET_LENGTHS, GOOD))
            case Ask(command):
                self._reply_with(Unknown(bytes([command, BASE + GOOD])))
            case _:
                self._reply_with(Unknown(bytes([asked.body[0], BASE + BAD_COMMAND])))

    def _reset(self) -> None:
        """Its replies, where there are any, come before and after the motor moves."""
        if self._habits.reset_forgets:
            self._remember(Command.RESET, GOOD, (Paid(0, 0),) * lcdm30.PLACES)
        frame = lcdm30.encode_reply(Done(Command.RESET, GOOD), self._dialect)
        if self._habits.reset_replies > 1:
            self._later(self.pace.reply_ms, lambda at: self._out.append(frame))
        if self._habits.reset_replies:
            self._later(RESET_MS, lambda at: self._answer(frame))
        else:
            self._later(RESET_MS, lambda at: self._free())

    def _free(self) -> None:
        self._busy = False

    def _purged(self) -> None:
        error = GOOD if self._clear_path() else PURGE
        self._remember(Command.PURGE, error, (Paid(0, 0),) * lcdm30.PLACES)
        self._reply_with(Done(Command.PURGE, error))

    def _status(self) -> StatusReport:
        blocked = self.blocked("DVTL")
        active = [name for name in blocked if not name.startswith("CHK")]
        if self.tray is self._habits.tray_bit_present:
            active.append("RJT")
        places = tuple(
            Place(
                check_left="CHKL" in blocked and place == 1,
                present=self._present(place),
                low=place in self.low,
                kind=self._kind(place),
            )
            for place in range(1, lcdm30.PLACES + 1)
        )
        return StatusReport(GOOD, tuple(active), places)

    def _present(self, place: int) -> bool:
        return place in self.box.faces and place not in self.out

    def _kind(self, place: int) -> int:
        return self.swapped.get(place, 0x30 + place) if self._present(place) else 0x30

    # -- movements ---------------------------------------------------------------------------------------

    def _run(self, counts: tuple[int, ...], serial: int | None, test: bool) -> None:
        command = Command.TEST if test else Command.DISPENSE
        if serial is not None:
            self._serial = serial
        asked = {place: count for place, count in enumerate(counts, 1) if count}
        error = TRAY if not self.tray else 0
        if not error and not all(self._present(place) for place in asked):
            error = NO_CASSETTE
        if error:
            self._ended(command, (Paid(0, 0),) * lcdm30.PLACES, error)
            return

        def done(movement: Movement, code: int) -> None:
            self._running = None
            self._ended(command, self._paid(movement), code)

        self._move(asked, done, test=test)
        self._running = self._feeder.movement

    def _paid(self, movement: Movement) -> tuple[Paid, ...]:
        paid = []
        for place in range(1, lcdm30.PLACES + 1):
            tally = movement.tallies.get(place)
            counts = (tally.exited, tally.rejected) if tally else (0, 0)
            paid.append(Paid(*counts, self._kind(place)))
        return tuple(paid)

    def _ended(self, command: Command, paid: tuple[Paid, ...], error: int) -> None:
        self._remember(command, error, paid)
        reply = Dispensed(command, error, paid)
        self._answer(lcdm30.encode_reply(reply, self._dialect), moved=True)

    def _remember(self, command: Command, error: int, paid: tuple[Paid, ...]) -> None:
        self._last = replace(_NONE, error=error, paid=paid, last=command)

    def _reply_with(self, reply: Reply) -> None:
        self._answer(lcdm30.encode_reply(reply, self._dialect))
