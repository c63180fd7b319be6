"""The mechanics of a friction dispenser: notes leave a cassette one by one, pass sensors, and arrive or do not.

One movement is a list of steps, half a note's time each: pick, then deliver or reject. A trouble strikes when so many
notes of it have been picked. What really happens to the notes stands in the `CashBox`; what the machine *counted*
stands in the `Tally`, and the two may differ: that is what the troubles are for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sim.peers.cash_box import CashBox, Note, Spot

OVER_REJECT: Final = 5  # notes in the reject bin before a machine gives up


class Effect(Enum):
    """What a trouble does to the notes."""

    REFUSE = "refuse"  # the order is not begun
    STOP = "stop"  # no further note is picked
    EMPTY = "empty"  # the cassette really is empty from here on
    REJECT_MANY = "reject_many"  # note after note goes to the reject bin, then it stops
    REJECT_ONE = "reject_one"  # one note goes to the reject bin, and it goes on
    DOUBLE_PICK = "double_pick"  # two at once: both to the reject bin
    JAM = "jam"  # a note stays on the path
    EXTRA_UNCOUNTED = "extra_uncounted"  # one more note leaves than is counted, and it stops
    EXTRA_COUNTED = "extra_counted"  # all leave, one more leaves, and it is counted
    FOREIGN = "foreign"  # a note of another cassette leaves uncounted
    HANG = "hang"  # it stops with a note on the path and never speaks of it
    POWER = "power"  # the power goes


@dataclass(frozen=True, slots=True)
class Trouble:
    """`error` in the device's own code; `sensor` where a jammed note lies; `place` whose note a foreign one is;
    `reason` why a note was rejected."""

    effect: Effect
    error: int
    sensor: str = ""
    place: int = 0
    reason: int = 0


@dataclass(slots=True)
class Tally:
    """What the machine counted of one place."""

    asked: int
    picked: int = 0
    exited: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Movement:
    """One dispense or test. `done(error)` is called once, unless the power goes or it hangs."""

    tallies: dict[int, Tally]
    done: Callable[[int], None]
    test: bool = False
    picked: int = 0
    on_way: list[Note] = field(default_factory=list)
    rejecting: int = 0
    trouble: Trouble | None = None
    after: int = 0


class Feeder:
    """Moves notes of `box`. `empty_code` the device's code for an empty cassette of a place; `delivered` and
    `rejected` are told of each single note."""

    def __init__(
        self,
        box: CashBox,
        good: int,
        empty_code: Callable[[int], int],
        delivered: Callable[[], None],
        rejected: Callable[[int], None],
        power_cut: Callable[[], None],
    ) -> None:
        self._box = box
        self._good = good
        self._empty_code = empty_code
        self._delivered = delivered
        self._rejected = rejected
        self._power_cut = power_cut
        self.sensor = ""  # where the note on the path was seen last
        self.movement: Movement | None = None

    def begin(self, asked: Mapping[int, int], done: Callable[[int], None], *, test: bool = False) -> Movement:
        tallies = {place: Tally(count) for place, count in asked.items()}
        self.movement = Movement(tallies, done, test=test)
        return self.movement

    def abandon(self) -> None:
        """The power went: the notes stay where they are."""
        self.movement = None

    def step(self) -> bool:
        """Half a note's time has passed. Is there more to do?"""
        moving = self.movement
        if moving is None:
            return False
        if moving.on_way:
            self._arrive(moving)
        elif self._strikes(moving):
            trouble, moving.trouble = moving.trouble, None
            assert trouble is not None
            self._strike(moving, trouble)
        else:
            self._pick(moving)
        return self.movement is not None

    # -- one note ----------------------------------------------------------------------------------------

    def _next_place(self, moving: Movement) -> int:
        """The place that still owes a note, 0 for none."""
        for place, tally in moving.tallies.items():
            if (tally.rejected if moving.test else tally.exited) < tally.asked:
                return place
        return 0

    def _strikes(self, moving: Movement) -> bool:
        if moving.trouble is None or moving.rejecting:
            return False
        last = moving.trouble.effect is Effect.EXTRA_COUNTED
        return not self._next_place(moving) if last else moving.picked >= moving.after

    def _pick(self, moving: Movement) -> None:
        place = self._next_place(moving)
        if not place:
            self._end(moving, self._good)
            return
        note = self._take(moving, place)
        if note is None:
            self._end(moving, self._empty_code(place))
            return
        moving.tallies[place].picked += 1
        moving.on_way.append(note)
        if moving.test:
            moving.rejecting = max(moving.rejecting, 1)

    def _take(self, moving: Movement, place: int) -> Note | None:
        note = self._box.pick(place)
        if note is not None:
            moving.picked += 1
            self.sensor = ""
        return note

    def _arrive(self, moving: Movement) -> None:
        if moving.rejecting:
            for note in moving.on_way:
                note.spot = Spot.REJECT
                moving.tallies[note.place].rejected += 1
            moving.rejecting -= 1
        else:
            for note in moving.on_way:
                note.spot = Spot.EXIT
                moving.tallies[note.place].exited += 1
                self._delivered()
        moving.on_way.clear()

    # -- trouble -----------------------------------------------------------------------------------------

    def _strike(self, moving: Movement, trouble: Trouble) -> None:
        place = self._next_place(moving) or next(iter(moving.tallies))
        match trouble.effect:
            case Effect.REFUSE | Effect.STOP:
                self._end(moving, trouble.error)
            case Effect.EMPTY:
                self._box.remove(Spot.CASSETTE, place)
            case Effect.REJECT_ONE | Effect.DOUBLE_PICK:
                self._divert(moving, place, 2 if trouble.effect is Effect.DOUBLE_PICK else 1)
                self._rejected(trouble.reason)
            case Effect.REJECT_MANY:
                self._divert(moving, place, OVER_REJECT)
                self._arrive(moving)
                self._end(moving, trouble.error)
            case Effect.JAM:
                self._stuck(moving, place, trouble.sensor)
                self._end(moving, trouble.error)
            case Effect.EXTRA_UNCOUNTED:
                self._slips_out(moving, place)
                self._end(moving, trouble.error)
            case Effect.EXTRA_COUNTED:
                if self._slips_out(moving, place):
                    moving.tallies[place].picked += 1
                    moving.tallies[place].exited += 1
                self._end(moving, trouble.error)
            case Effect.FOREIGN:
                other = trouble.place or next((at for at in sorted(self._box.faces) if at != place), place)
                self._slips_out(moving, other)
                self._end(moving, trouble.error)
            case Effect.HANG:
                self._stuck(moving, place, trouble.sensor)
                self.movement = None
            case Effect.POWER:
                self._power_cut()

    def _divert(self, moving: Movement, place: int, count: int) -> None:
        for _ in range(count):
            note = self._take(moving, place)
            if note is not None:
                moving.tallies[place].picked += 1
                moving.on_way.append(note)
        moving.rejecting = 1

    def _stuck(self, moving: Movement, place: int, sensor: str) -> None:
        """A note leaves the cassette, passes the first counter unless it lies there, and stays."""
        note = self._take(moving, place)
        self.sensor = sensor
        if note is not None and not sensor.startswith("CHK"):
            moving.tallies[place].picked += 1

    def _slips_out(self, moving: Movement, place: int) -> bool:
        note = self._take(moving, place)
        if note is None:
            return False
        note.spot = Spot.EXIT
        return True

    def _end(self, moving: Movement, error: int) -> None:
        self.movement = None
        moving.done(error)
