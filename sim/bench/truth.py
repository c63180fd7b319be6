"""The truth: where each note really lies, and under which withdrawal it left its cassette.

The books of the product are compared with this and never the other way round. Only the world may look here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from sim.bench.outcome import Violated
from sim.peers.cash_box import CashBox, Note, Spot

REACHED: Final = (Spot.EXIT, Spot.TAKEN)


class WatchedBox(CashBox):
    """A cash box that says whenever a note moves."""

    def __init__(self, cassettes: Mapping[int, tuple[int, int]]) -> None:
        self.moved: Callable[[Note, Spot, Spot], None] = lambda note, here, there: None
        self.at_exit: Callable[[], None] = lambda: None
        super().__init__(cassettes)

    def carried(self, note: Note, here: Spot, there: Spot) -> None:
        super().carried(note, here, there)
        if here is not there:
            self.moved(note, here, there)
            if there is Spot.EXIT:
                self.at_exit()


class Truth:
    """`under` is the withdrawal whose order the machine is doing ("" none); `allowed` what the exchange's authority
    for it allows.

    `excused`: the machine itself is broken in a way that gives more than it was told to (a double feed it does not
    count); then the loss is real, and no software could have prevented it.
    """

    def __init__(self, box: WatchedBox) -> None:
        self.box = box
        self.under = ""
        self.allowed: Callable[[str], int] = lambda txn: 0
        self.excused = False
        self.loaded: Counter[int] = Counter(note.face for note in box.notes)
        self._of: dict[int, str] = {}  # note number -> the withdrawal it left its cassette under
        self._notes: dict[str, list[Note]] = defaultdict(list)
        self.reached: Callable[[str], None] = lambda state: None
        box.moved = self._moved

    def given(self, txn: str) -> int:
        """Minor units the customer of `txn` has, or has within reach."""
        return sum(note.face for note in self._notes.get(txn, ()) if note.spot in REACHED)

    def all_given(self) -> dict[str, int]:
        return {txn: value for txn in sorted(self._notes) if (value := self.given(txn))}

    def conserved(self) -> None:
        """I1, physically: every note that was ever loaded lies in exactly one place."""
        counted: Counter[int] = Counter()
        for (_, face), count in self.box.census().items():
            counted[face] += count
        if counted != self.loaded:
            raise Violated("I1", f"loaded {dict(self.loaded)}, found {dict(counted)}")

    def load(self, place: int, face: int, count: int) -> None:
        self.box.load(place, face, count)
        self.loaded[face] += count

    def unload(self, count: int) -> None:
        """The notes that were loaded last are taken away again."""
        for note in self.box.notes[-count:]:
            note.spot = Spot.REMOVED

    def _moved(self, note: Note, here: Spot, there: Spot) -> None:
        if here is Spot.CASSETTE and there is not Spot.REMOVED:
            self._of[note.number] = self.under
            self._notes[self.under].append(note)
        if there is Spot.REJECT:
            self.reached("notes were rejected")
        if there not in REACHED or here in REACHED:
            return
        txn = self._of.get(note.number, "")
        if self.given(txn) + note.face > self.allowed(txn):
            self.reached("more left than was asked")
        if self.excused:
            return
        if not txn:
            raise Violated("I8", f"a note of {note.face} reached a hand under no authority")
        if self.given(txn) + note.face > self.allowed(txn):
            raise Violated("I8", f"{txn} has more than its authority of {self.allowed(txn)}")
