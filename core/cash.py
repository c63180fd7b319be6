"""Notes and coins as things: what a cassette holds, how surely we know it, and which mix pays an amount.

A count is exact, lies in an interval, or is unknown with a lower bound: all three are one `Count`, and no
arithmetic ever makes it surer than its parts. Planning uses only what is certain to be there (`Count.low`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.asset import Asset
from core.money import Money

COUNT_MAX: Final = 100_000  # more notes than any vault of one machine holds: a larger number is a mistake
PLACES_MAX: Final = 16  # cassettes of one machine; the largest XFS dispensers have 12
SUMS_MAX: Final = 1_000_000  # sums looked at to find a mix: 16 cassettes of 100 notes stay far below


class BadCount(ValueError):
    """A count that no cassette can have, or evidence that contradicts what was known."""


class NoMix(ValueError):
    """The amount cannot be paid from these cassettes, or not with so few notes."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of notes or coins: at least `low`, at most `high`; `high` None means that nobody knows the most.

    Raises `BadCount` for negative or impossible bounds.
    """

    low: int
    high: int | None

    def __post_init__(self) -> None:
        if not 0 <= self.low <= COUNT_MAX or (self.high is not None and not self.low <= self.high <= COUNT_MAX):
            raise BadCount(f"no cassette holds {self.low} to {self.high}")

    @classmethod
    def exact(cls, count: int) -> Count:
        return cls(count, count)

    @classmethod
    def unknown(cls) -> Count:
        """Nobody can say anything."""
        return cls(0, None)

    @property
    def known(self) -> bool:
        """Is it exact?"""
        return self.low == self.high

    def __add__(self, other: Count) -> Count:
        """Both together; an unknown part makes the most unknown."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return Count(self.low + other.low, high)

    def without(self, other: Count) -> Count:
        """What is left after `other` was taken out. Raises `BadCount` when even the least taken was not there."""
        if self.high is not None and other.low > self.high:
            raise BadCount(f"{other} was taken out of {self}")
        low = 0 if other.high is None else max(0, self.low - other.high)
        return Count(low, None if self.high is None else self.high - other.low)

    def narrowed(self, evidence: Count) -> Count:
        """What both say. Raises `BadCount` when they contradict each other: one of them is false."""
        low = max(self.low, evidence.low)
        highs = [high for high in (self.high, evidence.high) if high is not None]
        high = min(highs) if highs else None
        if high is not None and low > high:
            raise BadCount(f"{evidence} contradicts {self}")
        return Count(low, high)

    def admits(self, count: int) -> bool:
        """May it be `count`?"""
        return self.low <= count and (self.high is None or count <= self.high)

    def worth(self, face: Money) -> tuple[Money, Money | None]:
        """The least and the most value; no most when nobody knows it."""
        return face * self.low, None if self.high is None else face * self.high

    def __str__(self) -> str:
        if self.known:
            return str(self.low)
        if self.high is None:
            return f"at least {self.low}" if self.low else "unknown"
        return f"{self.low} to {self.high}"


NONE: Final = Count.exact(0)


@dataclass(frozen=True, slots=True)
class Denomination:
    """The value of one note or coin. Raises `BadCount` unless it is positive."""

    face: Money

    def __post_init__(self) -> None:
        if self.face.minor <= 0:
            raise BadCount(f"{self.face} is no denomination")

    @property
    def asset(self) -> Asset:
        return self.face.asset


@dataclass(frozen=True, slots=True)
class Cassette:
    """The cash unit in one place of a dispenser. `place` counts from 1, as it is written on the machine.

    `usable` False: missing, jammed, swapped or closed by a technician; it is counted and never planned with.
    """

    place: int
    denomination: Denomination
    count: Count
    usable: bool = True

    @property
    def ready(self) -> int:
        """Notes that are certain to be there and may be paid."""
        return self.count.low if self.usable else 0


@dataclass(frozen=True, slots=True)
class Mix:
    """How many notes of each place: (place, notes) with 1 note or more, ascending by place."""

    notes: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Mix:
        """Places may repeat (they are added) and be 0 (they are left out). Raises `BadCount` for a negative number."""
        sums: dict[int, int] = {}
        for place, notes in pairs:
            if notes < 0:
                raise BadCount(f"{notes} notes of place {place}")
            sums[place] = sums.get(place, 0) + notes
        return cls(tuple(sorted((place, notes) for place, notes in sums.items() if notes)))

    @property
    def total(self) -> int:
        """Notes in all."""
        return sum(notes for _, notes in self.notes)

    def from_place(self, place: int) -> int:
        return dict(self.notes).get(place, 0)

    def value(self, cassettes: Sequence[Cassette]) -> Money:
        """What it is worth. Every place of the mix must be among `cassettes`."""
        faces = {cassette.place: cassette.denomination.face for cassette in cassettes}
        amounts = [faces[place] * notes for place, notes in self.notes]
        return sum(amounts[1:], amounts[0]) if amounts else Money.zero(cassettes[0].denomination.asset)

    def chunks(self, notes_max: int) -> tuple[Mix, ...]:
        """Parts of at most `notes_max` notes in the order of the places: what one command may carry, or risk."""
        assert notes_max > 0, "a command carries at least one note"
        parts: list[Mix] = []
        room, part = notes_max, list[tuple[int, int]]()
        for place, notes in self.notes:
            while notes:
                now = min(notes, room)
                part.append((place, now))
                notes, room = notes - now, room - now
                if not room:
                    parts.append(Mix.of(part))
                    room, part = notes_max, []
        return (*parts, Mix.of(part)) if part else tuple(parts)
