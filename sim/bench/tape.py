"""The tape: every decision of chance in one run, by the site that asked.

A seed makes a tape; a tape makes the same run again. Each site has a row of its own, so that a decision taken out in
one place moves no other. What a tape does not say reads 0, and 0 always means "nothing special happens": an empty tape
is a valid, boring run, and whatever a shrinker cuts away stays valid.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

Rows = Mapping[str, Sequence[int]]
DECISIONS_MAX = 200_000  # of one run; more is a run that never ends


class Tape:
    """Made by `of_seed` or `of_rows`."""

    def __init__(self, chance: random.Random | None, rows: Rows) -> None:
        self._chance = chance
        self._rows = rows
        self._told: dict[str, list[int]] = {}
        self._count = 0

    @classmethod
    def of_seed(cls, seed: int) -> Tape:
        return cls(random.Random(seed), {})  # noqa: S311 - a run is to be the same again

    @classmethod
    def of_rows(cls, rows: Rows) -> Tape:
        return cls(None, rows)

    def below(self, site: str, bound: int) -> int:
        """One of 0..bound-1, each as likely; 0 is the boring one."""
        if self._chance is not None:
            return self._tell(site, int(self._chance.random() * bound))
        return self._tell(site, self._read(site) % bound)

    def chance(self, site: str, permille: int) -> bool:
        """True `permille` times of a thousand. Nothing is written down for what can never happen."""
        if permille <= 0:
            return False
        if self._chance is not None:
            return self._tell(site, int(self._chance.random() * 1000 < permille)) == 1
        return self._tell(site, 1 if self._read(site) else 0) == 1

    def seed(self, site: str) -> int:
        """A seed for what wants random bytes and not decisions: keys, nonces, noise."""
        if self._chance is not None:
            return self._tell(site, self._chance.getrandbits(31))
        return self._tell(site, self._read(site))

    def rows(self) -> dict[str, list[int]]:
        """What was decided, without zeros at the ends: they say nothing."""
        kept: dict[str, list[int]] = {}
        for site, told in sorted(self._told.items()):
            last = max((place for place, value in enumerate(told, 1) if value), default=0)
            if last:
                kept[site] = told[:last]
        return kept

    def _read(self, site: str) -> int:
        row, place = self._rows.get(site, ()), len(self._told.get(site, ()))
        return row[place] if place < len(row) else 0

    def _tell(self, site: str, value: int) -> int:
        row = self._told.get(site)
        if row is None:
            row = self._told[site] = []
        row.append(value)
        self._count += 1
        assert self._count < DECISIONS_MAX, "a run comes to its end"
        return value


def choices(rows: Rows) -> int:
    """How many decisions are anything but boring."""
    return sum(1 for row in rows.values() for value in row if value)
