"""A Puloon LCDM-1000 or LCDM-2000 (ID 50) in front of real notes: the far end of `drivers.dispenser_lcdm50`.

It remembers nothing. Every code of its table is a trouble by its name there; the reasons of single rejected notes are
`rejected_<name>`; `unlisted` is a code no table has. Sources as in `core.wire.lcdm50`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from core.wire import lcdm50, lcdm50_errors
from core.wire.device_errors import Means
from core.wire.lcdm50 import Ask, Asked, Command, Count, Dialect, Dispense, Dispensed, Purged, Rom, StatusReport
from core.wire.lcdm50_sensors import Model, Sensors, Wiring, sensor_bytes
from sim.peers.cash_box import CashBox
from sim.peers.note_feeder import Effect, Movement, Trouble
from sim.peers.puloon import PACE, Pace, PuloonPeer

UPPER, LOWER = 1, 2
GOOD, STOPPED = 0x30, 0x31
UNDEFINED, BAD_COUNT, TRAY, UPPER_OUT, LOWER_OUT, PURGE = 0x37, 0x3B, 0x3F, 0x45, 0x46, 0x4E
UNLISTED: Final = 0x5A
_SENSORS: Final[Mapping[str, str]] = {
    "jam_chk": "CHK1", "jam_exit": "EXIT", "jam_div": "DIV1", "jam_div_2": "DIV2", "jam_ejt": "EJT",
    "jam_chk34": "CHK3", "timeout_div_ejt": "EJT", "timeout_chk_div": "DIV1",
}  # fmt: skip
_EFFECTS: Final[Mapping[str, Effect]] = {
    "over_reject": Effect.REJECT_MANY,
    "overflow": Effect.EXTRA_COUNTED,
    "counting_chk34_div": Effect.EXTRA_UNCOUNTED,
    "counting_div_ejt": Effect.EXTRA_UNCOUNTED,
    "counting_ejt_exit": Effect.EXTRA_UNCOUNTED,
    "count_differs": Effect.EXTRA_UNCOUNTED,
    "foreign_note": Effect.FOREIGN,
}
_BY_MEANS: Final[Mapping[Means, Effect]] = {
    Means.REFUSED: Effect.REFUSE,
    Means.SHORT: Effect.STOP,
    Means.DOUBT: Effect.JAM,
}


@cache
def troubles() -> Mapping[str, Trouble]:
    """Every code of the table as a trouble."""
    found = {
        row.name: Trouble(_EFFECTS.get(row.name, _BY_MEANS[row.means]), row.code, _SENSORS.get(row.name, ""))
        for row in lcdm50_errors.ERRORS.values()
        if row.means in _BY_MEANS
    }
    for row in lcdm50_errors.REJECTED.values():
        found[f"rejected_{row.name}"] = Trouble(Effect.REJECT_ONE, 0, reason=row.code)
    found["normal_stop"] = Trouble(Effect.REJECT_ONE, 0, reason=0x38)
    found["unlisted"] = Trouble(Effect.JAM, UNLISTED)
    return MappingProxyType(found)


class Lcdm50Peer(PuloonPeer[Asked]):
    """`items` it sends 01 8D and 01 9C items, as newer LCDM-2000 firmware does. `good` the code it means success by."""

    def __init__(
        self,
        box: CashBox,
        wiring: Wiring | None = None,
        dialect: Dialect = lcdm50.AS_SPECIFIED,
        *,
        items: bool = False,
        good: int = GOOD,
        pace: Pace = PACE,
    ) -> None:
        super().__init__(box, lcdm50.command_reader, good, pace)
        self._wiring = wiring or Wiring(Model.LCDM_2000 if LOWER in box.faces else Model.LCDM_1000)
        self._dialect = dialect
        self._items = items

    def _troubles(self) -> Mapping[str, Trouble]:
        return troubles()

    def _moves(self, asked: Asked) -> bool:
        match asked:
            case Dispense():
                return True
            case Ask(command):
                return command in (Command.TEST_UPPER, Command.TEST_LOWER)
        return False

    def _empty_code(self, place: int) -> int:
        return 0x38 if place == UPPER else 0x40

    def _obey(self, asked: Asked) -> None:
        match asked:
            case Ask(Command.STATUS):
                first, second = sensor_bytes(self._seen(), self._wiring)
                self._reply_with(StatusReport(GOOD, first, second))
            case Ask(Command.ROM_VERSION):
                self._reply_with(Rom("O16T", "AD2C"))
            case Ask(Command.PURGE):
                self._later(self.pace.purge_ms, lambda at: self._purged())
            case Ask(command):
                place = UPPER if command == Command.TEST_UPPER else LOWER
                self._run(command, {place: 1}, test=True)
            case Dispense(upper, lower):
                asked_of = {place: count for place, count in ((UPPER, upper), (LOWER, lower)) if count is not None}
                command = Command.DISPENSE_LOWER if upper is None else Command.DISPENSE_UPPER
                if len(asked_of) == 2:
                    command = Command.DISPENSE_BOTH
                self._run(command, asked_of)
            case _:
                self._reply_with(Purged(UNDEFINED))

    def _seen(self) -> Sensors:
        return Sensors(
            self.blocked("DIV1"),
            tray_present=self.tray,
            upper_present=UPPER not in self.out and UPPER in self.box.faces,
            upper_low=UPPER in self.low,
            lower_present=LOWER not in self.out and LOWER in self.box.faces,
            lower_low=LOWER in self.low,
        )

    def _purged(self) -> None:
        self._reply_with(Purged(GOOD if self._clear_path() else PURGE))

    def _run(self, command: Command, asked: Mapping[int, int], *, test: bool = False) -> None:
        error = self._refused(asked)
        if error:
            self._ended(command, {place: Count(0, 0, 0) for place in asked}, error)
            return

        def done(movement: Movement, code: int) -> None:
            counts = {
                place: Count(min(99, tally.picked), tally.exited, tally.rejected, place in self.low)
                for place, tally in movement.tallies.items()
            }
            self._ended(command, counts, code)

        self._move(asked, done, test=test)

    def _refused(self, asked: Mapping[int, int]) -> int:
        if not self.tray:
            return TRAY
        if missing := [place for place in asked if place in self.out or place not in self.box.faces]:
            return UPPER_OUT if missing[0] == UPPER else LOWER_OUT
        return BAD_COUNT if not 1 <= sum(asked.values()) <= lcdm50.NOTES_MAX else 0

    def _ended(self, command: Command, counts: Mapping[int, Count], error: int) -> None:
        reply = Dispensed(command, error, counts.get(UPPER), counts.get(LOWER))
        self._answer(lcdm50.encode_reply(reply, self._dialect), moved=True)

    def _reply_with(self, reply: lcdm50.Reply) -> None:
        self._answer(lcdm50.encode_reply(reply, self._dialect))

    def _delivered(self) -> None:
        if self._items:
            self._out.append(lcdm50.encode_reply(lcdm50.NoteDelivered(0x30)))

    def _rejected(self, reason: int) -> None:
        if self._items and reason:
            self._out.append(lcdm50.encode_reply(lcdm50.NoteRejected(reason)))
