"""One town for all these tests: its people and servers are expensive, its terminals are not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.town import Town
from tests.crash.town import town as open_town

# A killed program leaves the same files in memory, and nobody waits for a disk. A container may give too little of it.
MEMORY = Path("/dev/shm")
ROOM_BYTES = 512 * 1024 * 1024


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a terminal keeps its journal. What a power cut takes is modelled by copies, so no real disk is needed."""
    with _folder() as made:
        yield Path(made)


@pytest.fixture(scope="package")
def town() -> Iterator[Town]:
    with _folder() as made, open_town(Path(made)) as opened:
        yield opened


def _folder() -> tempfile.TemporaryDirectory[str]:
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return tempfile.TemporaryDirectory(prefix="crash-", dir=MEMORY if roomy else None)
