"""The notes themselves: what is physically true in and around one machine that pays cash.

Every note has an identity and lies in exactly one spot. The protocol in front (`sim.peers.dispenser_*`) moves notes
here and then says what it likes; a power cut takes its memory and leaves the notes where they lie. Checkers compare the
books with this and with nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from itertools import islice

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


class Note:
    """One note or coin. `face` minor units; `place` the cassette it came from; `spot` where it lies now."""

    __slots__ = ("_box", "_spot", "face", "number", "place")

    def __init__(self, number: int, face: int, place: int, box: CashBox) -> None:
        self.number = number
        self.face = face
        self.place = place
        self._box = box
        self._spot = Spot.CASSETTE

    @property
    def spot(self) -> Spot:
        return self._spot

    @spot.setter
    def spot(self, there: Spot) -> None:
        self._box.carried(self, self._spot, there)
        self._spot = there

    def __repr__(self) -> str:
        return f"Note({self.number}, face={self.face}, place={self.place}, {self._spot.value})"


class CashBox:
    """All notes of one machine. `cassettes`: place -> (face in minor units, notes loaded).

    Picking, moving and counting cost by the notes touched, not by the notes there are: a long simulation does little
    else.
    """

    def __init__(self, cassettes: Mapping[int, tuple[int, int]]) -> None:
        self.notes: list[Note] = []
        self.faces: dict[int, int] = {}
        self._lying: dict[Spot, dict[int, Note]] = {spot: {} for spot in Spot}  # in the order of their arrival
        self._feed: dict[int, list[Note]] = {}  # each cassette from the last to the first; some may lie elsewhere
        self._counts: Counter[tuple[Spot, int]] = Counter()  # by place
        self._worth: Counter[tuple[Spot, int]] = Counter()  # by face
        for place, (face, count) in sorted(cassettes.items()):
            self.load(place, face, count)

    def load(self, place: int, face: int, count: int) -> None:
        """A technician puts `count` notes into the cassette of `place`, behind those that are in it."""
        assert count >= 0
        assert len(self.notes) + count <= NOTES_MAX
        assert face > 0
        self.faces[place] = face
        first = len(self.notes)
        fresh = [Note(first + more, face, place, self) for more in range(count)]
        self.notes.extend(fresh)
        self._feed[place] = fresh[::-1] + self._feed.get(place, [])
        self._lying[Spot.CASSETTE].update((note.number, note) for note in fresh)
        self._counts[Spot.CASSETTE, place] += count
        self._worth[Spot.CASSETTE, face] += count

    def pick(self, place: int) -> Note | None:
        """One note leaves its cassette and lies on the path; None when the cassette is empty."""
        feed = self._feed.get(place, [])
        while feed:
            note = feed.pop()
            if note.spot is Spot.CASSETTE:
                note.spot = Spot.PATH
                return note
        return None

    def carried(self, note: Note, here: Spot, there: Spot) -> None:
        """Keep the counts; called by the note itself."""
        if here is there:
            return
        del self._lying[here][note.number]
        self._lying[there][note.number] = note
        self._counts[here, note.place] -= 1
        self._counts[there, note.place] += 1
        self._worth[here, note.face] -= 1
        self._worth[there, note.face] += 1
        if there is Spot.CASSETTE:
            self._feed[note.place].append(note)

    def move(self, here: Spot, there: Spot, most: int | None = None) -> list[Note]:
        """The first `most` notes lying `here` (all of them without) now lie `there`."""
        found = list(islice(self._lying[here].values(), most))
        for note in found:
            note.spot = there
        return found

    def take(self, most: int | None = None) -> list[Note]:
        """The customer takes notes from the exit."""
        return self.move(Spot.EXIT, Spot.TAKEN, most)

    def remove(self, spot: Spot, place: int = 0) -> list[Note]:
        """A technician empties a bin, the path, or the cassette of `place`."""
        found = [note for note in self._lying[spot].values() if not place or note.place == place]
        for note in found:
            note.spot = Spot.REMOVED
        return found

    def count(self, spot: Spot, place: int = 0) -> int:
        """Notes lying in `spot`; of one cassette only with `place`."""
        return self._counts[spot, place] if place else len(self._lying[spot])

    def worth(self, spot: Spot) -> int:
        """Their value in minor units."""
        return sum(face * count for (lies, face), count in self._worth.items() if lies is spot)

    def census(self) -> dict[tuple[Spot, int], int]:
        """(spot, face) -> notes; what a checker compares the cash ledger with."""
        return {key: count for key, count in self._worth.items() if count}
