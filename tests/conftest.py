"""What every test shares: how hypothesis plays, and a process without a screen, a sound card or colours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import HealthCheck, Verbosity, settings

# Set before any test imports pygame, which reads them once.
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("NO_COLOR", "1")

# `ci` plays the same examples every time, so that a red run is red again on the next machine; no deadline, because
# a busy machine is not a wrong program. `search` looks for new examples: HYPOTHESIS_PROFILE=search ./tillmark test
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, database=None)
settings.register_profile(
    "search",
    deadline=None,
    max_examples=2_000,
    verbosity=Verbosity.normal,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@cache
def _may_trace_and_mount() -> bool:
    """Whether this machine lets a test fail a real fsync and fill a real disk; a container often does not."""
    strace = shutil.which("strace")
    if strace is None or os.geteuid() != 0:
        return False
    traced = subprocess.run(
        [strace, "-o", os.devnull, sys.executable, "-c", ""], capture_output=True, check=False, timeout=20
    )
    mounted = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return traced.returncode == 0 and mounted.returncode == 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave privileged tests out where they cannot run, and count them as deselected for everyone to see."""
    privileged = [item for item in items if item.get_closest_marker("privileged")]
    if privileged and not _may_trace_and_mount():
        config.hook.pytest_deselected(items=privileged)
        items[:] = [item for item in items if item not in privileged]
