"""The inside of an F53 or F56: cassettes, the path with its pool, the exit, and what it remembers.

Notes are counted into the pool one by one and then brought to the exit together. What no source says is an option of
`Build` and tried both ways. Nothing but the mark "power failed while counting" (FD) outlives a loss of power.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.wire.device_errors import Means
from core.wire.f56_errors import ERRORS
from core.wire.f56_messages import Answer, CassetteRegister, Class, Detail, Enhanced, Undefined
from sim.peers.cash_box import CashBox, Note, Spot

STATUS_MS: Final = 50
NOTE_MS: Final = 150
DELIVER_MS: Final = 1_200
INIT_MS: Final = 6_000
NOT_INITIALISED, POWER_FAILED, NOT_AVAILABLE = 0xE1, 0xFD, 0xFC
BY_NAME: Final = {row.name: row for row in ERRORS.values() if row.means is not Means.GOOD}
PHYSICAL: Final = frozenset({"empty", "power_cut", "power_dip", "double_pick", "digits_unreadable"})
# Only a technician mends these; an init meets them again.
_STICKS: Final = ("shutter", "reject", "overcurrent", "sensor", "cassette_1_missing", "cassette_2_missing",
                  "cassette_3_missing", "cassette_4_missing")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Build:
    """`pool_keeps` after an error the counted notes stay inside instead of coming out. `init_to` where an init brings
    what lies inside. `path_bits` the sensor bits a note inside sets. `low_at` notes left when a cassette says so."""

    enhanced: bool = False
    pool_keeps: bool = False
    init_to: Spot = Spot.REJECT
    path_bits: bytes = bytes(6)
    low_at: int = 30


class Mechanism:
    """One command at a time; `done` gets its reply. `strikes` says which trouble comes after so many notes."""

    def __init__(self, box: CashBox, build: Build, strikes: Callable[[int], str | None]) -> None:
        self.box, self.build = box, build
        self._strikes = strikes
        self.places = 8 if build.enhanced else 4
        self.counts_run = 0  # counts begun in all its life: no order may count twice
        self._power_mark = False
        self._sticks = 0
        self._forget()

    def _forget(self) -> None:
        self.ready = False
        self.error = NOT_INITIALISED
        self.next_ms: int | None = None
        self.reply: Answer | Undefined | None = None
        self._asked: list[int] = []
        self._inside: list[Note] = []
        self._job = ""
        self._unreadable = False

    def power_off(self) -> None:
        self._power_mark = self._power_mark or self._job in ("count", "deliver")
        self._forget()
        if self._power_mark:
            self.error = POWER_FAILED

    def heal(self) -> None:
        self._sticks = 0
        self._power_mark = False
        self.box.remove(Spot.PATH)
        self.box.remove(Spot.REJECT)
        self.error, self.ready = NOT_INITIALISED, False

    # -- commands ----------------------------------------------------------------------------------

    def status(self, now_ms: int) -> None:
        self._job, self.next_ms = "status", now_ms + STATUS_MS

    def init(self, now_ms: int) -> None:
        self._job, self.next_ms = "init", now_ms + INIT_MS

    def count(self, counts: tuple[int, ...], now_ms: int) -> None:
        self._asked = [*counts, *[0] * self.places][: self.places]
        self.dispensed, self.rejected = [0] * self.places, [0] * self.places
        self._inside, self._unreadable = [], False
        if not self.ready or self.error:
            self._refuse(self.error or NOT_INITIALISED, now_ms)
            return
        self.counts_run += 1
        self._job, self.next_ms = "count", now_ms + NOTE_MS

    def _refuse(self, error: int, now_ms: int) -> None:
        self._asked, self._job, self.next_ms = [error], "refuse", now_ms + STATUS_MS

    def turn(self, now_ms: int) -> None:
        while self.next_ms is not None and now_ms >= self.next_ms:
            at, self.next_ms = self.next_ms, None
            match self._job:
                case "status":
                    self._end(self._answer(1))
                case "init":
                    self._initialised()
                case "refuse":
                    self._end(Undefined(self._asked[0], 0))
                case "count":
                    self._step(at)
                case "deliver":
                    self._deliver(self._inside)
                    self._end(self._answer(3))

    def _end(self, reply: Answer | Undefined) -> None:
        self.reply, self._job, self.next_ms = reply, "", None

    def _initialised(self) -> None:
        self.box.move(Spot.PATH, self.build.init_to)
        self._power_mark = False
        self.error = self._sticks
        self.ready = not self.error
        self._end(self._answer(2))

    # -- counting ----------------------------------------------------------------------------------

    def _step(self, at_ms: int) -> None:
        trouble = self._strikes(sum(self.dispensed))
        if trouble is not None and not self._strike(trouble, at_ms):
            return
        place = next((at + 1 for at in range(self.places) if self.dispensed[at] < self._asked[at]), 0)
        if not place:
            self._job, self.next_ms = "deliver", at_ms + DELIVER_MS
            return
        note = self.box.pick(place)
        if note is None:
            self._stop(place << 4 | 1 if place <= 4 else BY_NAME["pool_50"].code)
            return
        self.dispensed[place - 1] += 1
        self._inside.append(note)
        self.next_ms = at_ms + NOTE_MS

    def _place(self) -> int:
        """The cassette that is being counted from, or was at last."""
        turn = [at + 1 for at in range(self.places) if self._asked[at]]
        return next((place for place in turn if self.dispensed[place - 1] < self._asked[place - 1]), turn[-1])

    def _strike(self, name: str, at_ms: int) -> bool:
        """Trouble `name` comes now. Does the count go on?"""
        if name in ("power_cut", "power_dip", "power_failed"):
            return False  # whoever switches the power has done it already
        place = self._place()
        if name == "double_pick":
            self._reject(place, 2)
            return True
        if name == "empty":
            self.box.remove(Spot.CASSETTE, place)
            return True
        if name == "digits_unreadable":
            self._unreadable = True
            return True
        row = BY_NAME[name]
        if row.name.startswith("note_"):
            self._reject(place, 5)
        elif row.name == "wrong_cassette":
            other = next((at for at in sorted(self.box.faces) if at != place), place)
            self._slip(other)
        elif row.name == "count_mismatch":
            self._slip(place)
        elif row.name == "count_not_available":
            self._unreadable = True
        elif row.name.startswith("shutter"):
            self._deliver(self._inside[: len(self._inside) // 2])
        elif row.means is Means.DOUBT:
            self.box.pick(place)  # and there it hangs
        if name.startswith(_STICKS):
            self._sticks = row.code
        if 0xE0 <= row.code <= 0xEF and not self._inside:
            self._refuse(row.code, at_ms)
            return False
        stays = row.means is Means.DOUBT and row.name not in ("wrong_cassette", "count_mismatch", "count_not_available")
        self._stop(row.code, stays=stays)
        return False

    def _slip(self, place: int) -> None:
        """One more note goes along without being counted."""
        note = self.box.pick(place)
        if note is not None:
            self._inside.append(note)

    def _reject(self, place: int, notes: int) -> None:
        for _ in range(notes):
            note = self.box.pick(place)
            if note is not None:
                note.spot = Spot.REJECT
                self.rejected[place - 1] += 1

    @staticmethod
    def _deliver(notes: list[Note]) -> None:
        for note in notes:
            note.spot = Spot.EXIT

    def _stop(self, error: int, *, stays: bool = False) -> None:
        if not stays and not self.build.pool_keeps:
            self._deliver(self._inside)
        self.error, self.ready = error, False
        self._end(self._answer(3))

    # -- words -------------------------------------------------------------------------------------

    def _answer(self, command: int) -> Answer:
        inside = self.box.count(Spot.PATH)
        sensors = bytearray(self.build.path_bits if inside else bytes(6))
        if self.box.count(Spot.EXIT):
            sensors[2] |= 0x10
        counted = command == 3 and not self._unreadable
        low = [self.box.count(Spot.CASSETTE, place) < self.build.low_at for place in range(1, 5)]
        return Answer(
            Enhanced(command) if self.build.enhanced else command,
            enhanced=self.build.enhanced,
            failed=bool(self.error) and command != 1,
            error=self.error,
            sensors=bytes(sensors),
            dispensed=tuple(self.dispensed) if counted else None,
            rejected=tuple(self.rejected) if counted else None,
            classes=Class.JAM if 0x70 <= self.error <= 0x7F else Class.NOTHING,
            details=Detail.MEDIUM_LEFT if inside else Detail.NOTHING,
            registers=tuple(
                CassetteRegister(low[place - 1], out_of_place=place not in self.box.faces, magnets=place)
                for place in range(1, 5)
            ),
        )
