"""What the device weighs: memory and processor time, as Linux counts them for its process; and how it starts."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.world import World

IDLE_S: Final = 3.0  # long enough for a hundred turns of the loop
SETTLE_S: Final = 1.0  # after a start or a sale, before anything is called idle
START_S: Final = 15.0
STARTS_REST_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10^6 bytes): `resident` as VmRSS, `share` as PSS (what it has with others is divided by them)."""

    resident_mb: float
    share_mb: float


def memory(pid: int) -> Memory:
    """Of a process of this user."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return Memory(_mb(told["Rss"]), _mb(told["Pss"]))


def _mb(text: str) -> float:
    return round(int(text.split(maxsplit=1)[0]) * 1_024 / 1_000_000, 1)


def idle_share(pid: int) -> float:
    """Percent of one core that the device takes while nobody does anything."""
    time.sleep(SETTLE_S)
    began, used = time.monotonic(), _used_s(pid)
    time.sleep(IDLE_S)
    return round(100 * (_used_s(pid) - used) / (time.monotonic() - began), 1)


def _used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def starts(world: World, rounds: int) -> list[float]:
    """Milliseconds from the start of the process of a paired device to its idle screen, files in the cache."""
    times = []
    for _ in range(rounds):
        world.device.stop()
        time.sleep(STARTS_REST_S)
        began_s = time.monotonic()
        world.start_device()
        times.append((world.panel.arrived("idle", began_s, START_S) - began_s) * 1_000)
    return times
