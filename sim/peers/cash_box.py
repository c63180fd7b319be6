"""The notes themselves: what is physically true in and around one machine that pays cash.

Every note has an identity and lies in exactly one spot. The protocol in front (`sim.peers.dispenser_*`) moves notes
here and then says what it likes; a power cut takes its memory and leaves the notes where they lie. Checkers compare the
books with this and with nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

NOTES_MAX = 100_000  # more than any machine holds: a larger world is a mistake


class Spot(Enum):
    """Where a note can lie. A cassette is named by its place beside it."""

    CASSETTE = "cassette"
    PATH = "path"  # between cassette and exit, where it jams
    STACKER = "stacker"
    EXIT = "exit"  # within the customer's reach
    TAKEN = "taken"  # the customer has it
    REJECT = "reject"
    RETRACT = "retract"
    REMOVED = "removed"  # a technician carried it away


@dataclass(slots=True)
class Note:
    """One note or coin. `face` minor units; `place` the cassette it came from; `spot` where it lies now."""

    number: int
    face: int
    place: int
    spot: Spot = Spot.CASSETTE


class CashBox:
    """All notes of one machine. `cassettes`: place -> (face in minor units, notes loaded)."""

    def __init__(self, cassettes: Mapping[int, tuple[int, int]]) -> None:
        self.notes: list[Note] = []
        self.faces: dict[int, int] = {}
        for place, (face, count) in sorted(cassettes.items()):
            self.load(place, face, count)

    def load(self, place: int, face: int, count: int) -> None:
        """A technician puts `count` notes into the cassette of `place`."""
        assert count >= 0
        assert len(self.notes) + count <= NOTES_MAX
        assert face > 0
        self.faces[place] = face
        first = len(self.notes)
        self.notes.extend(Note(first + more, face, place) for more in range(count))

    def pick(self, place: int) -> Note | None:
        """One note leaves its cassette and lies on the path; None when the cassette is empty."""
        for note in self.notes:
            if note.place == place and note.spot is Spot.CASSETTE:
                note.spot = Spot.PATH
                return note
        return None

    def move(self, here: Spot, there: Spot, most: int | None = None) -> list[Note]:
        """The first `most` notes lying `here` (all of them without) now lie `there`."""
        found = [note for note in self.notes if note.spot is here][:most]
        for note in found:
            note.spot = there
        return found

    def take(self, most: int | None = None) -> list[Note]:
        """The customer takes notes from the exit."""
        return self.move(Spot.EXIT, Spot.TAKEN, most)

    def remove(self, spot: Spot, place: int = 0) -> list[Note]:
        """A technician empties a bin, the path, or the cassette of `place`."""
        found = [note for note in self.notes if note.spot is spot and (not place or note.place == place)]
        for note in found:
            note.spot = Spot.REMOVED
        return found

    def count(self, spot: Spot, place: int = 0) -> int:
        """Notes lying in `spot`; of one cassette only with `place`."""
        return sum(note.spot is spot and (not place or note.place == place) for note in self.notes)

    def worth(self, spot: Spot) -> int:
        """Their value in minor units."""
        return sum(note.face for note in self.notes if note.spot is spot)

    def census(self) -> dict[tuple[Spot, int], int]:
        """(spot, face) -> notes; what a checker compares the cash ledger with."""
        return dict(Counter((note.spot, note.face) for note in self.notes))
