"""Torn files: what the disk may hold of a SQLite database whose last commit was cut.

A commit in WAL mode appends frames (24 bytes and one page each) to the log; nothing else is written until a checkpoint.
So the disk holds the log as it was, as it is, or any part of the new frames, with anything behind the part: nothing,
garbage, zeros, or what lay there before. SQLite's own recovery says which of these are the same store; `content` asks
the real library, on real files.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

HEADER: Final = 32  # bytes of the log's head (SQLite file format, section 4.1)
FRAME_HEAD: Final = 24
FILLS: Final = ("clean", "garbage", "zero", "stale")
SWEEP_STEP: Final = 16


@dataclass(frozen=True, slots=True)
class Written:
    """One commit on files: the database, and its log before and after."""

    database: bytes
    before: bytes
    after: bytes

    @property
    def start(self) -> int:
        """Where the new bytes begin."""
        if len(self.after) >= len(self.before) and self.after[: len(self.before)] == self.before:
            return len(self.before)
        same = next((at for at, (old, new) in enumerate(zip(self.before, self.after)) if old != new), 0)
        frame = FRAME_HEAD + self.page
        return 0 if same < HEADER else HEADER + (same - HEADER) // frame * frame

    @property
    def page(self) -> int:
        size = int.from_bytes(self.after[8:12])
        return size if size != 1 else 65_536

    @property
    def bounds(self) -> tuple[int, ...]:
        """Where a frame begins or ends, from the first new byte to the last; the log's head counts as one."""
        frame, end = FRAME_HEAD + self.page, len(self.after)
        first = [0, HEADER] if self.start == 0 else [self.start]
        return (*first, *range(first[-1] + frame, end + 1, frame))


@dataclass(frozen=True, slots=True)
class Variant:
    """`log` bytes that may be on the disk: the new ones up to `at`, then `fill`."""

    at: int
    fill: str
    log: bytes


def places(written: Written) -> tuple[int, ...]:
    """Where the commit is cut: at every bound, one byte before and after it, and in the middle between two."""
    bounds = written.bounds
    inner = {place for bound in bounds for place in (bound - 1, bound, bound + 1)}
    middles = {(one + other) // 2 for one, other in pairwise(bounds)}
    return tuple(sorted(place for place in inner | middles if bounds[0] <= place <= bounds[-1]))


def space(pieces: int) -> int:
    """How many variants a commit of so many pieces (frames, and the head of a new log) has, computed: every bound, two
    neighbours within, every middle, and each with four fills."""
    return ((pieces + 1) + 2 * pieces + pieces) * len(FILLS)


def variants(written: Written, at: tuple[int, ...] | None = None) -> Iterator[Variant]:
    """Every variant of the declared space, also those whose bytes come out equal."""
    noise = random.Random(len(written.after)).randbytes(len(written.after))  # noqa: S311 - rubbish
    older = written.before[HEADER:] or bytes(1)
    for place in places(written) if at is None else at:
        kept, rest = written.after[:place], len(written.after) - place
        for fill in FILLS:
            match fill:
                case "clean":
                    tail = written.before[place:] if len(written.before) > place else b""
                case "garbage":
                    tail = noise[:rest]
                case "zero":
                    tail = bytes(rest)
                case _:
                    tail = (written.before[place:] + older * (rest // len(older) + 1))[:rest]
            yield Variant(place, fill, kept + tail)


def swept(written: Written) -> tuple[int, ...]:
    """Every 16th byte of the commit."""
    return tuple(range(written.start, len(written.after) + 1, SWEEP_STEP))


def content(database: bytes, log: bytes, folder: Path) -> bytes:
    """The store as SQLite finds it: one file with everything whole in it. Raises sqlite3.DatabaseError for damage."""
    path = folder / "torn.db"
    path.write_bytes(database)
    path.with_name("torn.db-wal").write_bytes(log)
    path.with_name("torn.db-shm").unlink(missing_ok=True)
    base = sqlite3.connect(path, isolation_level=None)
    try:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        base.close()
    return path.read_bytes()
