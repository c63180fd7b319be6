"""The catalogue of refusals and faults: one stable code each, one page each in `docs/faults.md`.

A *refusal* is a named no (the code was used before, the price is stale). A *fault* is a device or line
that cannot do its work (no paper, no answer). Both are values. A code never changes its meaning and is
never used again for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RetrySafe(Enum):
    """May the same thing be asked for again without harm?"""

    YES = "yes"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the catalogue.

    `code` ``TM-AREA-nnn``. `name` a short snake_case name used by programs. `meaning` what happened.
    `customer` and `customer_ko` what a customer is told, money first. `technician` what to do about it.
    """

    code: str
    name: str
    meaning: str
    customer: str
    customer_ko: str
    technician: str
    retry_safe: RetrySafe = RetrySafe.YES


@dataclass(frozen=True, slots=True)
class Refusal:
    """A named no as it travels: the catalogue code and a plain sentence for logs. Never a secret in it."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.detail}".rstrip()
