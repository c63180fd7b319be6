"""The events of a technician's visit at a machine that pays cash (`core.events` gathers them with the others)."""

from __future__ import annotations

from dataclasses import dataclass

from core.grant import Right
from core.secret import secret
from core.vault_talk import Challenge, Served


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A technician's grant was read: what it says of itself. Whether it holds is the cash side's to say."""

    person: str
    rights: tuple[Right, ...]
    challenge: str
    life_ms: int
    text: str = secret()


@dataclass(frozen=True, slots=True)
class ChallengeGiven:
    answers: str
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class ServiceDone:
    """The cash side has booked a service act, or keeps the first of two counts."""

    answers: str
    served: Served
