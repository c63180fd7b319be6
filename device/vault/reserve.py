"""Room kept back on the disk of the cash ledger, so that what has begun is always written to its end.

A file of its own beside the ledger, allocated for real. It is given up when the disk is full in the middle of a
withdrawal; while it is gone no new one begins, and it is made again as soon as there is room. The journal of the
terminal has the same habit in a room that the cash side must not know.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

FILE: Final = "vault.reserve"
# A withdrawal of 200 notes, each proven by a commit of two pages of 4 KiB, and a dozen commits around them: 2 MiB.
RESERVE_BYTES: Final = 4 << 20


class Reserve:
    """`size` bytes in `folder`. Every question is answered from the disk, nothing is remembered."""

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._path = folder / FILE
        self._size = size

    def keep(self) -> bool:
        """Is it there, or can it be made now? Never raises for a full disk."""
        try:
            if self._path.stat().st_size == self._size:
                return True
        except FileNotFoundError:
            pass
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> bool:
        """Free the room. False when there was none to free."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
