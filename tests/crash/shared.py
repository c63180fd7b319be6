"""What the tests and the servers they kill share: one page of memory in a file.

The time (moved by hand, never by itself), and for each server how many commits it has made and at which it must die.
It outlives every death, as nothing inside a killed program does.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Final

from core.moment import Moment

NAMES: Final = ("exchange", "agency")
SIZE: Final = 4096
START: Final = Moment.parse("2026-03-01T09:30:00.000Z")
_CLOCK, _HOUSE, _FIRST, _EACH = 0, 1, 8, 8
_COMMITS, _AT, _SIDE, _UP, _DEATHS = range(5)
SIDES: Final = ("before", "after")


class Shared:
    """Numbers of 64 bits in a file that every program maps."""

    def __init__(self, path: Path) -> None:
        made = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, SIZE)
        self._map = mmap.mmap(descriptor, SIZE)
        os.close(descriptor)
        self._words = memoryview(self._map).cast("q")
        if made:
            self._words[_CLOCK] = START.ms

    def close(self) -> None:
        self._words.release()
        self._map.close()

    # -- time -----------------------------------------------------------------------------------------

    def now(self) -> Moment:
        return Moment(self._words[_CLOCK])

    def forward(self, ms: int) -> None:
        self._words[_CLOCK] += ms

    @property
    def keeps_house(self) -> bool:
        """Whether a server that starts now also sweeps and chases by itself. Off while commits are counted."""
        return bool(self._words[_HOUSE])

    @keeps_house.setter
    def keeps_house(self, wanted: bool) -> None:
        self._words[_HOUSE] = wanted

    # -- one server ------------------------------------------------------------------------------------

    def _place(self, name: str) -> int:
        return _FIRST + NAMES.index(name) * _EACH

    def commits(self, name: str) -> int:
        return self._words[self._place(name) + _COMMITS]

    def deaths(self, name: str) -> int:
        return self._words[self._place(name) + _DEATHS]

    def arm(self, name: str, at: int = 0, side: str = "before") -> None:
        """Count commits from here; die before or after commit number `at` (0: never)."""
        place = self._place(name)
        self._words[place + _COMMITS] = 0
        self._words[place + _SIDE] = SIDES.index(side)
        self._words[place + _AT] = at

    def up(self, name: str) -> bool:
        return bool(self._words[self._place(name) + _UP])

    def say_up(self, name: str, up: bool) -> None:
        self._words[self._place(name) + _UP] = up

    def must_die(self, name: str, side: str) -> bool:
        """Called around a commit, by the server that makes it; "before" counts it."""
        place = self._place(name)
        if side == "before":
            self._words[place + _COMMITS] += 1
        at = self._words[place + _AT]
        due = at == self._words[place + _COMMITS] and self._words[place + _SIDE] == SIDES.index(side)
        if at and due:
            self._words[place + _AT] = 0
            self._words[place + _DEATHS] += 1
            self._words[place + _UP] = 0
        return bool(at) and due
