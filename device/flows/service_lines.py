"""What a service visit writes on its ticket, and what every screen of it says: who is here and for how long."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from core.cash import Count
from core.cash_report import Act, NotesAt
from core.grant import Right
from core.ids import TxnId
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.screens import Facts, Plain, Words, say
from core.vault_talk import VaultState

MINUTE_MS: Final = 60_000
NOTES_DIGITS: Final = 4  # of one place; no cassette holds ten thousand notes


@dataclass(frozen=True, slots=True)
class Admitted:
    """A technician with a grant. `sealed` is for the cash side's eyes: after a restart it is gone, as the visit is."""

    person: str
    rights: tuple[Right, ...]
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a count: how many notes of `face` lie in `place`?"""

    place: str
    face: Money

    def found(self, notes: int) -> NotesAt:
        return NotesAt(self.place, WireMoney.of(self.face), Count.exact(notes))


@dataclass(frozen=True, slots=True)
class ServiceLines:
    """`challenge` the one that waits for its grant, given at `given_at`. `first` who opened the visit, which ends at
    `until`; `second` who counts after them. `act` and `notes` what is to be done next, `acts` how many were asked for;
    `figures` what was counted so far; `place` the cassette that is loaded, 0 before it is chosen. `over`: the time ran
    out while an act was under way."""

    challenge: str = ""
    given_at: Moment | None = None
    first: Admitted | None = None
    second: Admitted | None = None
    until: Moment | None = None
    total_ms: int = 0
    state: VaultState | None = None
    act: Act | None = None
    notes: tuple[NotesAt, ...] = ()
    acts: int = 0
    figures: tuple[int, ...] = ()
    place: int = 0
    showing: bool = False
    over: bool = False

    @property
    def here(self) -> Admitted:
        """Whose turn it is."""
        found = self.second or self.first
        assert found is not None, "nobody acts before they were let in"
        return found

    @property
    def known(self) -> VaultState:
        assert self.state is not None, "a visit begins at a machine that answers"
        return self.state

    @property
    def ends(self) -> Moment:
        assert self.until is not None, "a visit has an end"
        return self.until

    def act_id(self, nonce: str) -> TxnId:
        """The name of the act that is asked for now: the same whenever the journal is folded again."""
        return TxnId.of(hashlib.sha256(f"{nonce}/{self.acts}".encode()).digest()[:16])


def questions(state: VaultState) -> tuple[Question, ...]:
    """What each person of a count is asked: every cassette, and every face in each bin the machine has."""
    rows = [Question(f"cassette:{one.place}", one.face.money()) for one in state.cassettes]
    faces = sorted({row.face for row in rows}, key=lambda face: face.minor)
    retract = state.retracts or any(row.place == "retract" for row in state.bins)
    bins = ("reject", *(("retract",) if retract else ()), "path")
    return (*rows, *(Question(place, face) for place in bins for face in faces))


def place_name(place: str) -> Words:
    """ "cassette:2" and "reject" as people say them."""
    kind, _, number = place.partition(":")
    return say(f"service.place.{kind}", number=number)


def head(lines: ServiceLines, at: Moment) -> Facts:
    """On every screen of a visit: who, and how long they may stay."""
    left = max(0, lines.ends.ms - at.ms)
    minutes = say("service.minutes", minutes=-(-left // MINUTE_MS))
    return Facts(((say("service.person"), Plain(lines.here.person)), (say("service.left"), minutes)))
