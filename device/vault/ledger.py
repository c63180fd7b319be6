"""The cash ledger: double entry over counts of notes, with the places of one machine as its accounts.

An `Entry` moves an exact number of notes of one face from one place to another. A `Doubt` says that up to `most`
further notes may have moved the same way; both sides of it are named, so a doubt is balanced too and no note is made
or lost in it. What a place holds is therefore exact or an interval. `OUTSIDE` is the world the notes came from: it is
negative by what was loaded. `UNEXPLAINED` takes what a count found that no movement explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.cash import COUNT_MAX, Count

OUTSIDE: Final = "outside"
TRANSPORT: Final = "transport"  # path and stacker: inside, and out of reach
EXIT: Final = "exit"
TAKEN: Final = "taken"
RETRACT: Final = "retract"
REJECT: Final = "reject"
REMOVED: Final = "removed"
UNEXPLAINED: Final = "unexplained"
INSIDE: Final = (TRANSPORT, RETRACT, REJECT)  # besides the cassettes: what a count covers
_CASSETTE: Final = "cassette:"
BINS: Final = MappingProxyType({"reject": REJECT, "retract": RETRACT, "path": TRANSPORT, "exit": EXIT})
"""The places besides the cassettes as service acts name them."""


def cassette(place: int) -> str:
    return f"{_CASSETTE}{place}"


def cassette_place(name: str) -> int | None:
    """The number of "cassette:3"; None for any other place."""
    number = name.removeprefix(_CASSETTE)
    return int(number) if number != name and number.isascii() and number.isdigit() and len(number) < 3 else None


def inside(place: str) -> bool:
    """Does a count of the machine find the notes of this place?"""
    return place in INSIDE or place.startswith(_CASSETTE)


@dataclass(frozen=True, slots=True)
class Entry:
    """`notes` of `face` (minor units) went from `source` to `target`."""

    face: int
    source: str
    target: str
    notes: int

    def __post_init__(self) -> None:
        if self.notes < 1 or self.face < 1 or self.source == self.target:
            raise ValueError("an entry moves a note or more from one place to another")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Up to `most` further notes of `face` may have gone from `source` to `target`, because of `txn`."""

    txn: str
    face: int
    source: str
    target: str
    most: int

    def __post_init__(self) -> None:
        if self.most < 1 or self.face < 1 or self.source == self.target:
            raise ValueError("a doubt is about a note or more between two places")


@dataclass(frozen=True, slots=True)
class Held:
    """What one place holds of one face, as the exact entries say."""

    place: str
    face: int
    notes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """`exact` sums of all entries by (place, face), never changed in place; `doubts` those nobody has counted yet."""

    exact: Mapping[tuple[str, int], int]
    doubts: tuple[Doubt, ...] = ()

    @classmethod
    def of(cls, held: Iterable[Held], doubts: tuple[Doubt, ...] = ()) -> Ledger:
        return cls({(one.place, one.face): one.notes for one in held}, doubts)

    def held(self) -> tuple[Held, ...]:
        return tuple(Held(place, face, notes) for (place, face), notes in sorted(self.exact.items()) if notes)

    def after(self, entries: Iterable[Entry], doubts: tuple[Doubt, ...] = ()) -> Ledger:
        exact = dict(self.exact)
        for one in entries:
            exact[one.source, one.face] = exact.get((one.source, one.face), 0) - one.notes
            exact[one.target, one.face] = exact.get((one.target, one.face), 0) + one.notes
        return Ledger(exact, self.doubts + doubts)

    def counted(self) -> Ledger:
        """The same without any doubt: what a count has settled."""
        return Ledger(self.exact)

    def notes(self, place: str, face: int) -> int:
        """What the exact entries say; below zero when more left than anybody said was there."""
        return self.exact.get((place, face), 0)

    def count(self, place: str, face: int) -> Count:
        """What may lie in one place. Never below zero: a place that gave more than it had holds nothing certain."""
        exact = self.notes(place, face)
        out = sum(doubt.most for doubt in self.doubts if doubt.source == place and doubt.face == face)
        more = sum(doubt.most for doubt in self.doubts if doubt.target == place and doubt.face == face)
        low = min(max(0, exact - out), COUNT_MAX)
        return Count(low, max(low, min(exact + more, COUNT_MAX)))

    def faces(self) -> tuple[int, ...]:
        return tuple(sorted({face for _, face in self.exact}))

    def inside(self, face: int) -> int:
        """Notes of one face in the cassettes, on the path and in the bins, by the exact entries."""
        return sum(notes for (place, of), notes in self.exact.items() if of == face and inside(place))


def wrong_with(ledger: Ledger) -> str:
    """Why this ledger breaks the conservation of notes (I1); "" when it holds."""
    for face in ledger.faces():
        total = sum(notes for (_, of), notes in ledger.exact.items() if of == face)
        if total:
            return f"notes of {face} do not add up: {total:+d}"
        if ledger.notes(OUTSIDE, face) > 0:
            return f"more notes of {face} went back outside than ever came in"
        for place in (TAKEN, REMOVED):
            if ledger.notes(place, face) < 0:
                return f"notes of {face} came back from {place}"
    return ""
