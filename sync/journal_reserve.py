"""Room kept back on the disk, so that what has begun can always be finished.

A file of its own, allocated for real (not sparse), that is given up the moment the disk is full in the middle of a
ticket. While it is gone no new ticket may begin; it is made again as soon as there is room.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

# A ticket to its end is about 12 commits of 4 pages (200 KiB), 1,000 done marks of the outbox about 12 MiB: both fit.
RESERVE_BYTES: Final = 16 * 1024 * 1024


class Room(Protocol):
    """What the diary asks of its reserve."""

    def keep(self) -> bool: ...

    def give_up(self) -> bool: ...


class Reserve:
    """`size` bytes beside the diary. Every question is answered from the disk, nothing is remembered."""

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size = size

    def whole(self) -> bool:
        try:
            return self._path.stat().st_size == self._size
        except OSError:
            return False

    def keep(self) -> bool:
        """Allocate what is missing. False when the disk has no room for it; never raises for that."""
        if self.whole():
            return True
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> bool:
        """Free the room. False when there was none to free."""
        had = self._path.exists()
        self._path.unlink(missing_ok=True)
        return had
