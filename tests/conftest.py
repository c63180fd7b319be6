"""What every test shares: how hypothesis plays, and a process without a screen, a sound card or colours."""

from __future__ import annotations

import os

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
