"""A yardstick in the same run: a bare round trip to the exchange, and one sync of the disk.

They say how fast this machine was just then. When they are slow, so is everything else.
"""

from __future__ import annotations

import http.client
import os
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

ROUNDS: Final = 50
BLOCK: Final = bytes(4_096)


def round_trips(url: str) -> list[float]:
    """Milliseconds for a request without signature, store or meaning, over one open connection."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    times = []
    try:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            line.request("GET", "/livez")
            line.getresponse().read()
            times.append((time.perf_counter() - began) * 1_000)
    finally:
        line.close()
    return times


def syncs(folder: Path) -> list[float]:
    """Milliseconds for a block written and synced, where the device keeps its diary."""
    path = folder / "yardstick"
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    times = []
    try:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            os.write(file, BLOCK)
            os.fsync(file)
            times.append((time.perf_counter() - began) * 1_000)
    finally:
        os.close(file)
        path.unlink()
    return times
