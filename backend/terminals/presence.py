"""Presence: what the window onto the terminals shows of one of them. Never a reason to move or to hold back money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Life(Enum):
    """`UNKNOWN` is what is said without a broker, and of a terminal nobody has heard of since the server's start."""

    ONLINE = "online"
    OFFLINE = "offline"
    STUCK = "stuck"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Presence:
    """`heard_at` RFC 3339 or "" (not heard since the start); `vitals` of its last heartbeat as it told them, bounded;
    `devices` health by role; `fault` the code of the last fault it told."""

    state: Life = Life.UNKNOWN
    heard_at: str = ""
    vitals: Mapping[str, str | int | bool] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


Look = Callable[[str], Presence]


def nobody_looks(terminal: str) -> Presence:
    """The presence of every terminal where no broker is configured."""
    return Presence()
