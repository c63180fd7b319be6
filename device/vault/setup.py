"""What one cash side is: its names and keys, its machine's abilities, its cassettes and its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.asset import Asset
from core.cash import PLACES_MAX
from core.dispenser import Capabilities
from core.money import Money
from core.sealed import Signer, Verifier

CHUNK_NOTES: Final = 10  # what one order risks on a machine that cannot say afterwards what it paid
TAKE_MS: Final = 30_000  # how long notes wait for a hand; the shortest of the usual ATM settings
RECALL_MS: Final = 90_000  # how long a lost machine may take to come back before its doubt is reported: L1 is 120 s
LOOK_MS: Final = 10_000  # how often an idle machine is looked at
TokenMaker = Callable[[str, Money], str]  # over a machine's nonce, for at most so much; "" when it cannot
WAITING_MAX: Final = 10_000  # statements nobody has fetched; a month of a busy machine that has no line


@dataclass(frozen=True, slots=True)
class CassetteSpec:
    """What stands in one place: notes of `face`."""

    place: int
    face: Money


@dataclass(frozen=True, slots=True)
class Setup:
    """`vault` the key id, `public_key` the raw key in base64; `exchange` the pinned keys of the exchange.

    `notes_max` notes of one withdrawal, at most what one order of the machine may carry. `token` makes the token of a
    machine that checks each order itself; without it such a machine is refused.
    """

    terminal: str
    vault: str
    public_key: str
    signer: Signer
    exchange: Verifier
    machine: Capabilities
    cassettes: tuple[CassetteSpec, ...]
    notes_max: int = 0
    chunk_notes: int = CHUNK_NOTES
    take_ms: int = TAKE_MS
    recall_ms: int = RECALL_MS
    look_ms: int = LOOK_MS
    token: TokenMaker | None = None

    def __post_init__(self) -> None:
        places = [one.place for one in self.cassettes]
        if not places or len(places) > PLACES_MAX or len(set(places)) != len(places):
            raise ValueError(f"a machine has 1 to {PLACES_MAX} cassettes, each in a place of its own")
        if len({one.face.asset for one in self.cassettes}) != 1:
            raise ValueError("the cassettes of one machine hold one currency")
        if any(one.face.minor < 1 or one.place < 1 for one in self.cassettes):
            raise ValueError("a cassette stands in place 1 or higher and holds notes of some value")
        if max(places) > self.machine.places:
            raise ValueError(f"{self.machine.unit} has {self.machine.places} places")
        if self.chunk_notes < 1 or self.notes_max < 0:
            raise ValueError("an order carries a note or more")

    @property
    def asset(self) -> Asset:
        return self.cassettes[0].face.asset

    @property
    def most_notes(self) -> int:
        """Notes of one withdrawal."""
        return min(self.notes_max or self.machine.notes_max, self.machine.notes_max)

    @property
    def order_notes(self) -> int:
        """Notes of one order: few where the machine has no memory, so that a doubt stays small."""
        if self.machine.recovers or self.machine.stacks:
            return self.machine.notes_max
        return min(self.chunk_notes, self.machine.notes_max)

    def face(self, place: int) -> int:
        """Minor units of one note of a place."""
        return next(one.face.minor for one in self.cassettes if one.place == place)

    def money(self, minor: int) -> Money:
        return Money(minor, self.asset)
